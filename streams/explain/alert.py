"""Recomputes an alert, a commission or a commendation by what it is about.

The pipeline has run over the files to find it, and runs a second time to collect the outcomes of
its subject, so that memory does not grow with the number of agents.
"""

from collections.abc import Iterable, Iterator
from typing import Final, Protocol

from rich.console import Console

from detectors.agents.alerting.judgement import Judgement
from detectors.alerts.alert import Subject
from detectors.basis.event_time import day_of
from detectors.basis.identifiers import AccountId, AgentId
from detectors.messages.disputes import CONTESTED_SALE
from detectors.profiles.numbers import NUMBERS
from streams.explain.accounts.account import AccountExplanation, account_events
from streams.explain.accounts.contest import ContestExplanation
from streams.explain.agent import AgentExplanation
from streams.explain.chart import opened_at_end_of, reported_at_end_of
from streams.explain.commendations.explanation import CommendationExplanation
from streams.explain.commissions.explanation import CommissionExplanation
from streams.explain.course import Corrected
from streams.explain.evidence import Judged
from streams.explain.finding import Found, FoundAlert, FoundCommendation, FoundCommission, Source
from streams.explain.profile import ProfileExplanation, sold_days
from streams.files.detection import Detection
from streams.wire.dead_letter import DeadLetter


class Explanation(Protocol):
    """What was told, beside what the events say."""

    def agrees(self) -> bool:
        """Return whether both say the same."""

    def print(self, console: Console) -> None:
        """Show why."""


def explanation_of(source: Source, found: Found) -> Explanation:
    """Recompute what was found."""
    match found:
        case FoundAlert():
            return _of_alert(source, found)
        case FoundCommission():
            return _of_commission(source, found)
        case FoundCommendation():
            return _of_commendation(source, found)


def _of_alert(source: Source, found: FoundAlert) -> Explanation:
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


def _of_commission(source: Source, found: FoundCommission) -> CommissionExplanation:
    settings, account_id = source.settings, found.latest.account_id
    with source.blocks("Reading the account's events") as blocks:
        events = account_events(settings, source.until, blocks, account_id, found.refused)
    return CommissionExplanation(
        settings, found.revisions, events, found.watermark, found.covers, found.unseen
    )


def _of_commendation(source: Source, found: FoundCommendation) -> CommendationExplanation:
    judgements = JudgementsOf(Subject("agent", found.latest.agent_id))
    detection = Detection(source.settings, source.until, _ignore, judgements)
    with source.blocks("Collecting the agent's outcomes") as blocks:
        for _ in detection.alerts(blocks):
            pass
    return CommendationExplanation(source.settings, found.revisions, judgements)


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
    """Keeps the judgements of one subject only, by one pattern or by all."""

    def __init__(self, subject: Subject, pattern: str | None = None) -> None:
        super().__init__()
        self._subject: Final = (subject.type, subject.id)
        self._pattern: Final = pattern

    def extend(self, judgements: Iterable[Judgement], /) -> None:
        """Add those judgements that are of the subject."""
        super().extend(
            one
            for one in judgements
            if (one.kind, one.agent_id) == self._subject and self._pattern in (None, one.pattern)
        )


def _ignore(_: DeadLetter) -> None:
    """Do nothing: the first run has noted the refused record."""
