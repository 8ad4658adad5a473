"""The laws of the whole: one log of events, one log of alerts."""

from collections.abc import Sequence

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from detectors.basis.durations import seconds_of
from detectors.basis.errors import IncompatibleSnapshot, InvalidEvent
from detectors.basis.event_time import Seconds
from detectors.events.event import AnyEvent, Sale
from detectors.pipeline import Pipeline
from detectors.settings import Settings
from tests.detectors.worlds import (
    END,
    HOUR,
    LATENESS,
    SETTINGS,
    START,
    activity,
    crowd,
    late_orders,
    orders,
    sale,
    worlds,
)

EVENTS = st.one_of(worlds(), st.randoms(use_true_random=True).map(crowd))


def log_of(
    events: Sequence[AnyEvent],
    asked_after: frozenset[int] = frozenset(),
    cut_after: frozenset[int] = frozenset(),
) -> list[bytes]:
    """Return the log; alerts are asked for, or the pipeline is saved and replaced, on the way."""
    pipeline = Pipeline(SETTINGS)
    log = []
    for number, event in enumerate(events):
        pipeline.apply(event)
        if number in asked_after or number in cut_after:
            log += pipeline.alerts()
        if number in cut_after:
            saved = pipeline.snapshot()
            pipeline = Pipeline(SETTINGS)
            pipeline.restore(saved)
    log += pipeline.alerts()
    pipeline.advance(END)
    log += pipeline.alerts()
    return [msgspec.json.encode(alert) for alert in log]


def some_places(events: Sequence[AnyEvent]) -> st.SearchStrategy[frozenset[int]]:
    return st.frozensets(st.integers(0, len(events) - 1), max_size=12)


@given(data=st.data())
def test_order_within_the_lateness_and_repeats_change_no_byte(data: st.DataObject) -> None:
    events = data.draw(EVENTS)
    assert log_of(data.draw(orders(events))) == log_of(events)


@given(data=st.data())
def test_how_often_alerts_are_asked_for_changes_no_byte(data: st.DataObject) -> None:
    events = data.draw(late_orders(data.draw(EVENTS)))
    every = data.draw(st.one_of(some_places(events), st.just(frozenset(range(len(events))))))
    assert log_of(events, asked_after=every) == log_of(events)


@given(data=st.data())
def test_stopping_and_going_on_anywhere_changes_no_byte(data: st.DataObject) -> None:
    events = data.draw(late_orders(data.draw(EVENTS)))
    assert log_of(events, cut_after=data.draw(some_places(events))) == log_of(events)


@given(data=st.data())
def test_one_wrong_timestamp_changes_no_other_alert(data: st.DataObject) -> None:
    events = data.draw(EVENTS)
    wrong = sale(24 * 365 * 74, "an account", "a sale")
    place = data.draw(st.integers(0, len(events)))
    assert log_of([*events[:place], wrong, *events[place:]]) == log_of(events)


@given(EVENTS)
def test_the_log_is_in_order_and_has_each_revision_once(events: list[AnyEvent]) -> None:
    log = [msgspec.json.decode(alert) for alert in log_of(events)]
    assert [alert["updated_at"] for alert in log] == sorted(alert["updated_at"] for alert in log)
    revisions: dict[str, int] = {}
    for alert in log:
        assert alert["revision"] == revisions.get(alert["alert_id"], 0) + 1
        revisions[alert["alert_id"]] = alert["revision"]


@given(st.randoms(use_true_random=True).map(crowd))
def test_pending_counts_the_sales_whose_window_has_not_passed(events: list[AnyEvent]) -> None:
    sold = [event for event in events if isinstance(event, Sale)]
    windows = {p.name: p.window for p in SETTINGS.patterns.enabled()}
    checked = 0
    for alert in map(msgspec.json.decode, log_of(events)):
        if alert["subject"]["type"] == "agent":
            now = msgspec.convert(alert["updated_at"], type(START)).timestamp()
            window = seconds_of(windows[alert["pattern"].removesuffix("_early")])
            assert alert["evidence"]["pending"] == sum(
                event.agent_id == alert["subject"]["id"]
                and now - window <= event.occurred_at.timestamp() < now
                for event in sold
            )
            checked += 1
    assert checked


def test_a_sale_within_its_window_is_in_no_figure() -> None:
    off = structs.replace(SETTINGS.patterns.pushed_sale, enabled=False)
    patterns = structs.replace(SETTINGS.patterns, pushed_sale=off)
    pipeline = Pipeline(structs.replace(SETTINGS, patterns=patterns))
    for number in range(30):
        pipeline.apply(sale(number / 10, f"account {number}", f"sale {number}"))
    pipeline.apply(activity(47 + LATENESS, "another account"))
    assert pipeline.watermark < START.timestamp() + 48 * HOUR
    assert pipeline.alerts() == []
    assert pipeline.outcomes == 0


def test_time_that_was_declared_complete_refuses_what_is_too_late() -> None:
    pipeline = Pipeline(SETTINGS)
    pipeline.apply(sale(0))
    pipeline.advance(Seconds(START.timestamp() + 1_000 * HOUR))
    with pytest.raises(InvalidEvent, match="too_late"):
        pipeline.apply(activity(1))


def test_a_snapshot_under_other_settings_is_refused() -> None:
    with pytest.raises(IncompatibleSnapshot, match="settings"):
        Pipeline(Settings()).restore(Pipeline(SETTINGS).snapshot())


@pytest.mark.parametrize("snapshot", [b"", b"\x80", b"nonsense", msgspec.msgpack.encode([1, 2])])
def test_what_is_no_snapshot_is_refused(snapshot: bytes) -> None:
    with pytest.raises(IncompatibleSnapshot, match="not a snapshot"):
        Pipeline(SETTINGS).restore(snapshot)
