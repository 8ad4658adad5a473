"""Which new evidence opens a case again that people had put aside. Never the same facts."""

from collections.abc import Iterable, Mapping
from typing import Final

from msgspec import Struct

from detectors.alerts.alert import Severity
from detectors.basis.identifiers import PatternName
from detectors.cases.case import SEVERITIES, CaseAlert, Waking

RANK: Final[Mapping[Severity, int]] = {severity: n for n, severity in enumerate(SEVERITIES)}


class KnownFacts(Struct, frozen=True):
    """What was known when people put a case aside: the alerts, how bad, how many bad outcomes."""

    alert_ids: frozenset[str]
    severity: int
    observed: Mapping[PatternName, int]


def known_facts(alerts: Iterable[CaseAlert]) -> KnownFacts:
    """Return what these revisions tell; alerts that were withdrawn tell nothing."""
    told = [alert for alert in alerts if alert.status != "withdrawn"]
    observed: dict[PatternName, int] = {}
    for alert in told:
        observed[alert.pattern] = max(alert.observed, observed.get(alert.pattern, 0))
    return KnownFacts(
        frozenset(alert.alert_id for alert in told),
        max((RANK[alert.severity] for alert in told), default=-1),
        observed,
    )


def waking(known: KnownFacts, alert: CaseAlert) -> Waking | None:
    """Return why an open revision is news to whoever knew these facts, None if it is none."""
    if alert.status != "open":
        return None
    if alert.pattern not in known.observed:
        return "another_pattern"
    if RANK[alert.severity] > known.severity:
        return "more_severe"
    if alert.alert_id not in known.alert_ids:
        return "new_alert"
    # One at least: twice no bad outcome is none.
    if alert.observed >= max(1, 2 * known.observed[alert.pattern]):
        return "doubled"
    return None
