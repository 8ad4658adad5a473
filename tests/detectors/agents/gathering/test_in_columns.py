"""Whether good outcomes come in columns or as objects, the same is popped on the same day."""

from collections.abc import Sequence
from typing import Final

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.agents.gathering.gathering import DayBatch, Gathering, GatheringState
from detectors.basis.event_time import DAY, Day, Seconds
from detectors.basis.identifiers import AccountId, AgentId, Cell, GroupKind, PatternName, SaleId
from detectors.basis.text_hash import sale_hashes
from detectors.facts.account import Verdict
from detectors.messages.good_outcomes import GoodOutcomes, SaleIds, Texts
from detectors.messages.groups import outcomes_of_groups
from detectors.messages.outcome_columns import OutcomeColumns, in_columns
from detectors.messages.outcomes import Outcome, OutcomeBundle
from detectors.sight.stretch import EVERYTHING_SEEN, Blindness

PATTERN: Final = PatternName("p")
DAYS: Final = 3
KEPT: Final = 9


def in_good_columns(outcomes: Sequence[Outcome]) -> GoodOutcomes:
    """Return good outcomes as a ledger has them."""
    in_order = sorted(outcomes, key=lambda one: one.matured_at)
    bounds, text = [], ""
    for one in in_order:
        start = len(text)
        text += f"{one.account_id}{one.sale_id}an event"
        middle = start + len(one.account_id)
        bounds.append((start, middle, middle + len(one.sale_id)))

    def texts(field: str) -> Texts:
        return np.array([*(getattr(one, field) for one in in_order), None], np.object_)[:-1]

    return GoodOutcomes(
        PATTERN,
        np.array([one.matured_at for one in in_order], np.float64),
        texts("agent_id"),
        texts("cell"),
        texts("site"),
        texts("team"),
        np.array([one.batch for one in in_order], np.int64),
        np.array(sale_hashes((one.sale_id, one.account_id) for one in in_order), np.int64),
        SaleIds(text, np.array(bounds, np.int64).reshape(-1, 3)),
    )


@st.composite
def sent_outcomes(draw: st.DrawFn) -> list[Outcome]:
    """Return outcomes of some days, some of them of one moment, of one batch, or bad."""
    sent = []
    for number in range(draw(st.integers(0, 14))):
        at = Seconds(draw(st.integers(0, 4 * DAYS - 1)) * DAY / 4)
        bad = draw(st.booleans())
        sent.append(
            Outcome(
                PATTERN,
                SaleId(f"s{number}"),
                draw(st.sampled_from([AgentId("anna"), AgentId("ben"), None])),
                Cell(draw(st.sampled_from(["card", "line/web"]))),
                at,
                at,
                Verdict.BAD if bad else Verdict.GOOD,
                ("e",) if bad else (),
                account_id=AccountId(f"account {number}"),
                batch=draw(st.integers(0, 2)),
                site=draw(st.sampled_from(["leeds", None])),
                team=draw(st.sampled_from(["leeds 1", "leeds 2"])),
            )
        )
    return sent


def popped(
    make: type[Gathering], sent: Sequence[Outcome], cut: int, *, columns: bool
) -> list[DayBatch]:
    """Return what is popped, if it is sent in two bundles with a restart behind the first."""
    gathered = make([PATTERN], 1, KEPT)
    for some, until in ((sent[:cut], Seconds(0.0)), (sent[cut:], Seconds(DAYS * DAY))):
        good = [one for one in some if columns and one.verdict is Verdict.GOOD]
        others = [one for one in some if one not in good]
        gathered.receive_all(OutcomeBundle(0, until, others), [in_good_columns(good)])
        state = msgspec.msgpack.encode(gathered.snapshot())
        gathered = make([PATTERN], 1, KEPT)
        gathered.restore(msgspec.msgpack.decode(state, type=GatheringState))
        # As a ledger that was restarted: what it had sent in time, it sends again.
        if until:
            gathered.receive_all(OutcomeBundle(0, until), [in_good_columns(good)])
    return [gathered.pop(Day(day)).get(PATTERN, DayBatch()) for day in range(DAYS)]


def as_objects(batches: list[DayBatch]) -> list[list[Outcome]]:
    return [list(batch.fresh) for batch in batches]


@given(sent=sent_outcomes(), cut=st.integers(0, 14))
def test_the_same_is_popped(sent: list[Outcome], cut: int) -> None:
    expected = popped(Gathering, sent, cut, columns=False)
    assert as_objects(popped(Gathering, sent, cut, columns=True)) == as_objects(expected)


class ForgetsColumns(Gathering):
    """Saves only what came as objects."""

    def snapshot(self) -> GatheringState:
        return self.state


class BehindTheOthers(Gathering):
    """Puts what came in columns behind what came as objects, whenever it matured."""

    def pop(self, day: Day, blindness: Blindness = EVERYTHING_SEEN) -> dict[PatternName, DayBatch]:
        whole = super().pop(day, blindness)
        return {
            name: DayBatch(sorted(batch.fresh, key=lambda one: one.verdict is Verdict.GOOD))
            for name, batch in whole.items()
        }


@pytest.mark.parametrize("broken", [ForgetsColumns, BehindTheOthers])
def test_a_gathering_that_is_broken_fails(broken: type[Gathering]) -> None:
    def sale(number: int, hour: float, verdict: Verdict) -> Outcome:
        at, name = Seconds(hour * 3600.0), SaleId(f"s{number}")
        return Outcome(PATTERN, name, AgentId("anna"), Cell("card"), at, at, verdict)

    sent = [sale(0, 1.0, Verdict.GOOD), sale(1, 2.0, Verdict.BAD), sale(2, 3.0, Verdict.GOOD)]
    expected = as_objects(popped(Gathering, sent, 1, columns=True))
    assert expected == [sent, [], []]
    assert as_objects(popped(broken, sent, 1, columns=True)) != expected


@given(sent=sent_outcomes(), kind=st.sampled_from(["site", "team"]))
def test_groups_have_the_same_in_columns(sent: list[Outcome], kind: GroupKind) -> None:
    good = [one for one in sent if one.verdict is Verdict.GOOD]
    good.sort(key=lambda one: one.matured_at)
    of_groups = in_good_columns(good).of_groups(kind)
    assert of_groups.outcomes() == outcomes_of_groups(good, [kind]).get(kind, [])


@given(sent=sent_outcomes())
def test_columns_say_what_the_objects_say(sent: list[Outcome]) -> None:
    good = [one for one in sent if one.verdict is Verdict.GOOD]
    others = [one for one in sent if one.verdict is not Verdict.GOOD]
    columns = OutcomeColumns([in_good_columns(good)], others)
    whole = list(columns)
    assert sorted(whole, key=lambda one: one.sale_id) == sorted(sent, key=lambda one: one.sale_id)
    assert [columns[place] for place in range(len(columns))] == whole == columns[:]
    plain = in_columns(whole)
    assert in_columns(columns) is columns
    assert columns.agents == plain.agents
    assert columns.cells == plain.cells
    assert columns.groups("site") == plain.groups("site")
    assert columns.groups("team") == plain.groups("team")
    assert columns.sale_ids() == plain.sale_ids()
    for name in ("matured_at", "batches", "bad", "sale_hashes"):
        assert getattr(columns, name).tolist() == getattr(plain, name).tolist()
