"""What the ledger emits, by definition: from all events at once, without time and memory.

Events are in the order in which they arrived, which matters to claims that contradict each other.
"""

from collections.abc import Sequence

from msgspec import Struct

from detectors.basis.event_time import Day, Seconds, day_of, seconds_at
from detectors.basis.identifiers import AccountId, AgentId, PatternName, SaleId
from detectors.events.event import AnyEvent
from detectors.facts.account import Verdict
from detectors.messages.outcomes import Outcome
from tests.detectors.patterns.across import ACROSS
from tests.detectors.patterns.claims import claims_that_hold
from tests.detectors.patterns.examples import ON_SALES
from tests.detectors.worlds import WINDOWS


class Fact(Struct, frozen=True, order=True):
    """What is in the end known about one sale under one pattern."""

    pattern: str
    account_id: AccountId
    sale_id: SaleId
    agent_id: AgentId
    cell: str
    matured_at: Seconds
    verdict: Verdict


def facts(events: Sequence[AnyEvent], until: Seconds) -> set[Fact]:
    """Judge every sale whose window ended before `until`; those excluded are left out."""
    found = set()
    for (account_id, sale_id), sold in claims_that_hold(events).items():
        own = [event for event in events if event.account_id == account_id]
        for pattern, example in ON_SALES.items():
            window = WINDOWS[PatternName(pattern)]
            matured_at = seconds_at(sold.occurred_at) + window
            verdict = example.verdict(sold, window, own)
            if matured_at < until and verdict is not Verdict.EXCLUDED:
                agent, cell = sold.agent_id or "", f"{sold.product}/-"
                found.add(
                    Fact(
                        pattern,
                        AccountId(account_id),
                        SaleId(sale_id),
                        AgentId(agent),
                        cell,
                        matured_at,
                        verdict,
                    )
                )
    return found


def facts_across(events: Sequence[AnyEvent], until: Seconds) -> set[Fact]:
    """Judge every sale, as `facts` does, by the patterns that look across accounts."""
    found = set()
    for (account_id, sale_id), sold in claims_that_hold(events).items():
        for pattern, example in ACROSS.items():
            window = WINDOWS[PatternName(pattern)]
            matured_at = Seconds(example.due(seconds_at(sold.occurred_at), window))
            verdict = example.verdict(sold, window, events)
            if matured_at < until and verdict is not Verdict.EXCLUDED:
                agent, cell = AgentId(sold.agent_id or ""), f"{sold.product}/-"
                found.add(Fact(pattern, account_id, sale_id, agent, cell, matured_at, verdict))
    return found


class DayFact(Struct, frozen=True):
    """A sale made, or ended under an early pattern (``bad`` is then given), on a day."""

    day: Day
    agent_id: AgentId
    account_id: AccountId
    sale_id: SaleId
    pattern: str = ""
    bad: bool | None = None


def day_facts(events: Sequence[AnyEvent]) -> set[DayFact]:
    """Return what happened on each day to the sales that agents made."""
    found = set()
    for (account_id, sale_id), sold in claims_that_hold(events).items():
        if sold.agent_id is None:
            continue
        subject = (sold.agent_id, account_id, sale_id)
        own = [event for event in events if event.account_id == account_id]
        found.add(DayFact(day_of(seconds_at(sold.occurred_at)), *subject))
        for pattern, example in ON_SALES.items():
            ended = example.ending and example.ending(sold, WINDOWS[PatternName(pattern)], own)
            if ended:
                found.add(DayFact(day_of(Seconds(ended.at)), *subject, pattern, ended.bad))
    return found


def facts_in_the_end(outcomes: Sequence[Outcome]) -> set[Fact]:
    """Return what stands after outcomes and their corrections; each must name what it corrects."""
    standing: dict[Fact, Verdict] = {}
    for outcome in outcomes:
        key = Fact(
            outcome.pattern,
            outcome.account_id,
            outcome.sale_id,
            AgentId(outcome.agent_id or ""),
            outcome.cell,
            outcome.matured_at,
            Verdict.PENDING,
        )
        before = standing.get(key, Verdict.PENDING)
        # An exclusion in time is not emitted, so it may be named though nothing is known of it.
        assert outcome.before is before or (
            before is Verdict.PENDING and outcome.before is Verdict.EXCLUDED
        )
        standing[key] = outcome.verdict
    return {
        Fact(f.pattern, f.account_id, f.sale_id, f.agent_id, f.cell, f.matured_at, verdict)
        for f, verdict in standing.items()
        if verdict is not Verdict.EXCLUDED
    }
