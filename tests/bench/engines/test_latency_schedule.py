"""The trigger of an alert is the first record with which the watermark passes its deadline."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.engines.latency_schedule import Schedule, latencies, quantile

TOPICS = ("sales", "cancellations")
LATENESS = 10.0

Record = tuple[str, int, float]

records_of_two_topics = st.lists(
    st.tuples(
        st.sampled_from(TOPICS),
        st.integers(0, 1),
        st.integers(0, 60).map(float),
    ),
    max_size=40,
)


def by_replaying(records: list[Record], partition: int, deadline: float) -> int | None:
    """Follow the watermark record by record, as a ledger does."""
    newest: dict[str, float] = {}
    for place, (topic, where, at) in enumerate(records):
        if where == partition:
            newest[topic] = max(at, newest.get(topic, at))
            if len(newest) == len(TOPICS) and min(newest.values()) - LATENESS > deadline:
                return place
    return None


@given(records_of_two_topics, st.integers(0, 1), st.integers(-20, 60).map(float))
def test_it_is_what_a_replay_finds(records: list[Record], partition: int, deadline: float) -> None:
    found = Schedule(records, LATENESS).trigger(partition, deadline, len(TOPICS))
    assert found == by_replaying(records, partition, deadline)


def test_a_record_at_the_deadline_itself_does_not_pass_it() -> None:
    records = [("sales", 0, 30.0), ("cancellations", 0, 30.0), ("cancellations", 0, 30.5)]
    schedule = Schedule([*records, ("sales", 0, 31.0)], LATENESS)
    assert schedule.trigger(0, 20.0, 2) == 3
    assert schedule.trigger(0, 19.9, 2) == 1


def test_a_silent_topic_holds_time_back() -> None:
    assert Schedule([("sales", 0, 90.0)], LATENESS).trigger(0, 20.0, 2) is None


def test_a_wait_is_from_the_trigger_to_the_alert() -> None:
    found = latencies({"a": 0, "b": 2}, [100.0, 101.0, 102.0], {"a": 100.5, "b": 102.1, "c": 0.0})
    assert found.number == 2
    assert found.median == pytest.approx(0.1)
    assert found.ninety_ninth == pytest.approx(0.5)


def test_an_alert_that_never_came_is_not_passed_over() -> None:
    with pytest.raises(ValueError, match="of 2 alerts, 1 were not received"):
        latencies({"a": 0, "b": 0}, [1.0], {"a": 2.0})


def test_nothing_to_compare_is_no_result() -> None:
    with pytest.raises(ValueError, match="of 0 alerts"):
        latencies({}, [], {})


@given(st.lists(st.floats(0, 10), min_size=1), st.sampled_from([0.01, 0.5, 0.99, 1.0]))
def test_a_quantile_has_its_share_at_or_below_it(values: list[float], share: float) -> None:
    found = quantile(sorted(values), share)
    assert found in values
    assert sum(value <= found for value in values) >= share * len(values)
    assert sum(value < found for value in values) < share * len(values)
