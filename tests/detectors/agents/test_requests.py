"""Sales are chosen by chance, with known probabilities; choosing the suspicious accuses nobody."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from random import Random
from typing import Final

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from bench.speed.joining import SOURCE, join_all
from detectors.agents.mature.sampling import Drawn, weighed
from detectors.agents.requests import Requests, RequestsState
from detectors.alerts.evidence import RateEvidence
from detectors.basis.draw import Draw
from detectors.basis.event_time import DAY, Day, Seconds
from detectors.basis.identifiers import AccountId, AgentId, Cell, SaleId
from detectors.decoding import EventDecoder
from detectors.events.event import AnyEvent, Sale
from detectors.evidence.arrays import Integers
from detectors.evidence.prior import Prior
from detectors.evidence.shiryaev_roberts import EvidenceTable
from detectors.facts.account import Verdict
from detectors.ledger.clock import EventClock
from detectors.ledger.stage import Ledger
from detectors.messages.candidates import Candidate
from detectors.messages.outcomes import Outcome, SaleMade, SalesDay
from detectors.patterns import Patterns
from detectors.patterns.account.burst import Burst
from detectors.patterns.account.failed_verification import FailedVerification
from detectors.patterns.account.quick_cancellation import QuickCancellation
from detectors.patterns.account.unused_account import UnusedAccount
from detectors.peer_settings import PeerSettings
from detectors.pipeline import Pipeline
from detectors.scanning.lines import LineScanner
from detectors.settings import Settings
from detectors.verification_settings import VerificationSettings
from tests.detectors.channels import AlertLog
from tests.detectors.installation import Installation
from tests.detectors.worlds import (
    END,
    HOUR,
    SETTINGS,
    START,
    Done,
    activity,
    crowd,
    in_order,
    late_orders,
    worlds,
)
from tests.detectors.worlds import orders as orders_of

KEY: Final = "a secret of twenty-nine letters"
FAILED: Final = FailedVerification.name
WINDOW: Final = 4 * DAY
ON: Final = structs.replace(
    SETTINGS,
    verification=VerificationSettings(rate=0.2, most=0.8, key=KEY),
    patterns=Patterns(
        quick_cancellation=QuickCancellation(window="2d"),
        unused_account=UnusedAccount(enabled=False),
        burst=Burst(enabled=False),
        failed_verification=FailedVerification(enabled=True, window="4d"),
        shared_payer=SETTINGS.patterns.shared_payer,  # the keys of an installation need one
    ),
    peers=PeerSettings(shrinkage=5.0),
)
"""Few patterns: more would only take longer."""

EVENTS: Final = st.one_of(worlds(), st.randoms(use_true_random=True).map(crowd))
CELL: Final = Cell("card")


def answered(events: Sequence[AnyEvent]) -> list[AnyEvent]:
    """Return events with the answers of all customers, who deny what anna sold."""
    answers = [
        activity(
            (one.occurred_at - START).total_seconds() / HOUR + 30,
            one.account_id,
            "agent",
            Done("verification", "zoe", "refused" if one.agent_id == "anna" else "confirmed"),
        )
        for one in events
        if isinstance(one, Sale)
    ]
    return in_order([*events, *answers])


class _ForgetsWhatWasAsked(Pipeline):
    """A fault: which sales were asked for is not saved."""

    def restore(self, snapshot: bytes) -> None:
        super().restore(snapshot)
        self._agents.beside.requests.state = RequestsState()


def log_of(
    events: Iterable[AnyEvent],
    cuts: Collection[int] = (),
    pipeline_type: type[Pipeline] = Pipeline,
) -> AlertLog:
    """Return alerts and requests, where the pipeline is asked, saved and replaced on the way."""
    log, pipeline = AlertLog(), pipeline_type(ON)
    for number, event in enumerate(events):
        pipeline.apply(event)
        if number in cuts:
            log.emit(pipeline.alerts())
            log.ask(pipeline.requests)
            saved = pipeline.snapshot()
            pipeline = pipeline_type(ON)
            pipeline.restore(saved)
    pipeline.advance(END)
    log.emit(pipeline.alerts())
    log.ask(pipeline.requests)
    return log


@settings(max_examples=5)
@given(data=st.data())
def test_stopping_and_going_on_anywhere_changes_no_request(data: st.DataObject) -> None:
    events = data.draw(late_orders(answered(data.draw(EVENTS))))
    cuts = data.draw(st.frozensets(st.integers(0, len(events) - 1), max_size=5))
    assert log_of(events, cuts) == log_of(events)


def test_the_law_catches_a_stage_that_forgets_what_it_asked_for() -> None:
    events = answered(crowd(Random(1)))  # noqa: S311 - a world, no secret
    every = range(0, len(events), 20)
    assert log_of(events, every) == log_of(events)
    assert log_of(events, every, _ForgetsWhatWasAsked) != log_of(events)


@settings(max_examples=3)
@given(data=st.data())
def test_partitions_and_crashes_change_no_request(data: st.DataObject) -> None:
    events = data.draw(orders_of(answered(data.draw(EVENTS))))
    installation = Installation(events, 2, settings=ON)
    installation.run(data.draw(st.randoms(use_true_random=True)), crashes=True)
    assert installation.alerts == log_of(events)


@given(EVENTS)
def test_sales_in_columns_are_candidates_as_objects_are(events: list[AnyEvent]) -> None:
    def said_of(ledger: Ledger) -> dict[Day, dict[int, Candidate | None]]:
        ledger.advance(END)
        days = ledger.drain().bundle.days
        return {on: {one.sale_hash: one.candidate for one in days[on].made} for on in sorted(days)}

    one_by_one, in_columns = Ledger(ON), Ledger(ON)
    for event in events:
        one_by_one.apply(event)
    decode = EventDecoder(ON.limits).decode
    lines = [msgspec.json.encode(event) for event in events]
    scanned = LineScanner(ON.limits, numbers=in_columns.numbers).scan(lines)
    join_all(in_columns, EventClock(ON.time, (SOURCE,)), scanned, lines, decode)
    assert said_of(in_columns) == said_of(one_by_one)


class _Suspects:
    """Knows how strong the evidence about some agents is."""

    def __init__(self) -> None:
        self.suspected: dict[AgentId, float] = {}

    def strengths(self, agents: Iterable[AgentId]) -> Iterator[tuple[AgentId, float]]:
        return ((one, self.suspected[one]) for one in agents if one in self.suspected)


def made(agent_id: AgentId, number: int, day: int) -> SaleMade:
    """Return a sale that may be asked for."""
    name = f"{agent_id} {number}"
    known = (SaleId(name), AccountId(name), Seconds(day * DAY), "card", None, "red")
    return SaleMade(agent_id, CELL, number, 0, 0, Candidate(*known))


def outcome_of(sold: SaleMade, *, bad: bool) -> Outcome:
    """Return what its customer said."""
    assert sold.candidate is not None
    end = Seconds(sold.candidate.at + WINDOW)
    verdict = Verdict.BAD if bad else Verdict.GOOD
    known = (FAILED, sold.candidate.sale_id, sold.agent_id, CELL, end, end, verdict)
    return Outcome(*known, account_id=sold.candidate.account_id)


def asked_for(
    requests: Requests, day: int, sales: Sequence[SaleMade]
) -> tuple[list[SaleMade], dict[SaleId, float]]:
    """Return the sales of a day that are asked for, and with which probability each."""
    requests.note(Day(day), {Day(day): SalesDay([*sales])})
    requests.ask(Day(day))
    told = {one.sale_id: one.probability for one in requests.drain()}
    return [one for one in sales if one.candidate and one.candidate.sale_id in told], told


@given(st.dictionaries(st.integers(0, 30), st.floats(0.0, 3.0), min_size=1))
def test_each_is_asked_for_with_the_probability_it_tells(levels: dict[int, float]) -> None:
    tier = _Suspects()
    tier.suspected = {AgentId(f"agent {number}"): level for number, level in levels.items()}
    requests, draw = Requests(ON, {}, [tier]), Draw(KEY)
    sales = [made(who, number, 5) for who in tier.suspected for number in range(40)]
    asked, told = asked_for(requests, 5, sales)
    for sold in sales:
        assert sold.candidate is not None
        name, account_id = sold.candidate.sale_id, sold.candidate.account_id
        level = tier.suspected[sold.agent_id]
        probability = 0.8 if level >= 0.1 else 0.4 if level >= 0.01 else 0.2
        assert (sold in asked) == (draw.number(name, account_id) < probability)
        assert told.get(name, probability) == probability


class _Unweighted(Requests):
    """A fault: an answer counts the same, however its sale was chosen."""

    def weighed(self, outcomes: Sequence[Outcome], exponents: Integers) -> Integers:
        del outcomes
        return exponents


AGENTS, DAYS = 60, 500
HARD, EASY = 0.24, 0.02
"""How many customers confirm nothing: in campaigns that are hard to explain, and else."""


def accused(requests_type: type[Requests], *, suspicious: bool) -> int:
    """Return how many of honest agents are accused, of whom all are alike.

    Each sells in hard campaigns on half of their days, drawn at random. If the choice is
    `suspicious`, they are suspected on these days. Peers are asked by chance alone.
    """
    chance, tier = np.random.default_rng(5), _Suspects()
    requests = requests_type(ON, {}, [tier])
    names = [AgentId(f"agent {number}") for number in range(AGENTS)]
    row_of = {name: row for row, name in enumerate(names)}
    table, largest = EvidenceTable(Prior(0.1)), np.zeros(AGENTS)
    table.add_up_to(AGENTS - 1)
    for day in range(DAYS):
        hard = dict(zip(names, (chance.random(AGENTS) < 0.5).tolist(), strict=True))
        tier.suspected = {name: 1.0 for name in names if hard[name] and suspicious}
        sales = [made(name, 2 * day + number, day) for name in names for number in range(2)]
        rates = [HARD if hard[sold.agent_id] else EASY for sold in sales]
        bad = dict(zip(sales, (chance.random(len(sales)) < rates).tolist(), strict=True))
        asked, _ = asked_for(requests, day, sales)
        outcomes = [outcome_of(sold, bad=bad[sold]) for sold in asked]
        rows = np.array([row_of[sold.agent_id] for sold in asked], np.int64)
        exponents = requests.weighed(outcomes, np.full(rows.size, 16, np.int64))
        levels = table.observe(
            rows,
            np.full(rows.size, day, np.int64),
            np.full(rows.size, (HARD + EASY) / 2),
            np.array([bad[sold] for sold in asked], np.bool_),
            exponents=exponents,
        )
        np.maximum.at(largest, rows, levels)
    return int(np.count_nonzero(largest >= 5_000.0))


def test_choosing_the_suspicious_accuses_nobody_as_their_answers_are_weighed() -> None:
    by_chance = accused(Requests, suspicious=False)
    assert by_chance <= 2
    assert accused(Requests, suspicious=True) <= by_chance
    assert accused(_Unweighted, suspicious=True) > AGENTS // 3


@given(st.lists(st.tuples(st.integers(0, 16), st.floats(0.0, 1.0)), max_size=20))
def test_a_weight_makes_no_evidence_stronger_and_takes_none_away(
    given_ones: list[tuple[int, float]],
) -> None:
    exponents = np.array([one for one, _ in given_ones], np.int64)
    weights = np.array([one for _, one in given_ones])
    of_all = weighed(exponents, weights)
    assert (of_all <= exponents).all()
    assert ((of_all > 0) == ((exponents > 0) & (weights > 0.0))).all()
    assert (np.abs(of_all - exponents * weights) <= 1.0).all()


def test_who_was_chosen_by_suspicion_is_in_no_baseline() -> None:
    lots = ON.verification.lots()
    assert lots is not None
    drawn = Drawn(ON.verification, lots)
    outcomes = [outcome_of(made(AgentId("anna"), number, 0), bad=False) for number in range(400)]
    numbers = np.array([lots.number(one.sale_id, one.account_id) for one in outcomes])
    apart = drawn.apart(outcomes)
    assert apart.tolist() == ((numbers >= 0.2) & (numbers < 0.8)).tolist()
    of_groups = drawn.weighed(outcomes, np.full(400, 16, np.int64))
    assert of_groups.tolist() == np.where(apart, 0, 16).tolist()
    assert 0.5 < apart.mean() < 0.7


def test_alerts_say_how_the_verified_were_chosen() -> None:
    pipeline = Pipeline(ON)
    for event in answered(crowd(Random(3), 400)):  # noqa: S311 - a world, no secret
        pipeline.apply(event)
    pipeline.advance(END)
    about = [one for one in pipeline.alerts() if one.pattern == FAILED and one.agent_id == "anna"]
    assert about
    assert isinstance(about[-1].evidence, RateEvidence)
    said = " ".join(about[-1].data_quality or ())
    assert "chosen by Aboveboard" in said
    assert pipeline.requests
    assert all(KEY not in repr(one) for one in (*about, *pipeline.requests))


def test_off_nothing_is_asked_for_and_no_byte_changes() -> None:
    off = VerificationSettings(most=0.5, key=KEY)
    assert structs.replace(SETTINGS, verification=off).config_hash == SETTINGS.config_hash
    pipeline = Pipeline(structs.replace(SETTINGS, verification=off))
    for event in crowd(Random(3), 40):  # noqa: S311 - a world, no secret
        pipeline.apply(event)
    pipeline.advance(END)
    pipeline.alerts()
    assert pipeline.requests == []


@pytest.mark.parametrize("change", [{"rate": 0.1}, {"most": 0.9}, {"key": KEY + "!"}])
def test_each_setting_of_it_is_in_the_hash_and_the_key_in_no_text(change: dict[str, float]) -> None:
    other = structs.replace(ON, verification=structs.replace(ON.verification, **change))
    assert other.config_hash != ON.config_hash
    assert KEY not in repr(other)
    assert KEY not in repr(Settings.effective(other))
