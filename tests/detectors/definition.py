"""What the ledger has to say, by definition: from all events at once, without time and memory."""

from collections.abc import Sequence

from msgspec import Struct

from detectors.account import Verdict
from detectors.events import AccountActivity, AnyEvent, Cancellation, Sale
from detectors.outcomes import Outcome
from tests.detectors.worlds import SETTINGS, WINDOWS


class Fact(Struct, frozen=True, order=True):
    """What is in the end known about one sale under one pattern."""

    pattern: str
    account_id: str
    sale_id: str
    agent_id: str
    cell: str
    matured_at: float
    verdict: Verdict


def facts(events: Sequence[AnyEvent], until: float) -> set[Fact]:
    """Judge every sale whose window ended before `until`; those excluded are left out."""
    first: dict[tuple[str, str], Sale] = {}
    for event in events:
        if isinstance(event, Sale):
            key = (event.account_id, event.sale_id)
            first[key] = min(event, first.get(key, event), key=_time_and_id)
    found = set()
    for (account_id, sale_id), sold in first.items():
        for pattern, window in WINDOWS.items():
            matured_at = sold.occurred_at.timestamp() + window
            verdict = _VERDICTS[pattern](sold, window, events)
            if matured_at < until and verdict is not Verdict.EXCLUDED:
                agent, product = sold.agent_id or "", sold.product
                found.add(Fact(pattern, account_id, sale_id, agent, product, matured_at, verdict))
    return found


def told_in_the_end(outcomes: Sequence[Outcome]) -> set[Fact]:
    """Give what stands after outcomes and their corrections; each must name what it corrects."""
    standing: dict[Fact, Verdict] = {}
    for told in outcomes:
        key = Fact(
            told.pattern,
            told.account_id,
            told.sale_id,
            told.agent_id or "",
            told.cell,
            told.matured_at,
            Verdict.PENDING,
        )
        before = standing.get(key, Verdict.PENDING)
        # an exclusion in time is not told, so it may be named though nothing is known of it
        assert told.before is before or (
            before is Verdict.PENDING and told.before is Verdict.EXCLUDED
        )
        standing[key] = told.verdict
    return {
        Fact(f.pattern, f.account_id, f.sale_id, f.agent_id, f.cell, f.matured_at, verdict)
        for f, verdict in standing.items()
        if verdict is not Verdict.EXCLUDED
    }


def _quick_cancellation(sold: Sale, window: float, events: Sequence[AnyEvent]) -> Verdict:
    at = sold.occurred_at.timestamp()
    near = [
        event
        for event in events
        if isinstance(event, Cancellation)
        and (event.account_id, event.sale_id) == (sold.account_id, sold.sale_id)
        and abs(event.occurred_at.timestamp() - at) <= window
    ]
    if not near:
        return Verdict.GOOD
    reason = min(near, key=_time_and_id).reason
    excluded = SETTINGS.patterns.quick_cancellation.excluded_reasons
    return Verdict.EXCLUDED if reason in excluded else Verdict.BAD


def _unused_account(sold: Sale, window: float, events: Sequence[AnyEvent]) -> Verdict:
    at = sold.occurred_at.timestamp()
    own = [event for event in events if event.account_id == sold.account_id]
    if any(
        isinstance(event, AccountActivity)
        and event.initiated_by == "customer"
        and 0 <= event.occurred_at.timestamp() - at <= window
        for event in own
    ):
        return Verdict.GOOD
    if any(
        isinstance(event, Cancellation)
        and event.initiated_by == "customer"
        and event.sale_id == sold.sale_id
        and abs(event.occurred_at.timestamp() - at) <= window
        for event in own
    ):
        return Verdict.EXCLUDED
    return Verdict.BAD


_VERDICTS = {"quick_cancellation": _quick_cancellation, "unused_account": _unused_account}


def _time_and_id(event: AnyEvent) -> tuple[float, str]:
    return (event.occurred_at.timestamp(), event.event_id)
