"""Agents' alerts name those of their groups."""

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from detectors.alerts.alert import Alert
from detectors.alerts.wording import group_alerts_sentence
from detectors.basis.identifiers import GroupKind
from detectors.messages.outcomes import DayReview


def with_group_alerts(
    alerts: Iterable[Alert], reviews: Mapping[GroupKind, DayReview]
) -> list[Alert]:
    """Return agents' alerts, each with those that were open about their site and team.

    As of the last review, which all partitions know alike, wherever a group is judged.
    """
    return [_with_group_alerts(alert, reviews) for alert in alerts]


def _with_group_alerts(alert: Alert, reviews: Mapping[GroupKind, DayReview]) -> Alert:
    groups: Sequence[tuple[GroupKind, str | None]] = (("site", alert.site), ("team", alert.team))
    found = {
        kind: reviews[kind].open_alerts[name]
        for kind, name in groups
        if name is not None and kind in reviews and name in reviews[kind].open_alerts
    }
    if not found or alert.status != "open":  # nearly always
        return alert
    return msgspec.structs.replace(
        alert,
        summary=f"{alert.summary} {group_alerts_sentence([*found])}",
        group_alerts=tuple(alert_id for ids in found.values() for alert_id in ids.values()),
    )
