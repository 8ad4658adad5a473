"""The other open alerts about the same subject, as one of its alerts names them."""

from collections.abc import Iterable, Mapping
from typing import Final, Protocol

import msgspec

from detectors.alerts.alert import Alert, OtherAlert
from detectors.alerts.wording import other_alerts_sentence
from detectors.basis.identifiers import AgentId, PatternName
from detectors.cases.case import SEVERITIES, CaseAlert

_RANK: Final = {severity: rank for rank, severity in enumerate(SEVERITIES)}


class NamesSales(Protocol):
    """Knows the sales that count against somebody in a pattern."""

    def bad_sales(self, agent_id: AgentId) -> frozenset[str]:
        """Return the ids of their events."""


def with_other_alerts(
    alert: Alert, known: Iterable[CaseAlert], tiers: Mapping[PatternName, NamesSales]
) -> Alert:
    """Return an alert that names the other open ones about its subject.

    Parameters
    ----------
    alert
        A revision of the day that was judged.
    known
        The revisions of all alerts about the subject, in the order in which they were told, with
        those of the same day.
    tiers
        By pattern what counts against the subject at the end of the day; of others, such as those
        of the early tier, no sale is named.
    """
    latest = {one.alert_id: one for one in known if one.alert_id != alert.alert_id}
    others = [one for one in latest.values() if one.status == "open"]
    if not others:  # nearly always
        return alert
    others.sort(key=lambda one: (-_RANK[one.severity], one.opened_at, one.alert_id))
    named, subject = frozenset(alert.event_ids), AgentId(alert.subject.id)
    told = tuple(
        OtherAlert(
            one.alert_id,
            one.pattern,
            one.severity,
            one.opened_at,
            _in_common(named, tiers.get(one.pattern), subject) or msgspec.UNSET,
        )
        for one in others
    )
    summary = f"{alert.summary} {other_alerts_sentence(told)}"
    return msgspec.structs.replace(alert, summary=summary, other_alerts=told)


def _in_common(named: frozenset[str], tier: NamesSales | None, subject: AgentId) -> int:
    return 0 if tier is None else len(named & tier.bad_sales(subject))
