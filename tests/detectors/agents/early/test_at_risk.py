"""Sales at risk, by age: from what ledgers send about days to what the early tier judges."""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.agents.early.at_risk import AtRisk, AtRiskState, DayExposure
from detectors.agents.gathering.sales_buffer import SalesBuffer, SalesBufferState
from detectors.basis.event_time import Day, start_of_day
from detectors.basis.identifiers import AgentId, Cell, PatternName
from detectors.messages.outcomes import SaleEnded, SaleMade, SalesDay
from tests.detectors.agents.gathering.broken_sales import (
    CountsWhatIsSentTwice,
    FollowsIdenticalSales,
    KeepsTheLastPiece,
    LetsThemLeaveAtOnce,
    NobodyLeaves,
    StopsADayEarly,
    SumsInOrderOfArrival,
)
from tests.detectors.refutation import refuted

PATTERN = PatternName("p")
ANNA = AgentId("anna")
CELL = Cell("c")
WINDOW = 3
DAYS = 12
LEDGERS = 2
Row = tuple[str, str, int, int]
Parts = tuple[Callable[[], SalesBuffer], Callable[[], AtRisk]]


class Made(NamedTuple):
    """A sale, and the day on which it ended, if it did."""

    day: int
    sale: SaleMade
    ended_on: int | None
    bad: bool


@st.composite
def made(draw: st.DrawFn) -> list[Made]:
    sales = []
    for sale_hash in range(draw(st.integers(1, 16))):
        day = draw(st.integers(0, DAYS - 2))
        sale = SaleMade(
            AgentId(draw(st.sampled_from(("anna", "boris", "chen")))),
            Cell(draw(st.sampled_from(("line/web", "card/shop", "card/web")))),
            sale_hash * 7 % 19,
            draw(st.sampled_from((0, 0, 1, 2))),
        )
        lasts = draw(st.one_of(st.none(), st.integers(0, WINDOW)))
        ended_on = None if lasts is None else day + lasts
        sales.append(Made(day, sale, ended_on, draw(st.booleans())))
    return sales


def rows_of(exposure: DayExposure) -> list[Row]:
    return [
        (exposure.agent_names[agent], exposure.cell_names[cell], at_risk, ended)
        for agent, cell, at_risk, ended in zip(
            exposure.agents.tolist(),
            exposure.cells.tolist(),
            exposure.at_risk.tolist(),
            exposure.ended.tolist(),
            strict=True,
        )
    ]


def by_definition(sales: Sequence[Made], day: int) -> Counter[tuple[str, str, str]]:
    """Count by agent, cell and what happened, from all sales at once."""
    batches = defaultdict(list)
    for one in sales:
        kind = one.sale.batch or f"alone {one.sale.sale_hash}"
        batches[one.day, one.sale.agent_id, kind].append(one)
    counts: Counter[tuple[str, str, str]] = Counter()
    for alike in batches.values():
        trial = min(alike, key=lambda one: one.sale.sale_hash)
        age = day - trial.day
        if 0 <= age <= WINDOW and (trial.ended_on is None or trial.ended_on >= day):
            where = (trial.sale.agent_id, f"{age}/{trial.sale.cell}")
            counts[*where, "at risk"] += 1
            counts[*where, "ended"] += trial.ended_on == day and trial.bad
    return +counts


def sent_on(sales: Sequence[Made], day: int, ledger: int) -> SalesDay:
    """Return what a ledger knows of a day; each sale is known to one ledger."""
    own = [one for one in sales if one.sale.sale_hash % LEDGERS == ledger]
    ended = [
        SaleEnded(one.sale.agent_id, Day(one.day), one.sale.sale_hash, one.bad)
        for one in own
        if one.ended_on == day
    ]
    return SalesDay([one.sale for one in own if one.day == day], {PATTERN: ended} if ended else {})


def pieces(sent: SalesDay, data: st.DataObject) -> list[SalesDay]:
    """Cut a day in two, in an order that is drawn, and send the first piece twice at times."""
    mixed = data.draw(st.permutations(sent.made))
    cut = data.draw(st.integers(0, len(mixed)))
    first, second = SalesDay(mixed[:cut]), SalesDay(mixed[cut:], sent.ended)
    return [first, first, second] if data.draw(st.booleans()) else [first, second]


def exposures(
    sales: Sequence[Made], parts: Parts, data: st.DataObject
) -> Mapping[int, DayExposure]:
    make_buffer, make_ring = parts
    buffer, ring = make_buffer(), make_ring()
    found = {}
    for day in range(DAYS):
        for ledger in data.draw(st.permutations(range(LEDGERS))):
            before, after = start_of_day(Day(day)), start_of_day(Day(day + 1))
            sent = sent_on(sales, day, ledger)
            for piece in pieces(sent, data):
                buffer.receive({Day(day): piece}, ledger, before)
            if data.draw(st.booleans()):
                buffer.receive({Day(day): sent}, ledger, after)
        found[day] = ring.advance(Day(day), buffer.pop(Day(day)))
        if data.draw(st.booleans()):
            saved = msgspec.msgpack.encode((buffer.state, ring.snapshot()))
            state = msgspec.msgpack.decode(saved, type=tuple[SalesBufferState, AtRiskState])
            buffer, ring = make_buffer(), make_ring()
            buffer.state = state[0]
            ring.restore(state[1])
    return found


def exposure_law(parts: Parts, data: st.DataObject) -> None:
    sales = data.draw(made())
    for day, exposure in exposures(sales, parts, data).items():
        rows = rows_of(exposure)
        counts: Counter[tuple[str, str, str]] = Counter()
        for agent, cell, at_risk, ended in rows:
            counts[agent, cell, "at risk"] += at_risk
            counts[agent, cell, "ended"] += ended
        assert +counts == by_definition(sales, day)
        assert len({row[:2] for row in rows}) == len(rows)
        for agent in exposure.agent_names:
            cells = [cell for name, cell, *_ in rows if name == agent]
            assert cells == sorted(cells)


def ring() -> AtRisk:
    return AtRisk(PATTERN, WINDOW)


@given(st.data())
def test_sales_are_at_risk_until_they_end_or_their_window_has_passed(data: st.DataObject) -> None:
    exposure_law((SalesBuffer, ring), data)


@pytest.mark.parametrize("broken", [CountsWhatIsSentTwice, KeepsTheLastPiece])
def test_that_law_catches_the_buffer(broken: type[SalesBuffer]) -> None:
    assert refuted(exposure_law, (broken, ring))


@pytest.mark.parametrize(
    "broken",
    [
        FollowsIdenticalSales,
        LetsThemLeaveAtOnce,
        NobodyLeaves,
        StopsADayEarly,
        SumsInOrderOfArrival,
    ],
)
def test_that_law_catches_the_ring(broken: type[AtRisk]) -> None:
    assert refuted(exposure_law, (SalesBuffer, lambda: broken(PATTERN, WINDOW)))


def test_who_shares_the_partition_changes_nothing_in_the_order_of_an_agents_rows() -> None:
    own = [
        SaleMade(ANNA, Cell(cell), sale_hash, 0) for sale_hash, cell in enumerate(("b", "a", "c"))
    ]
    other = [
        SaleMade(AgentId("zoe"), Cell(cell), 10 + sale_hash, 0)
        for sale_hash, cell in enumerate(("c", "b", "a"))
    ]
    alone, together = ring(), ring()
    alone.advance(Day(0), {Day(0): SalesDay(own)})
    together.advance(Day(0), {Day(0): SalesDay([*other, *own])})
    rows = [row for row in rows_of(together.advance(Day(1), {})) if row[0] == "anna"]
    assert rows == rows_of(alone.advance(Day(1), {})) == [("anna", f"1/{c}", 1, 0) for c in "abc"]


def test_days_before_the_first_that_is_popped_are_caught_up_with() -> None:
    sold, gone = (
        SaleMade(ANNA, CELL, 1, 0),
        SaleMade(ANNA, CELL, 2, 0),
    )
    sent = {
        Day(0): SalesDay([sold, gone]),
        Day(1): SalesDay([], {PATTERN: [SaleEnded(ANNA, Day(0), 2, bad=True)]}),
    }
    assert rows_of(ring().advance(Day(2), sent)) == [("anna", "2/c", 1, 0)]


def test_the_first_day_is_the_first_that_was_received_and_not_popped() -> None:
    buffer = SalesBuffer()
    assert buffer.first_day(Day(9)) == 9
    for day in (5, 3):
        buffer.receive(
            {Day(day): SalesDay([SaleMade(ANNA, CELL, day, 0)])},
            0,
            start_of_day(Day(0)),
        )
    assert buffer.first_day(Day(9)) == 3
    buffer.pop(Day(3))
    assert buffer.first_day(Day(9)) == 5


def test_the_end_of_a_sale_that_is_not_followed_changes_nothing() -> None:
    at_risk = ring()
    at_risk.advance(Day(0), {Day(0): SalesDay([SaleMade(ANNA, CELL, 1, 0)])})
    strange = [
        SaleEnded(ANNA, Day(0), 9, bad=True),
        SaleEnded(AgentId("boris"), Day(0), 1, bad=True),
        SaleEnded(ANNA, Day(7), 1, bad=True),
    ]
    for day in (1, 2):
        assert rows_of(at_risk.advance(Day(day), {Day(day): SalesDay([], {PATTERN: strange})})) == [
            ("anna", f"{day}/c", 1, 0)
        ]


def test_a_fraction_of_a_day_belongs_to_the_window() -> None:
    at_risk = AtRisk(PATTERN, 0.5)
    assert at_risk.advance(
        Day(0), {Day(0): SalesDay([SaleMade(ANNA, CELL, 1, 0)])}
    ).at_risk.tolist() == [1]
    assert at_risk.advance(Day(1), {}).at_risk.tolist() == [1]
    assert at_risk.advance(Day(2), {}).at_risk.tolist() == []


def test_agents_and_cells_who_are_gone_cost_nothing() -> None:
    at_risk = ring()
    for day in range(200):
        sales = [
            SaleMade(AgentId(f"agent {day}.{n}"), Cell(f"cell {day}.{n}"), n, 0) for n in range(10)
        ]
        exposure = at_risk.advance(Day(day), {Day(day): SalesDay(sales)})
        assert exposure.at_risk.sum() == 10 * min(day + 1, WINDOW + 1)
    assert len(at_risk) <= 64 + 3 * 10 * (WINDOW + 1)
    assert len(msgspec.msgpack.encode(at_risk.snapshot())) < 20_000


def test_many_sales_are_counted_as_few_are() -> None:
    random = np.random.default_rng(1)
    at_risk = AtRisk(PATTERN, 10.0)
    for day in range(12):
        sales = [
            SaleMade(AgentId(f"agent {agent}"), Cell(f"cell {agent % 4}"), day * 10_000 + n, 0)
            for n, agent in enumerate(random.integers(0, 500, 3_000).tolist())
        ]
        exposure = at_risk.advance(Day(day), {Day(day): SalesDay(sales)})
        assert exposure.at_risk.sum() == 3_000 * min(day + 1, 11)


def test_many_cells_are_named_as_few_are(monkeypatch: pytest.MonkeyPatch) -> None:
    def named(exposure: DayExposure) -> list[tuple[str, str, int]]:
        agents = [exposure.agent_names[agent] for agent in exposure.agents.tolist()]
        cells = [exposure.cell_names[cell] for cell in exposure.cells.tolist()]
        return list(zip(agents, cells, exposure.at_risk.tolist(), strict=True))

    few, many = AtRisk(PATTERN, 3.0), AtRisk(PATTERN, 3.0)
    for day in range(6):
        sales = [SaleMade(ANNA, Cell(f"cell {n % (day + 2)}"), day * 100 + n, 0) for n in range(9)]
        days = {Day(day): SalesDay(sales)}
        monkeypatch.setattr("detectors.agents.early.at_risk._MANY", 1_000)
        expected = few.advance(Day(day), days)
        monkeypatch.setattr("detectors.agents.early.at_risk._MANY", 0)
        found = many.advance(Day(day), days)
        assert named(found) == named(expected)
        assert len(found.cell_names) == len(set(found.cells.tolist()))
