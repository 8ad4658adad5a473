"""A young row is its outcomes: made of them again, it is the row that was there all along."""

from collections.abc import Sequence

import msgspec
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from detectors.evidence.arrays import Integers, Reals
from detectors.evidence.early import EarlyEvidenceTable
from detectors.evidence.held_rows import FEW
from detectors.evidence.journal import MOST, Applied, Journal
from detectors.evidence.prior import Prior
from detectors.evidence.rows import EvidenceRows, EvidenceRowsState
from detectors.evidence.shiryaev_roberts import EvidenceTable
from tests.detectors.evidence.definition import Outcome
from tests.detectors.evidence.histories import ROWS, columns, feed, histories, random_history

SPREADS = (0.25, 0.4, 0.4, 1.0, 0.25, 0.6)

EXPONENTS = (16, 14, 0, 9)

KINDS: tuple[type[EvidenceRows], ...] = (EvidenceTable, EarlyEvidenceTable)


def day_by_day(history: Sequence[Outcome]) -> list[list[Outcome]]:
    days: list[list[Outcome]] = []
    for outcome in history:
        if not days or days[-1][0].day != outcome.day:
            days.append([])
        days[-1].append(outcome)
    return days


def new_table(kind: type[EvidenceRows], journal: type[Journal] = Journal) -> EvidenceRows:
    table = kind(Prior(SPREADS[0]))
    table._journal = journal(64)  # noqa: SLF001 - may be one that is broken on purpose
    for _ in range(ROWS):
        table.add()
    return table


def observe(table: EvidenceRows, number: int, outcomes: Sequence[Outcome]) -> Reals:
    """Judge a day after its spread has come into force."""
    table.reweight(SPREADS[number % len(SPREADS)])
    rows, days, probabilities, bad = columns(outcomes)
    exponents: Integers = np.array([EXPONENTS[(number + n) % 4] for n in range(len(outcomes))])
    if isinstance(table, EarlyEvidenceTable):
        return table.observe(rows, days, probabilities, bad.astype(np.int64), exponents=exponents)
    assert isinstance(table, EvidenceTable)
    return table.observe(rows, days, probabilities, bad, exponents=exponents)


def saved(table: EvidenceRows) -> bytes:
    return msgspec.msgpack.encode(table.snapshot())


def restored(kind: type[EvidenceRows], snapshot: bytes) -> EvidenceRows:
    table = kind(Prior(1.5))
    table.restore(msgspec.msgpack.decode(snapshot, type=EvidenceRowsState))
    return table


def differs(
    history: Sequence[Outcome],
    given_back: frozenset[int],
    kind: type[EvidenceRows],
    journal: type[Journal] = Journal,
) -> bool:
    """Return whether it can be told that rows were given back after some days."""
    kept, table = new_table(kind), new_table(kind, journal)
    for number, outcomes in enumerate(day_by_day(history)):
        expected = observe(kept, number, outcomes).tobytes()
        if observe(table, number, outcomes).tobytes() != expected:
            return True
        if number in given_back:
            table.give_back()
    return any(
        table.explanation(row) != kept.explanation(row)
        or table.row_state(row) != kept.row_state(row)
        for row in range(ROWS)
    )


some_days = st.frozensets(st.integers(0, 3 * MOST))

LONG = random_history(3, 5 * MOST, lift=2.0)
"""Some rows of it grow up."""


@pytest.mark.parametrize("kind", KINDS)
@settings(deadline=None)
@example(LONG, frozenset(range(5 * MOST)))
@given(histories(largest=3 * MOST), some_days)
def test_a_row_that_was_given_back_is_the_same(
    kind: type[EvidenceRows], history: list[Outcome], given_back: frozenset[int]
) -> None:
    assert not differs(history, given_back, kind)


@pytest.mark.parametrize("kind", KINDS)
@settings(deadline=None)
@example(LONG, 20)
@given(histories(largest=3 * MOST), st.integers(0, 3 * MOST))
def test_a_restored_table_goes_on_as_if_never_saved(
    kind: type[EvidenceRows], history: list[Outcome], cut: int
) -> None:
    table = new_table(kind)
    again = restored(kind, saved(table))
    for number, outcomes in enumerate(day_by_day(history)):
        if number == cut:
            again = restored(kind, saved(table))
        observe(table, number, outcomes)
        if number >= cut:
            observe(again, number, outcomes)
    if cut >= len(day_by_day(history)):
        again = restored(kind, saved(table))
    assert saved(again) == saved(table)
    assert again.evidence().tobytes() == table.evidence().tobytes()
    assert again.agent_days().tolist() == table.agent_days().tolist()
    for found, expected in zip(again.residuals(), table.residuals(), strict=True):
        assert found.tobytes() == expected.tobytes()


def test_agents_of_few_outcomes_take_no_places() -> None:
    table = EvidenceTable(Prior(0.25))
    outcomes = [Outcome(row, row, 0.1, bad=row % 7 == 0) for row in range(3 * FEW)]
    for first in range(0, len(outcomes), 10):
        table.add_up_to(min(first + 9, 3 * FEW - 1))
        feed(table, outcomes[first : first + 10])
    assert len(table) == 3 * FEW
    assert table.places < 1.5 * FEW
    few = table.copy()
    assert few.places == 0
    assert [few.row_state(row) for row in (0, 7, 3 * FEW - 1)] == [
        table.row_state(row) for row in (0, 7, 3 * FEW - 1)
    ]


def test_a_row_grows_up_with_one_outcome_more_than_are_kept_and_is_small_until_then() -> None:
    table = EvidenceTable(Prior(0.25))
    table.add()
    for day in range(MOST + 1):
        state = table.snapshot()
        assert not state.grown
        assert len(msgspec.msgpack.encode(state)) < 60 + 32 * day
        feed(table, [Outcome(0, day, 0.1, bad=False)])
    assert len(table.snapshot().grown) == 1


@pytest.mark.parametrize("is_late", [False, True])
def test_a_row_that_was_restarted_or_lowered_is_kept(is_late: bool) -> None:  # noqa: FBT001 - given by parametrize
    changed, straight = (new_table(EvidenceTable) for _ in range(2))
    for table in (changed, straight):
        observe(table, 0, [Outcome(0, 1, 0.1, bad=True)])
        if is_late:
            table.lower(0, 0.5)
        else:
            table.restart(0)
    for day in range(2, 5):
        changed.give_back()
        changed = restored(EvidenceTable, saved(changed))
        for table in (changed, straight):
            observe(table, day, [Outcome(0, day, 0.1, bad=True)])
    assert changed.row_state(0) == straight.row_state(0)


class WithTodaysSpread(Journal):
    """Judges what is kept by the spread that came into force last."""

    def of(self, rows: Integers) -> Applied:
        told = super().of(rows)
        return told._replace(spreads=np.full_like(told.spreads, told.spreads.max(initial=1)))


class WithTodaysExpectation(Journal):
    """Judges what is kept by what was expected last."""

    def of(self, rows: Integers) -> Applied:
        told = super().of(rows)
        return told._replace(values=np.full_like(told.values, told.values[-1:].sum()))


class WithoutTempering(Journal):
    """Forgets the exponents."""

    def of(self, rows: Integers) -> Applied:
        told = super().of(rows)
        return told._replace(exponents=np.full_like(told.exponents, 16))


class OnOneDay(Journal):
    """Forgets the days."""

    def of(self, rows: Integers) -> Applied:
        told = super().of(rows)
        return told._replace(days=np.full_like(told.days, told.days.max(initial=0)))


class InReverse(Journal):
    """Judges the latest outcome first."""

    def of(self, rows: Integers) -> Applied:
        told = super().of(rows)
        return Applied._make(array[::-1].copy() for array in told)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "broken", [WithTodaysSpread, WithTodaysExpectation, WithoutTempering, OnOneDay, InReverse]
)
def test_a_journal_that_keeps_less_is_noticed(
    broken: type[Journal], kind: type[EvidenceRows]
) -> None:
    history = random_history(5, 2 * MOST, lift=2.0)
    assert differs(history, frozenset(range(2 * MOST)), kind, broken)
    assert not differs(history, frozenset(range(2 * MOST)), kind)
