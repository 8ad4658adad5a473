"""What is said anew after the verdict changes the same alerts, however the log is cut into parts.

Each partition has a watermark of its own, and a late event counts from there on. So it comes here
when all partitions have just heard of one moment: whatever they know then, they know as one.
"""

from collections.abc import Sequence
from random import Random
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from detectors.agents.gathering.gathering import Gathering
from detectors.agents.stage import Agents
from detectors.basis.event_time import BEGINNING, seconds_at
from detectors.basis.identifiers import AccountId, AgentId
from detectors.correction_settings import CorrectionSettings
from detectors.events.event import AccountMerged, AnyEvent, Cancellation, Sale
from detectors.ledger.stage import Ledger
from detectors.messages.outcomes import Outcome
from detectors.pipeline import Pipeline
from detectors.settings import Settings
from tests.detectors.channels import AlertLog, place_of
from tests.detectors.corrections.test_merged_agents import Forgets, merged
from tests.detectors.installation import Installation
from tests.detectors.refutation import refuted
from tests.detectors.worlds import (
    DAYS,
    END,
    HOUR,
    SETTINGS,
    Done,
    activity,
    at,
    crowd,
    in_order,
)

LATE_DAYS: Final = 9
"""For so long something is said anew: past every window."""

ON: Final = structs.replace(
    SETTINGS,
    corrections=CorrectionSettings(versions=True, merges=True, agents=True),
    time=structs.replace(SETTINGS.time, corrections_for=f"{LATE_DAYS + 1}d"),
)
MOST_PARTITIONS: Final = 4
PARTITIONS: Final = (1, 2, 4)

HEARD_OF: Final = [
    next(name for name in map(str, range(100)) if place_of(name, MOST_PARTITIONS) == place)
    for place in range(MOST_PARTITIONS)
]
"""An account in each partition, of however many."""


def hours_of(event: AnyEvent) -> float:
    return (seconds_at(event.occurred_at) - seconds_at(at(0))) / HOUR


def said_anew(random: Random, event: AnyEvent) -> AnyEvent | None:
    """Return what is said of an event later, or itself if it is said late; mostly nothing."""
    chance = random.random()
    if isinstance(event, Cancellation):
        return event if chance < 0.5 else None
    if not isinstance(event, Sale) or chance > 0.2:
        return None
    if chance < 0.04:
        return AccountMerged(
            event_id=f"merged {event.event_id}",
            account_id=event.account_id,
            occurred_at=event.occurred_at,
            into_account_id=AccountId("elsewhere"),
        )
    return structs.replace(
        event,
        event_id=f"again {event.event_id}",
        version=random.randrange(2, 4),
        agent_id=AgentId(random.choice(("anna", "boris", "fay"))),
    )


def late_log(random: Random, number: int = 90) -> list[AnyEvent]:
    """Return a log of days, each of which begins with what is said late, heard of by everybody."""
    days: dict[int, list[AnyEvent]] = {day: [] for day in range(DAYS + 25)}
    late: dict[int, list[AnyEvent]] = {day: [] for day in days}
    for event in crowd(random, number):
        day = int(hours_of(event) // 24)
        anew = said_anew(random, event)
        if anew is not event:
            days[max(day, 0)].append(event)
        if anew is not None:
            late[max(day, 0) + random.randrange(2, LATE_DAYS)].append(anew)
    for _ in range(3):
        day = random.randrange(2, DAYS)
        old, new = random.sample(("anna", "boris", "chen", "dora", "fay"), 2)
        late[day].append(merged(24 * (day - random.randrange(2)), old, new))
    log: list[AnyEvent] = []
    for day, events in days.items():
        beats = [activity(24 * day, one, "system", Done("survey")) for one in HEARD_OF]
        random.shuffle(late[day])
        log += [*beats, *late[day], *in_order(events)]
    return log


def in_one_process(events: Sequence[AnyEvent]) -> AlertLog:
    pipeline, log = Pipeline(ON), AlertLog()
    for event in events:
        pipeline.apply(event)
    pipeline.advance(END)
    log.emit(pipeline.alerts())
    return log


Stages = tuple[type[Ledger], type[Agents]]


def late_law(stages: Stages, data: st.DataObject) -> None:
    ledger, agents = stages
    random = data.draw(st.randoms(use_true_random=True))
    events, partitions = late_log(random), data.draw(st.sampled_from(PARTITIONS))
    installation = Installation(events, partitions, ledger, agents, settings=ON)
    installation.run(random, crashes=True)
    assert installation.alerts == in_one_process(events)


@settings(max_examples=3)
@given(data=st.data())
def test_what_comes_after_the_verdict_is_the_same_in_all_partitions(data: st.DataObject) -> None:
    late_law((Ledger, Agents), data)


class _CountsAtOnce(Gathering):
    """Counts a late outcome on the day that the fastest ledger has come to."""

    def _receive_late(self, outcome: Outcome) -> None:
        newest = max(self.state.watermarks)
        known_at = outcome.known_at if newest == BEGINNING else max(newest, outcome.known_at)
        super()._receive_late(structs.replace(outcome, known_at=known_at))


class CountsWhereTheFastestIs(Agents):
    """Lets it depend on the other ledgers when a late outcome counts."""

    def __init__(self, settings: Settings, partition: int = 0, ledger_partitions: int = 1) -> None:
        super().__init__(settings, partition, ledger_partitions)
        self._gathering.__class__ = _CountsAtOnce


class MergesAreLost(Ledger):
    """Forgets in a crash who is who."""

    def __init__(self, settings: Settings, partition: int = 0) -> None:
        super().__init__(settings, partition)
        self.merged_agents = Forgets(heeded=True)  # type: ignore[misc] # on purpose


@pytest.mark.parametrize("stages", [(Ledger, CountsWhereTheFastestIs), (MergesAreLost, Agents)])
def test_the_law_catches(stages: Stages) -> None:
    assert refuted(late_law, stages, examples=30)
