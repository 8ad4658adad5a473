"""Alerts about a shift: told to be looked at, and nothing more."""

from typing import Final

from msgspec import Struct

from detectors.alerts.alert import Alert, Evidence, Status, Subject
from detectors.basis.content_id import content_id
from detectors.basis.event_time import day_name, moment, start_of_day
from detectors.messages.outcomes import AgentId, ShadowCount

VOLUME_SHIFT: Final = "volume_shift"
AMOUNT_SHIFT: Final = "amount_shift"

_VERSION: Final = 1

_PEERS: Final = {
    VOLUME_SHIFT: "all other sellers at work on the same day",
    AMOUNT_SHIFT: "all other sellers on the same day, by the first field of their cell",
}
_CHANGES: Final = {
    VOLUME_SHIFT: "sells {way}about {ratio} times as many a day as before, measured against "
    "colleagues at work",
    AMOUNT_SHIFT: "sells {way}at about {ratio} times the amount as before, measured against "
    "colleagues' sales of the same kind and day",
}
_WAYS: Final = {VOLUME_SHIFT: ("more, ", "less, "), AMOUNT_SHIFT: ("for more, ", "for less, ")}
_UNCLEAR: Final = " The change may have begun on another day: since then there is none to see."


class ShiftCase(Struct):
    """A shift that was told. ``opened_on``, ``seen_on`` (the latest) and ``since`` are days.

    ``ratio`` is the level since the latest as a multiple of that before, ``days`` the number of
    days with a value since then when it was seen.
    """

    opened_on: int
    seen_on: int
    since: int
    days: int
    ratio: float
    revision: int = 1


class ShiftAlerts:
    """Writes the revisions of the alerts about one series, `VOLUME_SHIFT` or `AMOUNT_SHIFT`."""

    def __init__(self, name: str, config_hash: str) -> None:
        self._name: Final = name
        self._config_hash: Final = config_hash

    def revision(
        self,
        agent_id: AgentId,
        day: int,
        case: ShiftCase,
        status: Status,
        null: ShadowCount | None,
    ) -> Alert:
        """Give the revision that `case` has come to at the end of `day`."""
        name = self._name
        change, remark = _change(name, case.ratio)
        return Alert(
            alert_id=content_id(name, "agent", agent_id, day_name(case.opened_on)),
            revision=case.revision,
            status=status,
            pattern=name,
            pattern_version=_VERSION,
            severity="info",
            subject=Subject("agent", agent_id),
            agent_id=agent_id,
            opened_at=moment(start_of_day(case.opened_on + 1)),
            updated_at=moment(start_of_day(day + 1)),
            summary=f"Agent {agent_id}: since about {day_name(case.since)}, {change}.{remark} "
            "A change to look at, not a finding.",
            evidence=Evidence(
                window="",
                matured=0,
                pending=0,
                observed=case.days,
                peers=_PEERS[name],
                likely_start=day_name(case.since),
                null_alarms=None if null is None else null.alarms,
                null_agent_years=None if null is None else float(f"{null.agent_days / 365:.6g}"),
            ),
            event_ids=(),
            config_hash=self._config_hash,
        )


def _change(name: str, ratio: float) -> tuple[str, str]:
    """Say how much has changed, and which way by the figure that is read; and what is unclear.

    ADWIN sees a change in all values it keeps. The ratio is that of the values since the likely
    start, and if that day is wrong it may show less of a change, or none.
    """
    told = f"{ratio:.2f}"
    more, less = _WAYS[name]
    way, remark = "", _UNCLEAR
    if told != "1.00":
        way, remark = (more if ratio > 1.0 else less), ""
    return _CHANGES[name].format(way=way, ratio=told), remark
