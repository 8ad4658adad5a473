"""Finds one alert, commission or commendation in the events, by its id."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Final

from msgspec import Struct, field

from detectors.agents.alerting.judgement import Judgement
from detectors.alerts.alert import Alert
from detectors.alerts.commendation import Commendation
from detectors.basis.event_time import Seconds
from detectors.basis.identifiers import GROUP_KINDS
from detectors.commission.action import CommissionAction
from detectors.settings import Settings
from detectors.sight.stretch import Stretch
from streams.errors import AlertNotFound
from streams.explain.commissions.course import Cover, cover_of
from streams.files.detection import Detection
from streams.files.events import Block, Origin
from streams.wire.dead_letter import DeadLetter

FIRST_TITLE: Final = "Looking for it in the events"
"""Title of the first pass over the files, which each later one repeats."""


class Source(Struct, frozen=True):
    """The events and how they are judged.

    ``blocks`` opens the files once more, under a title for whoever waits, and yields their lines.
    """

    settings: Settings
    until: datetime | None
    blocks: Callable[[str], AbstractContextManager[Iterator[Block]]]


class FoundAlert(Struct, frozen=True):
    """All revisions of an alert, the watermark at the end, and the origins of refused records.

    ``unseen`` is when something could not be seen, as of the end.
    """

    revisions: list[Alert]
    watermark: Seconds
    refused: set[Origin]
    unseen: list[Stretch] = field(default_factory=list)

    @property
    def latest(self) -> Alert:
        """The last revision."""
        return self.revisions[-1]

    def subject(self, settings: Settings) -> str:
        """Return in words what the alert is about."""
        if self.latest.pattern in settings.profiles:
            return "a profile"
        kind = self.latest.subject.type
        return f"a {kind}" if kind in GROUP_KINDS else f"an {kind}"


class FoundCommission(Struct, frozen=True):
    """All that was told of the commission of a sale, and of critical alerts about agents."""

    revisions: list[CommissionAction]
    covers: list[Cover]
    watermark: Seconds
    refused: set[Origin]
    unseen: list[Stretch] = field(default_factory=list)

    @property
    def latest(self) -> CommissionAction:
        """The last revision."""
        return self.revisions[-1]


class FoundCommendation(Struct, frozen=True):
    """All revisions of a commendation, and the watermark at the end."""

    revisions: list[Commendation]
    watermark: Seconds

    @property
    def latest(self) -> Commendation:
        """The last revision."""
        return self.revisions[-1]


Found = FoundAlert | FoundCommission | FoundCommendation


def find_alert(source: Source, alert_id: str, seen: list[Judgement] | None = None) -> FoundAlert:
    """Return the alert of this id, as the events give it; every judgement is added to `seen`.

    Raises
    ------
    AlertNotFound
        If they give no such alert.
    """
    found = _found(source, alert_id, seen)
    if not isinstance(found, FoundAlert):
        raise AlertNotFound(f"{alert_id} is the id of no alert")
    return found


def find(source: Source, any_id: str) -> Found:
    """Return what has this id: an alert, what was told of a commission, or a commendation.

    Raises
    ------
    AlertNotFound
        If the events give nothing of this id.
    """
    return _found(source, any_id, None)


def _found(source: Source, any_id: str, seen: list[Judgement] | None) -> Found:
    revisions, told, covers = list[Alert](), list[CommissionAction](), list[Cover]()
    refused, others = set[Origin](), set[str]()

    def refuse(letter: DeadLetter) -> None:
        refused.add(Origin(letter.source, letter.line or 0))

    def pay(action: CommissionAction) -> None:
        if action.commission_id == any_id:
            told.append(action)

    detection = Detection(source.settings, source.until, refuse, seen, pay=pay)
    with source.blocks(FIRST_TITLE) as blocks:
        for alerts in detection.alerts(blocks):
            for alert in alerts:
                if alert.alert_id == any_id:
                    revisions.append(alert)
                else:
                    others.add(alert.alert_id)
                covers += filter(None, [cover_of(alert)])
    if revisions:
        return FoundAlert(revisions, detection.watermark, refused, detection.unseen())
    if told:
        return FoundCommission(told, covers, detection.watermark, refused, detection.unseen())
    commended = [one for one in detection.commendations() if one.commendation_id == any_id]
    if commended:
        return FoundCommendation(commended, detection.watermark)
    raise AlertNotFound(
        f"no alert {any_id} among the {len(others):,} that these events give, nor a commission or "
        "commendation of this id; name the files, --config and --until that it was found with"
    )
