"""Which outcomes of an agent were corrected after they had been judged, found from the events."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from detectors.account import Verdict
from detectors.decoding import EventDecoder
from detectors.errors import InvalidEvent
from detectors.event_time import day_of
from detectors.ledger.clock import EventClock
from detectors.ledger.stage import Ledger
from detectors.outcomes import AgentId, Outcome, PatternName
from detectors.settings import Settings
from streams.files import Block
from streams.recomputation import Corrected, Judged

_SOURCE = "events"


def late_corrections(
    settings: Settings,
    until: datetime | None,
    blocks: Iterator[Block],
    subject: tuple[AgentId, PatternName],
    judged: Sequence[Judged],
) -> list[Corrected]:
    """Run the ledger alone and give the corrections among the outcomes of `subject`.

    `judged` are the agent's outcomes as they were first judged; what changed on a later day is a
    correction. If one changed several times in a day, the last change counts.
    """
    days: dict[str, set[int]] = {}
    for outcome in judged:
        days.setdefault(outcome.sale_id, set()).add(outcome.day)
    found: dict[tuple[int, str], Corrected] = {}
    for told in _outcomes(settings, until, blocks):
        known_on = day_of(told.known_at)
        judged_on = days.get(told.sale_id, set())
        before = [day for day in judged_on if day < known_on]
        if (told.agent_id, told.pattern) == subject and before and known_on not in judged_on:
            bad = None if told.verdict is Verdict.EXCLUDED else told.verdict is Verdict.BAD
            found[known_on, told.sale_id] = Corrected(known_on, max(before), told.sale_id, bad)
    return list(found.values())


def _outcomes(
    settings: Settings, until: datetime | None, blocks: Iterator[Block]
) -> Iterator[Outcome]:
    decode = EventDecoder(settings.limits).decode
    clock, ledger = EventClock(settings.time, (_SOURCE,)), Ledger(settings)
    for block in blocks:
        for line in block.lines:
            try:
                event = decode(line)
                if until is not None and event.occurred_at > until:
                    continue
                ledger.apply(event)
            except InvalidEvent:
                continue
            clock.observe(_SOURCE, event.occurred_at.timestamp(), event.account_id)
            ledger.advance(clock.watermark())
        yield from ledger.harvest().bundle.outcomes
    if until is not None:
        ledger.advance(until.timestamp())
    yield from ledger.harvest().bundle.outcomes
