"""Finds one alert in the events, and recomputes it by what it is about.

The pipeline runs over the files to find the alert, and a second time to collect its subject's
outcomes, so that memory does not grow with the number of agents.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Final, Protocol

from msgspec import Struct, field
from rich.console import Console

from detectors.agents.alerting.judgement import Judgement
from detectors.alerts.alert import Alert, Subject
from detectors.basis.event_time import Seconds, day_of
from detectors.basis.identifiers import GROUP_KINDS, AccountId, AgentId
from detectors.messages.disputes import CONTESTED_SALE
from detectors.profiles.numbers import NUMBERS
from detectors.settings import Settings
from detectors.sight.stretch import Stretch
from streams.errors import AlertNotFound
from streams.explain.accounts.account import AccountExplanation, account_events
from streams.explain.accounts.contest import ContestExplanation
from streams.explain.agent import AgentExplanation
from streams.explain.chart import opened_at_end_of, reported_at_end_of
from streams.explain.course import Corrected
from streams.explain.evidence import Judged
from streams.explain.profile import ProfileExplanation, sold_days
from streams.files.detection import Detection
from streams.files.events import Block, Origin
from streams.wire.dead_letter import DeadLetter

FIRST_TITLE: Final = "Looking for the alert"
"""Title of the first pass over the files, which each later one repeats."""


class AlertExplanation(Protocol):
    """An alert beside what the events say."""

    def agrees(self) -> bool:
        """Return whether both say the same."""

    def print(self, console: Console) -> None:
        """Show why."""


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


def find_alert(source: Source, alert_id: str, seen: list[Judgement] | None = None) -> FoundAlert:
    """Return the alert of this id, as the events give it; every judgement is added to `seen`.

    Raises
    ------
    AlertNotFound
        If they give no such alert.
    """
    revisions: list[Alert] = []
    refused: set[Origin] = set()
    others: set[str] = set()

    def refuse(letter: DeadLetter) -> None:
        refused.add(Origin(letter.source, letter.line or 0))

    detection = Detection(source.settings, source.until, refuse, seen)
    with source.blocks(FIRST_TITLE) as blocks:
        for alerts in detection.alerts(blocks):
            for alert in alerts:
                if alert.alert_id == alert_id:
                    revisions.append(alert)
                else:
                    others.add(alert.alert_id)
    if not revisions:
        raise AlertNotFound(
            f"no alert {alert_id} among the {len(others):,} that these events give; name the "
            "files, --config and --until that it was found with"
        )
    return FoundAlert(revisions, detection.watermark, refused, detection.unseen())


def explanation_of(source: Source, found: FoundAlert) -> AlertExplanation:
    """Recompute an alert about a profile, an agent, a site, a team or an account."""
    match found.subject(source.settings):
        case "a profile":
            return _of_profile(source, found)
        case "an agent" | "a site" | "a team":
            return _of_agent(source, found)
        case _:
            return _of_account(source, found)


def _of_account(source: Source, found: FoundAlert) -> AccountExplanation | ContestExplanation:
    account_id = AccountId(found.latest.subject.id)
    with source.blocks("Reading the account's events") as blocks:
        events = account_events(source.settings, source.until, blocks, account_id, found.refused)
    if found.latest.pattern == CONTESTED_SALE:
        return ContestExplanation(source.settings, found.revisions, events, found.watermark)
    return AccountExplanation(
        source.settings, found.revisions, events, found.watermark, found.unseen
    )


def _of_agent(source: Source, found: FoundAlert) -> AgentExplanation:
    settings, revisions = source.settings, found.revisions
    subject, pattern = revisions[0].subject, revisions[0].pattern
    judgements = JudgementsOf(subject, pattern)
    detection = Detection(settings, source.until, _ignore, judgements)
    with source.blocks(f"Collecting the {subject.type}'s outcomes") as blocks:
        told = [
            alert
            for alerts in detection.alerts(blocks)
            for alert in alerts
            if (alert.subject, alert.pattern) == (subject, pattern)
        ]
    opened = {opened_at_end_of(alert) for alert in told}
    struck = {reported_at_end_of(alert) for alert in told if alert.withdrawal == "common_cause"}
    ended = {day for one, name, day in detection.ended() if (one, name) == (subject, pattern)}
    judged, corrected = outcomes_among(judgements), list(corrections_among(judgements))
    last_day = day_of(found.watermark) - 1
    return AgentExplanation(settings, revisions, judged, corrected, last_day, opened, ended, struck)


def _of_profile(source: Source, found: FoundAlert) -> ProfileExplanation:
    settings, latest = source.settings, found.latest
    number = NUMBERS[settings.profiles[latest.pattern].watches]
    with source.blocks("Collecting what was sold") as blocks:
        days = sold_days(settings, source.until, blocks, number, AgentId(latest.subject.id))
    return ProfileExplanation(settings, found.revisions, days)


def _judged(judgement: Judgement) -> Judged:
    return Judged(
        judgement.day,
        judgement.sale_id,
        judgement.expected,
        judgement.bad,
        judgement.between_agent_sd,
        judgement.tempering,
        judgement.trials,
        judgement.bad_ones,
        judgement.cell,
    )


def outcomes_among(judgements: Iterable[Judgement]) -> list[Judged]:
    """Return the outcomes as they were judged first."""
    return [_judged(one) for one in judgements if one.corrects is None]


def corrections_among(judgements: Iterable[Judgement]) -> Iterator[Corrected]:
    """Yield what late events, and sight, changed of what was judged."""
    for one in judgements:
        if one.corrects is not None:
            bad = one.bad if one.trials else None
            yield Corrected(one.day, one.corrects, one.sale_id, bad)


class JudgementsOf(list[Judgement]):
    """Keeps the judgements of one subject and pattern only."""

    def __init__(self, subject: Subject, pattern: str) -> None:
        super().__init__()
        self._of: Final = (subject.type, subject.id, pattern)

    def extend(self, judgements: Iterable[Judgement], /) -> None:
        """Add those judgements that are of the subject."""
        super().extend(j for j in judgements if (j.kind, j.agent_id, j.pattern) == self._of)


def _ignore(_: DeadLetter) -> None:
    """Do nothing: the first run has noted the refused record."""
