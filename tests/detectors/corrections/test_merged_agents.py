"""Ids of agents that became part of others: from the next day on both are one, in all places."""

from collections.abc import Sequence
from random import Random
from typing import Final

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from detectors.alerts.alert import Alert
from detectors.basis.event_time import DAY, Day, Seconds, day_of, seconds_at
from detectors.basis.identifiers import AccountId, AgentId
from detectors.correction_settings import CorrectionSettings
from detectors.events.event import AgentMerged, AnyEvent, Sale
from detectors.keys.stage import Keys
from detectors.ledger.stage import Ledger
from detectors.messages.mentions import MentionBundle
from detectors.messages.merging.agents import MergedAgent, MergedAgents
from detectors.messages.outcomes import Outcome
from detectors.patterns.key.shared_payer import SharedPayer
from detectors.pipeline import Pipeline
from detectors.settings import Settings
from tests.detectors.channels import AlertLog
from tests.detectors.insider.acts import FRAMED, GUILTY, honest_log
from tests.detectors.installation import Installation
from tests.detectors.ledger.runs import LedgerRun
from tests.detectors.ledger.told import PLAIN, Told
from tests.detectors.refutation import refuted
from tests.detectors.test_corrections import OFF, UNTIL
from tests.detectors.worlds import (
    DAYS,
    END,
    SETTINGS,
    as_they_arrive,
    at,
    crowd,
    in_order,
    late_orders,
    orders,
    sale,
    worlds,
)

BELIEVED: Final = CorrectionSettings(agents=True)
ON: Final = structs.replace(SETTINGS, corrections=BELIEVED)
IDS: Final = ("anna", "boris", "chen", "dora", "emil", "fay")
PASSED_ON: Final = ("handed_over", "taken_over")


def merged(hours: float, old: str, new: str) -> AgentMerged:
    return AgentMerged(
        event_id=f"merged {old} {new} {hours}",
        account_id=AccountId(old),
        occurred_at=at(hours),
        agent_id=AgentId(old),
        into_agent_id=AgentId(new),
    )


MERGES: Final = st.lists(
    st.builds(
        merged,
        st.integers(0, DAYS * 24),
        st.sampled_from(IDS),
        st.sampled_from(IDS),
    ),
    min_size=1,
    max_size=6,
    unique_by=lambda one: one.event_id,
)
"""Chains, circles, and merges of one id into two, on one day and on several."""


def counts_for(events: Sequence[AnyEvent], agent_id: str, day: Day) -> str:
    """Return for whom an id stands on a day, by definition."""
    passed, now = [agent_id], agent_id
    while True:
        told = [
            (day_of(seconds_at(one.occurred_at)) + 1, one.into_agent_id)
            for one in events
            if isinstance(one, AgentMerged) and one.agent_id == now != one.into_agent_id
        ]
        since = min([since for since, _ in told], default=day + 1)
        into = {new for known, new in told if known == since}
        if since > day or len(into) > 1:
            return now
        (now,) = into
        if now in passed:
            return agent_id
        passed.append(now)


def merging(draw: st.DrawFn, events: Sequence[AnyEvent]) -> list[AnyEvent]:
    return in_order([*events, *draw(MERGES)])


@st.composite
def merging_worlds(draw: st.DrawFn) -> list[AnyEvent]:
    return merging(draw, draw(worlds(6)))


def without(events: Sequence[AnyEvent]) -> list[AnyEvent]:
    return [event for event in events if not isinstance(event, AgentMerged)]


def as_bytes(outcomes: Sequence[Outcome]) -> set[bytes]:
    return set(map(msgspec.json.encode, outcomes))


def in_time_law(ledger: type[Ledger], data: st.DataObject) -> None:
    events = data.draw(merging_worlds())
    run = LedgerRun(data.draw(orders(events)), ledger(ON), every=data.draw(st.integers(1, 9)))

    def counted(outcome: Outcome) -> Outcome:
        if outcome.agent_id is None:
            return outcome
        known = counts_for(events, outcome.agent_id, day_of(outcome.matured_at))
        return structs.replace(outcome, agent_id=AgentId(known))

    plain = LedgerRun(without(events), Ledger(ON), until=END).outcomes
    assert as_bytes(run.outcomes) == as_bytes([counted(one) for one in plain])
    in_order_of_time = LedgerRun(events, Ledger(ON))
    assert run.days == in_order_of_time.days
    assert passed_on(run) == passed_on(in_order_of_time)
    names = {one.agent_id for one in events if isinstance(one, AgentMerged) and _says(one)}
    assert run.ledger.matches.counts.merged_agents == len(names)


def _says(event: AgentMerged) -> bool:
    return event.agent_id != event.into_agent_id


def passed_on(run: LedgerRun) -> set[tuple[str, int, str]]:
    told = [one for one in run.contested if one.about in PASSED_ON]
    return {(one.agent_id, one.sale_hash, one.about) for one in told}


@given(st.data())
def test_in_any_order_what_matures_from_the_next_day_on_counts_for_who_they_are(
    data: st.DataObject,
) -> None:
    in_time_law(Ledger, data)


class CountsFromThatMomentOn(MergedAgents):
    """Begins with the day of the merge, of which some is told already."""

    def merge(self, event: AgentMerged, at: Seconds, watermark: Seconds) -> bool:
        today = MergedAgent(event.agent_id, day_of(max(at, watermark)), (event.into_agent_id,))
        return self.learn(today)


class TakesTheLatest(MergedAgents):
    """Lets whoever comes last say who somebody is."""

    def learn(self, merged: MergedAgent) -> bool:
        self._known.pop(merged.agent_id, None)
        return super().learn(merged)


class FollowsOneStep(MergedAgents):
    """Knows no chains."""

    def _end(self, agent_id: AgentId, day: Day) -> AgentId:
        known = self._known[agent_id]
        return known.into[0] if known.since <= day and len(known.into) == 1 else agent_id


def with_merges(merges: type[MergedAgents]) -> type[Ledger]:
    class Broken(Ledger):
        def __init__(self, settings: Settings, partition: int = 0) -> None:
            super().__init__(settings, partition)
            self.merged_agents = merges(heeded=True)  # type: ignore[misc] # on purpose

    return Broken


@pytest.mark.parametrize("broken", [CountsFromThatMomentOn, TakesTheLatest, FollowsOneStep])
def test_the_law_of_order_catches(broken: type[MergedAgents]) -> None:
    assert refuted(in_time_law, with_merges(broken))


@given(st.data())
def test_columns_and_objects_tell_the_same(data: st.DataObject) -> None:
    events = data.draw(merging_worlds())
    log = data.draw(st.one_of(orders(events), late_orders(events)))
    sizes = data.draw(st.lists(st.integers(1, 30), max_size=5))
    on = structs.replace(PLAIN, corrections=BELIEVED)
    in_blocks = Told(Ledger(on)).in_blocks(log, sizes)
    assert in_blocks.everything() == Told(Ledger(on)).one_by_one(log).everything()


@given(st.data())
def test_by_default_they_are_counted_and_change_nothing(data: st.DataObject) -> None:
    events = data.draw(merging_worlds())
    run = LedgerRun(data.draw(orders(events)))
    assert run.emitted() == LedgerRun(without(events)).emitted()
    assert not passed_on(run)
    named = {one.agent_id for one in events if isinstance(one, AgentMerged) and _says(one)}
    assert run.ledger.matches.counts.merged_agents == len(named)


def in_one_process(events: Sequence[AnyEvent], cut: int | None = None) -> AlertLog:
    """Return the alerts of one process, saved and replaced after so many events."""
    pipeline, log = Pipeline(ON), AlertLog()
    for number, event in enumerate(events):
        pipeline.apply(event)
        if number == cut:
            log.emit(pipeline.alerts())
            saved, pipeline = pipeline.snapshot(), Pipeline(ON)
            pipeline.restore(saved)
    pipeline.advance(END)
    log.emit(pipeline.alerts())
    return log


Stages = tuple[type[Ledger], type[Keys], int]


def replay_law(stages: Stages, data: st.DataObject) -> None:
    ledger, keys, partitions = stages
    random = data.draw(st.randoms(use_true_random=True))
    events = in_order([*crowd(random, 40), *data.draw(MERGES)])
    log = data.draw(orders(events))
    installation = Installation(log, partitions, ledger, settings=ON, keys_type=keys)
    installation.run(random, crashes=True)
    whole = in_one_process(log)
    assert installation.alerts == whole
    assert in_one_process(log, cut=random.randrange(len(log))) == whole


@settings(max_examples=3)
@given(st.sampled_from([1, 2, 4]), st.data())
def test_partitions_crashes_and_restarts_change_no_alert(
    partitions: int, data: st.DataObject
) -> None:
    replay_law((Ledger, Keys, partitions), data)


def sellers_across(events: Sequence[AnyEvent], *, heard: bool) -> set[AgentId | None]:
    """Return to whom outcomes across accounts go, where the keys hear of merges or not."""
    ledger, keys = Ledger(ON), Keys(ON)
    for event in events:
        ledger.apply(event)
    ledger.advance(END)
    output = ledger.drain()
    known = output.merged if heard else []
    keys.receive(MentionBundle(0, output.bundle.watermark, output.mentions, merged=known))
    return {one.agent_id for one in keys.drain().outcomes}


def test_what_is_found_across_accounts_goes_to_the_id_that_goes_on() -> None:
    events: list[AnyEvent] = [
        merged(0, "anna", "boris"),
        sale(60, "a"),
        sale(61, "b"),
        sale(62, "c"),
    ]
    assert sellers_across(events, heard=True) == {"boris"}
    assert sellers_across(events, heard=False) == {"anna"}


RENAMED: Final = AgentId("g0 renamed")


def renaming(*merges: AgentMerged, in_turn: int = 2) -> list[AnyEvent]:
    """Return a log in which the guilty makes one of so many sales under a new name."""
    events: list[AnyEvent] = []
    for number, event in enumerate(as_they_arrive(honest_log())):
        own = isinstance(event, Sale) and event.agent_id == GUILTY
        renamed = own and number % in_turn == 0
        events.append(structs.replace(event, agent_id=RENAMED) if renamed else event)
    return in_order([*events, *merges])


def told(*merges: AgentMerged, in_turn: int = 2, believed: bool = True) -> list[Alert]:
    """Return the alerts about agents, with nothing for long in the end."""
    pipeline = Pipeline(structs.replace(OFF, corrections=CorrectionSettings(agents=believed)))
    for event in renaming(*merges, in_turn=in_turn):
        pipeline.apply(event)
    pipeline.advance(Seconds(UNTIL + 80 * DAY))
    return [alert for alert in pipeline.alerts() if alert.subject.type == "agent"]


class Forgets(MergedAgents):
    """Knows nothing any more after a crash."""

    def restore(self, state: object) -> None:
        del state


def restart_law(ledger: type[Ledger]) -> None:
    """Tell of the one id alone, by two partitions that crash, where the guilty has two."""
    across = structs.replace(OFF.patterns, shared_payer=SharedPayer(enabled=True))
    on = structs.replace(OFF, corrections=BELIEVED, patterns=across)
    log = renaming(merged(-24, GUILTY, RENAMED))
    installation = Installation(log, 2, ledger, settings=on)
    installation.run(Random(1), crashes=True, until=UNTIL)  # noqa: S311 - nothing secret
    alerts = [msgspec.json.decode(one, type=Alert) for one in installation.alerts.values()]
    assert {alert.subject.id for alert in alerts if alert.subject.type == "agent"} == {RENAMED}


def test_a_restart_forgets_no_merge() -> None:
    restart_law(Ledger)
    with pytest.raises(AssertionError):
        restart_law(with_merges(Forgets))


def test_whoever_has_two_ids_is_judged_as_one() -> None:
    both = told(merged(-24, GUILTY, RENAMED))
    assert {alert.subject.id for alert in both} == {RENAMED}
    assert [structs.replace(alert, data_quality=msgspec.UNSET) for alert in both] == told(in_turn=1)
    (sentence,) = both[-1].data_quality or ()
    assert sentence.endswith(
        " sales made under another id counted for this agent: a record says that it is the same; "
        "what was told of that id before stands apart"
    )


def test_what_was_told_of_the_old_id_stands_and_says_where_the_rest_is() -> None:
    late = told(merged(24 * 25, GUILTY, RENAMED), in_turn=9)
    about = {alert.subject.id: alert for alert in late if alert.pattern == "quick_cancellation"}
    assert about.keys() == {GUILTY, RENAMED}
    assert (about[GUILTY].status, about[GUILTY].withdrawal) == ("resolved", msgspec.UNSET)
    (sentence,) = about[GUILTY].data_quality or ()
    assert "sales made under this id counted for another one" in sentence


def test_by_default_nobody_is_framed_by_it() -> None:
    """An insider makes a colleague of the guilty."""
    frames = (merged(-24, GUILTY, FRAMED), merged(-24, RENAMED, FRAMED))
    assert {alert.subject.id for alert in told(*frames, believed=False)} == {GUILTY, RENAMED}
