"""Whether a message between stages makes sense to the one that receives it.

The seal already tells ours from foreign. What is left are messages of a worker that ran under other
settings or with other numbers of partitions, and numbers that no stage writes: either would end in
an error for ever, or in a wrong sum that nobody sees. The times and hashes of single outcomes are
not looked at: under the right seal only a bug of ours can spoil them, and looking at each would
cost more than reading them.
"""

from collections.abc import Collection
from datetime import timedelta
from itertools import chain
from math import isfinite, isnan
from operator import attrgetter
from typing import Final

from detectors.basis.event_time import BEGINNING, Seconds, day_of, seconds_at
from detectors.basis.identifiers import PatternName
from detectors.facts.claims import CORRECTED_FIELDS
from detectors.messages.cell_columns import (
    DAY_TOTALS,
    DayTotals,
    KnownTotals,
    are_finite,
    are_numbers,
    integers,
)
from detectors.messages.disputes import Dispute
from detectors.messages.mentions import MentionBundle
from detectors.messages.outcomes import DayReport, DayReview, OutcomeBundle
from detectors.messages.seen import DAYS_TOLD, Seen
from detectors.settings import Settings

_MARGIN: Final = timedelta(days=36_525).total_seconds()
"""A century: windows end after the last credible event, and silence lets time go on."""

_pattern: Final = attrgetter("pattern")
_COMMISSION: Final = frozenset({PatternName("commission")})
_NONE: Final = frozenset[PatternName]()
_NO_NUMBERS: Final = "the totals of a cell are no numbers"


class Sense:
    """What the stages of one installation can say to each other.

    Parameters
    ----------
    settings
        All settings.
    ledger_partitions, agents_partitions
        How many partitions the two stages have. To the agents, the partitions of the keys are
        ledgers as well.
    """

    def __init__(
        self, settings: Settings, *, ledger_partitions: int = 1, agents_partitions: int = 1
    ) -> None:
        patterns, limits = settings.patterns, settings.limits
        self._of_sales: Final = {pattern.name for pattern in patterns.on_sales()}
        self._of_agents: Final = {
            *(pattern.name for pattern in patterns.enabled()),
            *(tier.name for tier in patterns.early_tiers()),
        }
        self._kinds: Final = frozenset(settings.groups.kinds)
        # What is told of commissions counts as of a pattern that is on or off.
        self._unpaid: Final = _NONE if settings.commission.is_on else _COMMISSION
        self._keys: Final = {pattern.key for pattern in patterns.across_accounts()}
        self._ledgers: Final = range(ledger_partitions)
        self._agents: Final = range(agents_partitions)
        self._first: Final = Seconds(seconds_at(limits.earliest_event) - _MARGIN)
        self._last: Final = Seconds(seconds_at(limits.latest_event) + _MARGIN)
        self._days: Final = range(day_of(self._first), day_of(self._last) + 1)

    def bundle(self, bundle: OutcomeBundle) -> str:
        """Return what makes no sense in a bundle of outcomes."""
        if bundle.ledger_partition not in self._ledgers:
            return f"there is no ledger partition {bundle.ledger_partition}"
        if not (bundle.watermark == BEGINNING or self._is_time(bundle.watermark)):
            return f"the watermark is {bundle.watermark}"
        unknown = set(map(_pattern, (*bundle.outcomes, *bundle.findings))) - self._of_sales
        unknown |= self._unpaid if bundle.commissions else _NONE
        for sales in bundle.days.values():
            unknown |= sales.ended.keys() - self._of_sales
        for outcomes in bundle.groups.values():
            unknown |= set(map(_pattern, outcomes)) - self._of_sales
        if unknown:
            return _unknown(unknown)
        for hole in bundle.holes:
            bounds = (hole.since, hole.until)
            if not all(bound is None or self._is_time(bound) for bound in bounds):
                return f"a hole reaches from {hole.since} to {hole.until}"
        days = (*bundle.days, *bundle.seen, *(one.since for one in bundle.started))
        absurd = [day for day in days if day not in self._days]
        if absurd:
            return f"there is no day {absurd[0]}"
        is_whole = all(map(_is_seen, chain.from_iterable(bundle.seen.values())))
        is_whole = is_whole and all(map(self._is_dispute, bundle.disputes))
        return "" if is_whole else "what it saw is cut short"

    def mentions(self, bundle: MentionBundle) -> str:
        """Return what makes no sense in a bundle of mentions."""
        if bundle.ledger_partition not in self._ledgers:
            return f"there is no ledger partition {bundle.ledger_partition}"
        if not (bundle.watermark == BEGINNING or self._is_time(bundle.watermark)):
            return f"the watermark is {bundle.watermark}"
        told = (bundle.mentions, bundle.touches, bundle.staff)
        unknown = {one.field for some in told for one in some} - self._keys
        if unknown:
            return f"no enabled pattern looks across accounts by {min(unknown)[:40]!r}"
        return ""

    def report(self, report: DayReport) -> str:
        """Return what makes no sense in the report of a day, of agents and of groups."""
        faults = map(self._one_report, (report, *report.groups.values()))
        return next(filter(None, faults), "")

    def _one_report(self, report: DayReport) -> str:
        if report.agents_partition not in self._agents:
            return f"there is no agents partition {report.agents_partition}"
        if report.day not in self._days:
            return f"there is no day {report.day}"
        unknown = {*report.totals, *report.forgotten, *report.dispersion} - self._of_agents
        unknown |= self._unpaid if report.critical else _NONE
        if unknown:
            return _unknown(unknown)
        if not all(map(isfinite, report.evidence)) or report.hypotheses < len(report.evidence):
            return "its evidence is none"
        kinds = {kind for groups in report.within.values() for kind in groups}
        if not (report.within.keys() <= self._of_agents and kinds <= self._kinds):
            return "it is about groups that are not judged: a worker with other settings wrote it"
        return _columns(report)

    def review(self, review: DayReview) -> str:
        """Return what makes no sense in the review of a day, of agents and of groups."""
        # The stage looks for the review of each kind of groups that the settings ask for.
        if review.groups.keys() != self._kinds:
            told = ", ".join(sorted(review.groups)) or "no groups"
            return f"it is about {told}: a worker with other settings wrote it"
        faults = map(self._one_review, (review, *review.groups.values()))
        return next(filter(None, faults), "")

    def _one_review(self, review: DayReview) -> str:
        if review.day not in self._days:
            return f"there is no day {review.day}"
        unknown = {*review.known, *review.spread, *review.within} - self._of_agents
        unknown |= self._unpaid if review.critical else _NONE
        if unknown:
            return _unknown(unknown)
        if isnan(review.discovery_threshold):
            return "the threshold of discoveries is no number"
        for spread in review.spread.values():
            if not (0.0 < spread.between_agent_sd < float("inf") and 0.0 < spread.tempering <= 1.0):
                return f"the spread is {spread}"
        if not all(map(_is_known, review.known.values())):
            return _NO_NUMBERS
        return self._members(review)

    def _members(self, review: DayReview) -> str:
        for groups in review.within.values():
            if not groups.keys() <= self._kinds:
                return "it is about members of groups that are not judged"
            if not all(isfinite(one.expected) for told in groups.values() for one in told.values()):
                return _NO_NUMBERS
        return ""

    def _is_dispute(self, one: Dispute) -> bool:
        fields = range(1 << len(CORRECTED_FIELDS))
        is_known = self._is_time(one.opened_at) and self._is_time(one.known_at)
        return bool(
            is_known and one.event_ids and one.contested in fields and one.corrected in fields
        )

    def _is_time(self, at: Seconds) -> bool:
        return self._first <= at <= self._last  # false of what is no number


def _unknown(names: Collection[PatternName]) -> str:
    shown = ", ".join(repr(name[:40]) for name in sorted(names)[:3])
    return f"no enabled pattern is called {shown}: a worker with other settings wrote it"


def _is_seen(seen: Seen) -> bool:
    """Return whether there are as many counts as days, and all of them are counts."""
    counts = (seen.sold, *seen.used, *seen.cancelled)
    return len(seen.used) == len(seen.cancelled) == DAYS_TOLD and min(counts) >= 0


def _columns(report: DayReport) -> str:
    if not all(map(_is_whole, report.totals.values())):
        return "the columns of its totals are cut short"
    if not all(are_finite(past.cells, past.numbers) for past in report.forgotten.values()):
        return _NO_NUMBERS
    if not report.newcomers.is_whole():
        return "the keys of its newcomers are cut short"
    if not all(one.is_whole() for groups in report.within.values() for one in groups.values()):
        return "the rows of its groups are cut short"
    return ""


def _is_whole(totals: DayTotals) -> bool:
    """Return whether there are as many numbers as the cells, and then the random keys, need."""
    cells, keys_of = len(totals.cells), totals.keys_of
    if not (are_numbers(totals.numbers, cells * DAY_TOTALS) and len(set(totals.cells)) == cells):
        return False
    if not keys_of:
        return not totals.random_keys
    if not are_numbers(keys_of, cells):
        return False
    numbers = integers(keys_of)
    # Not the sum alone: it may overflow.
    most = len(totals.random_keys)
    return bool(((numbers >= 0) & (numbers <= most)).all()) and are_numbers(
        totals.random_keys, int(numbers.sum())
    )


def _is_known(known: KnownTotals) -> bool:
    """Return whether the totals of the cells, and their cut-offs if any, are numbers."""
    cells = known.cells
    return (
        are_finite(cells, known.peers)
        and (not known.everybody or are_finite(cells, known.everybody))
        and (not known.null_cutoffs or are_numbers(known.null_cutoffs, len(cells)))
    )
