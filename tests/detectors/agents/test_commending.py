"""Who is commended: whose sales are kept and used more than those of peers, and nobody else."""

from collections.abc import Sequence
from typing import Final

import msgspec
import numpy as np
import pytest
from msgspec import structs

from detectors.agents.believed import Believed, BelievedState
from detectors.agents.contested_sales import ContestedSales
from detectors.agents.mature.good_sums import GoodSums
from detectors.agents.mature.tier import MatureTier
from detectors.agents.stage import Agents
from detectors.basis.event_time import Day, start_of_day
from detectors.basis.identifiers import AgentId, PatternName
from detectors.commendation_settings import CommendationSettings
from detectors.evidence.arrays import Reals
from detectors.facts.account import Verdict
from detectors.messages.outcomes import Outcome
from detectors.peers import leave_one_out
from detectors.peers.expectation import COLUMNS, sum_up
from detectors.peers.leave_one_out import Added, Expected, Market, Slots, compare
from detectors.sight.stretch import EVERYWHERE, Stretch
from tests.detectors.agents.sellers import (
    BEGINS,
    CHEAP,
    KEPT,
    USED,
    Force,
    Told,
    outcome,
    rates,
    sold,
)

OPENED: Final = 150
"""By this day the best agent was commended."""
SALES_FORCE: Final = rates(10, best=0.04)


@pytest.fixture(scope="module")
def commended() -> Force:
    """Return a sales force of which one agent is commended."""
    return Force(CHEAP).sell(range(BEGINS, BEGINS + OPENED), sold(SALES_FORCE))


def later(
    commended: Force, told: Told, days: int = 6, *, contested: Sequence[str] = (), uses: int = 40
) -> Force:
    """Return how it goes on."""
    first = BEGINS + OPENED
    force = Force(CHEAP).restore(commended.saved())
    return force.sell(range(first, first + days), told, contested=contested, uses=uses)


def test_whoever_has_half_the_bad_outcomes_is_commended_and_nobody_else(commended: Force) -> None:
    (one,) = commended.commendations
    assert (one.agent_id, one.status, one.severity, one.revision) == ("best", "open", "info", 1)
    assert one.value >= one.threshold == 20.0
    kept, used = one.grounds
    assert (kept.pattern, used.pattern) == (KEPT, USED)
    counted = [
        (told.verdict is Verdict.BAD, told.pattern)
        for day in range(BEGINS, BEGINS + OPENED)
        for told in sold(SALES_FORCE)(day)
        if told.agent_id == "best" and start_of_day(Day(day)) < one.opened_at.timestamp()
    ]
    for ground in one.grounds:
        assert ground.matured == sum(name == ground.pattern for _, name in counted)
        assert ground.observed == sum(bad for bad, name in counted if name == ground.pattern)
        assert ground.rate_ratio_low < ground.rate_ratio < ground.rate_ratio_high < 1.0
        assert ground.observed / ground.expected < ground.rate_ratio  # shrunk
        assert f"of {ground.matured:,} sales since 2024-09-09, {ground.observed:,} " in one.summary
    assert commended.open() == {"best"}


def turned_bad(day: int) -> list[Outcome]:
    return list(sold(SALES_FORCE | {"best": 0.9})(day))


def test_a_commendation_ends_when_there_is_an_alert_and_does_not_say_so(commended: Force) -> None:
    force = later(commended, turned_bad, 12)
    (ended,) = force.commendations
    (alert, *_) = (one for one in force.alerts if one.agent_id == "best")
    assert (ended.status, ended.revision) == ("ended", 2)
    assert ended.updated_at == alert.updated_at, "not a day after"
    (opened,) = commended.commendations
    assert ended.summary == f"{opened.summary} Ended: this does not stand any more."
    told = structs.replace(ended, summary=opened.summary, status="open", revision=1)
    assert structs.replace(told, updated_at=opened.updated_at) == opened
    assert force.open() == set()


def test_a_commendation_ends_while_claims_about_the_agent_contradict(commended: Force) -> None:
    force = later(commended, sold(SALES_FORCE), contested=["best"])
    assert [one.status for one in force.commendations] == ["ended"]
    assert later(commended, sold(SALES_FORCE), contested=["agent 1"]).commendations == []


def test_a_commendation_ends_when_nothing_of_theirs_is_judged_any_more(commended: Force) -> None:
    gone = sold({name: rate for name, rate in SALES_FORCE.items() if name != "best"})
    assert later(commended, gone, 80).commendations == []
    assert [one.status for one in later(commended, gone, 96).commendations] == ["ended"]


def test_a_commendation_ends_when_the_agent_is_no_better_any_more(commended: Force) -> None:
    force = later(commended, sold(SALES_FORCE | {"best": 0.1}), 90)
    assert [one.status for one in force.commendations] == ["ended"]
    assert not [one for one in force.alerts if one.agent_id == "best"]


def test_outcomes_that_are_taken_back_count_no_more(commended: Force) -> None:
    """Sales that were good by a lost feed, and are bad by a late one."""

    def corrected(day: int) -> list[Outcome]:
        first = BEGINS + OPENED
        late = [
            outcome(name, "best", before, number, Verdict.BAD, before=Verdict.GOOD)
            for name in (KEPT, USED)
            for before in range(first - 7, first)
            for number in range(4)
            if next(
                one.verdict
                for one in sold(SALES_FORCE)(before)
                if (one.pattern, one.agent_id) == (name, "best")
                and one.sale_id.endswith(f" {number}")
            )
            is Verdict.GOOD
        ]
        return [*sold(SALES_FORCE)(day), *(late if day == first else ())]

    stage = later(commended, corrected, 1).agents[0]
    usual = later(commended, sold(SALES_FORCE), 1).agents[0]
    for name in (KEPT, USED):
        bad, other = (sums_of(one, name)[1] for one in (stage, usual))
        assert bad - other >= 20
        assert sums_of(stage, name)[0] == sums_of(usual, name)[0]


def sums_of(stage: Agents, name: PatternName) -> tuple[int, int]:
    (tier,) = (t for t in stage.tiers if isinstance(t, MatureTier) and t.name == name)
    assert tier.good is not None
    sums = tier.good.of(tier.rows[AgentId("best")])
    assert sums is not None
    return sums.outcomes, sums.bad


def never(force: Force) -> None:
    assert force.commendations == []


def test_nobody_is_commended_for_what_is_kept_and_never_used() -> None:
    kept = sold(SALES_FORCE | {"best": 0.0}, patterns=[KEPT])
    used = sold(SALES_FORCE | {"best": 0.12}, patterns=[USED])
    never(Force(CHEAP).sell(range(BEGINS, BEGINS + 99), lambda day: [*kept(day), *used(day)]))


def test_where_no_use_is_reported_what_is_kept_is_enough() -> None:
    kept = sold(SALES_FORCE | {"best": 0.0}, patterns=[KEPT])
    force = Force(CHEAP).sell(range(BEGINS, BEGINS + 99), kept)
    assert force.commended() == {"best"}
    assert [one.pattern for one in force.commendations[0].grounds] == [KEPT]


def with_settings(commendations: CommendationSettings) -> Force:
    force = Force(structs.replace(CHEAP, commendations=commendations))
    told = sold(SALES_FORCE | {"best": 0.0}, patterns=[KEPT])
    return force.sell(range(BEGINS, BEGINS + 99), told)


def test_the_settings_decide() -> None:
    assert with_settings(CommendationSettings()).commended() == {"best"}
    never(with_settings(CommendationSettings(enabled=False)))
    never(with_settings(CommendationSettings(least_matured=397)))
    assert with_settings(CommendationSettings(least_matured=300)).commended() == {"best"}
    never(with_settings(CommendationSettings(at_most_per_1000_agent_years=0.01)))


def test_nobody_is_commended_while_use_cannot_be_seen() -> None:
    kept = sold(SALES_FORCE | {"best": 0.0})
    days = range(BEGINS, BEGINS + 99)
    assert Force(CHEAP).sell(days, kept).commended() == {"best"}
    blind = Force(CHEAP).sell(days[:30], kept).sell(days[30:], kept, uses=0)
    assert [one.kind for one in blind.agents[0].believed.stretches()] == ["account_activity"]
    never(blind)


def test_what_is_unseen_of_another_site_does_not_matter() -> None:
    believed, day = Believed(CHEAP), Day(BEGINS)
    stretch = Stretch("account_activity", "south", Day(BEGINS - 3))
    believed.restore(BelievedState(blind={day: [stretch]}))
    since = start_of_day(Day(BEGINS - 1))
    assert believed.is_unseen(day, USED, "south", since)
    assert not believed.is_unseen(day, USED, "north", since)
    assert believed.is_unseen(day, USED, None, since), "of any site"
    assert not believed.is_unseen(day, KEPT, "south", since), "it does not rest on use"
    everywhere = structs.replace(stretch, site=EVERYWHERE, until=Day(BEGINS - 2))
    believed.restore(BelievedState(blind={day: [everywhere]}))
    assert not believed.is_unseen(day, USED, "north", since), "it is over"


def eventful(day: int) -> list[Outcome]:
    """Return a log in which outcomes are corrected, and somebody good turns bad."""
    number = day - BEGINS
    told = list(sold(SALES_FORCE | {"best": 0.9 if number > 140 else 0.04, "other": 0.05})(day))
    if number > 10 and number % 3 == 0:
        earlier = sold(SALES_FORCE | {"other": 0.05})(day - 4)
        told += [
            structs.replace(one, verdict=Verdict.EXCLUDED, before=Verdict.BAD, event_ids=())
            for one in earlier
            if one.verdict is Verdict.BAD and one.agent_id in ("other", "agent 3")
        ]
    return told


DAYS: Final = range(BEGINS, BEGINS + 155)


@pytest.fixture(scope="module")
def once() -> list[bytes]:
    """Return what one partition tells that is never restarted."""
    return told_by(Force(CHEAP).sell(DAYS, eventful))


def told_by(force: Force) -> list[bytes]:
    return [msgspec.json.encode(one) for one in force.commendations]


def test_partitions_and_restarts_change_no_byte(once: list[bytes]) -> None:
    assert told_by(Force(CHEAP, 3).sell(DAYS, eventful, restarts=11)) == once
    statuses = [msgspec.json.decode(one)["status"] for one in once]
    assert {"open", "ended"} == {*statuses}


@pytest.mark.parametrize("lost", ["sums", "open"])
def test_the_law_of_replay_bites(
    once: list[bytes], lost: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    force = Force(CHEAP).sell(DAYS[:145], eventful)
    stage, peers = force.saved()
    if lost == "sums":
        monkeypatch.setattr(GoodSums, "restore", lambda *_: None)
    else:
        stage = without_open(stage)
    force.restore([stage, peers]).sell(DAYS[145:], eventful)
    assert told_by(force) != once


def without_open(saved: bytes) -> bytes:
    state = msgspec.msgpack.decode(saved)
    state["beside"]["commending"] = {"open": {}}
    return msgspec.msgpack.encode(state)


def with_own(
    slots: Slots, added: Added, market: Market, day: int, left: Reals, expected: Expected
) -> None:
    """Expect what all do, the agent among them."""
    compare(slots, added, market, day, left, expected)
    everybody = np.zeros((market.parents.size, COLUMNS))
    everybody[market.nodes] = market.numbers
    sum_up(market.parents, everybody)
    table = slots.table.copy()
    table[:, :COLUMNS] = 0.0
    last = added.slots[: expected.probabilities.size]
    leave_one_out._expect(  # noqa: SLF001 - as `compare` does
        slots._replace(table=table), last, everybody, market.shrinkage, expected
    )


def test_an_agent_among_their_own_peers_is_found_later(monkeypatch: pytest.MonkeyPatch) -> None:
    few, days = sold(rates(4, best=0.02)), range(BEGINS, BEGINS + 60)
    assert Force(CHEAP).sell(days, few).commended() == {"best"}
    monkeypatch.setattr(leave_one_out, "compare", with_own)
    never(Force(CHEAP).sell(days, few))


def test_the_gates_bite(commended: Force, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(ContestedSales, "agents", lambda *_: set())
        assert later(commended, sold(SALES_FORCE), contested=["best"]).commendations == []
    with monkeypatch.context() as broken:
        broken.setattr(Believed, "is_unseen", lambda *_: False)
        kept, days = sold(SALES_FORCE | {"best": 0.0}), range(BEGINS, BEGINS + 99)
        assert Force(CHEAP).sell(days[:30], kept).sell(days[30:], kept, uses=0).commended()
