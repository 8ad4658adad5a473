"""Which patterns rest on what was not seen of which kind of event."""

from collections.abc import Mapping
from typing import Final

from detectors.basis.identifiers import PatternName
from detectors.facts.questions import CANCELLATIONS, USES
from detectors.patterns import SalePattern
from detectors.settings import Settings
from detectors.sight.stretch import IN_PART, Kind

NOTHING: Final = frozenset[Kind]()


def rests_on(pattern: SalePattern) -> frozenset[Kind]:
    """Return the kinds of events from whose absence a pattern tells something.

    Whatever it asks for: that an account was not used is no finding where cancellations cannot be
    seen, for whoever cancelled does not use it.
    """
    asked: set[Kind] = set()
    if USES in pattern.questions:
        asked.add("account_activity")
    if CANCELLATIONS in pattern.questions:
        asked.add("cancellation")
    return frozenset(asked)


def in_detail(kinds: frozenset[Kind]) -> frozenset[Kind]:
    """Return of what kinds of events no part may be missing, where one account is told of.

    A rate is compared with that of others, who lose as much. One account is compared with nothing.
    """
    return kinds | {IN_PART} if "account_activity" in kinds else kinds


def of_account(pattern: SalePattern) -> frozenset[Kind]:
    """Return on what kinds of events a finding about an account rests, by their absence.

    What is certain at once rests on what was seen, whatever else was not.
    """
    return NOTHING if pattern.tells_at_once else in_detail(rests_on(pattern))


def kinds_of(settings: Settings) -> Mapping[PatternName, frozenset[Kind]]:
    """Return what all enabled patterns rest on, and what is derived from them."""
    kinds = {pattern.name: rests_on(pattern) for pattern in settings.patterns.on_sales()}
    bursts = settings.patterns.bursts()
    if bursts is not None:
        kinds[bursts.name] = kinds[bursts.source]
    for early in settings.patterns.early_tiers():
        kinds[early.name] = kinds[early.source]
    return kinds
