"""Which outcomes of an agent were corrected after they had been judged, found from the events."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from detectors.agents.gathering.gathering import Gathering
from detectors.agents.gathering.making import correctable_days
from detectors.alerts.alert import Subject
from detectors.basis.errors import InvalidEvent
from detectors.basis.event_time import BEGINNING, Day, end_of_day, seconds_at
from detectors.basis.identifiers import PatternName, SaleId
from detectors.decoding import EventDecoder
from detectors.facts.account import Verdict
from detectors.keys.stage import Keys
from detectors.ledger.clock import EventClock
from detectors.ledger.output import LedgerOutput
from detectors.ledger.stage import Ledger
from detectors.messages.mentions import MentionBundle
from detectors.messages.outcomes import Outcome, OutcomeBundle
from detectors.settings import Settings
from streams.explain.course import Corrected
from streams.explain.evidence import Judged
from streams.files.events import Block

_SOURCE = "events"


def late_corrections(
    settings: Settings,
    until: datetime | None,
    blocks: Iterator[Block],
    of: tuple[Subject, PatternName],
    judged: Sequence[Judged],
) -> list[Corrected]:
    """Run the ledgers alone and return corrections among the outcomes `of` a subject and pattern.

    `judged` are the subject's outcomes as they were first judged. Of identical sales only one was,
    and of those cancelled on one day only so many: a correction of another is none. Patterns that
    do not judge sales one by one are never corrected.
    """
    patterns = {pattern.name: pattern for pattern in settings.patterns.on_sales()}
    if of[1] not in patterns:
        return []
    run = ledger_bundles if patterns[of[1]].key is None else key_bundles
    days: dict[SaleId, list[Day]] = {}
    for first in judged:
        days.setdefault(first.sale_id, []).append(first.day)
    found: dict[tuple[Day, SaleId], Corrected] = {}
    for day, outcome in _corrections(settings, of, run(settings, until, blocks)):
        sale_id = outcome.sale_id
        before = [judged_on for judged_on in days.get(sale_id, ()) if judged_on < day]
        if before:
            bad = None if outcome.verdict is Verdict.EXCLUDED else outcome.verdict is Verdict.BAD
            found[day, sale_id] = Corrected(day, max(before), sale_id, bad)
    return list(found.values())


def _corrections(
    settings: Settings, of: tuple[Subject, PatternName], bundles: Iterator[OutcomeBundle]
) -> Iterator[tuple[Day, Outcome]]:
    """Yield corrections of the outcomes of a subject, and the days on which they are applied."""
    subject, pattern = of
    # Bursts are of agents: they take nothing out of what is judged of a group.
    burst = settings.patterns.bursts() if subject.type == "agent" else None
    gathering = Gathering([pattern], 1, correctable_days(settings), burst=burst)
    next_day: Day | None = None
    for bundle in bundles:
        outcomes = bundle.outcomes if subject.type == "agent" else _of_groups(bundle, subject)
        own = [one for one in outcomes if (one.agent_id, one.pattern) == (subject.id, pattern)]
        gathering.receive(OutcomeBundle(0, bundle.watermark, own))
        if bundle.watermark == BEGINNING:
            continue
        next_day = gathering.first_day() if next_day is None else next_day
        while end_of_day(next_day) <= bundle.watermark:
            for batch in gathering.pop(next_day).values():
                yield from ((next_day, outcome) for outcome, _ in batch.corrections)
            next_day += 1


def _of_groups(bundle: OutcomeBundle, subject: Subject) -> list[Outcome]:
    """Return the outcomes of all groups of the subject's kind."""
    return [one for kind, own in bundle.groups.items() if kind == subject.type for one in own]


def ledger_bundles(
    settings: Settings, until: datetime | None, blocks: Iterator[Block]
) -> Iterator[OutcomeBundle]:
    """Run the ledger alone, over all accounts; yield what it emits, block by block."""
    return (output.bundle for output in _ledger_outputs(settings, until, blocks))


def key_bundles(
    settings: Settings, until: datetime | None, blocks: Iterator[Block]
) -> Iterator[OutcomeBundle]:
    """Run the ledger, and that of keys behind it; yield what the latter emits, block by block."""
    keys = Keys(settings)
    for output in _ledger_outputs(settings, until, blocks):
        keys.receive(MentionBundle(0, output.bundle.watermark, output.mentions))
        yield keys.drain()


def _ledger_outputs(
    settings: Settings, until: datetime | None, blocks: Iterator[Block]
) -> Iterator[LedgerOutput]:
    decode = EventDecoder(settings.limits, identities=settings.identities).decode
    clock, ledger = EventClock(settings.time, (_SOURCE,)), Ledger(settings)
    for block in blocks:
        ledger.claims.as_arrived = block.as_arrived
        for line in block.lines:
            try:
                event = decode(line)
                if until is not None and event.occurred_at > until:
                    continue
                ledger.apply(event)
            except InvalidEvent:
                continue
            clock.observe(_SOURCE, seconds_at(event.occurred_at), event.account_id)
            ledger.advance(clock.watermark())
        yield ledger.drain()
    if until is not None:
        ledger.advance(seconds_at(until))
    yield ledger.drain()
