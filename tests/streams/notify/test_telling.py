"""A receiver that fails is named, left alone for a while, and keeps nobody else waiting."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final

import pytest

from streams.config.secret import Secret
from streams.metrics.notify_metrics import NotifyMetrics
from streams.notify.alertmanager import Alertmanager
from streams.notify.deliveries import Deliveries, Key, Timing
from streams.notify.picture import Picture
from streams.notify.telling import Telling
from streams.notify.wording import Labels
from tests.streams.notify.sample_alerts import alert, case
from tests.streams.notify.simulated_alertmanager import BAD, SimulatedAlertmanager

NOW: Final = datetime(2026, 1, 1, tzinfo=UTC)


class Setting:
    """Two Alertmanagers, and what tells them."""

    def __init__(self, may_go_on: Callable[[], bool] = lambda: True) -> None:
        self.first, self.second = (SimulatedAlertmanager(f"am-{n}", NOW) for n in range(2))
        receivers = [Alertmanager(one, "us", 2, "") for one in (self.first, self.second)]
        self.picture = Picture("warning")
        self.metrics = NotifyMetrics()
        names = [one.name for one in receivers]
        self.deliveries = Deliveries(Timing(), names, Labels(Secret("key"), {}))
        self.telling = Telling(receivers, self.metrics, may_go_on)

    def tell(self, seconds: float = 0.0) -> None:
        now = NOW + timedelta(seconds=seconds)
        self.deliveries.written(self.deliveries.plan(self.picture, now), now)
        self.telling.tell(self.deliveries, self.picture.quiet(now), now)

    def waits_since(self) -> datetime | None:
        return self.deliveries.unsent_since

    def posts(self, result: str) -> float | None:
        return self.metrics.registry.get_sample_value(
            "aboveboard_notify_posts_total", {"result": result}
        )


def test_one_that_is_away_keeps_the_other_not_waiting(caplog: pytest.LogCaptureFixture) -> None:
    setting = Setting()
    setting.first.network = "cut"
    setting.picture.alert(alert("a"))
    setting.tell()
    assert list(setting.second.alerts) == [Key("a", "warning")]
    assert list(setting.telling.failures) == ["am-0"]
    assert setting.waits_since() == NOW
    setting.first.network = "up"
    setting.tell(0.5)  # too early to try again
    assert setting.first.alerts == {}
    setting.tell(1)
    assert list(setting.first.alerts) == [Key("a", "warning")]
    assert setting.telling.failures == {}
    assert setting.waits_since() is None
    assert caplog.text.count("it is tried again") == 1


def test_silences_are_set_at_once_and_not_asked_for_without_end() -> None:
    setting = Setting()
    one = alert("a")
    setting.picture.alert(one)
    setting.tell()
    setting.first.network = "cut"
    setting.picture.case(case("c", 1, "snoozed", (one,), NOW + timedelta(hours=1)))
    for tenth in range(20):
        setting.tell(1 + tenth / 10)
    assert len(setting.second.silences) == 1
    assert setting.posts("failed") == 1
    setting.first.network = "up"
    setting.tell(7)
    assert len(setting.first.silences) == 1


def test_a_refused_alert_is_counted_every_time_and_logged_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    setting = Setting()
    setting.picture.alert(alert(BAD))
    setting.picture.alert(alert("a"))
    setting.tell()
    setting.tell(30)
    assert setting.posts("refused") == 4
    assert caplog.text.count(f"alert {BAD} (warning) was refused: 400 bad labels") == 1
    assert setting.waits_since() is None


def test_who_has_lost_the_turn_sends_no_further_request() -> None:
    answers = iter([True, False, False])
    setting = Setting(lambda: next(answers))
    for name in ("a", "b", "c"):
        setting.picture.alert(alert(name))
    setting.tell()
    assert len(setting.first.alerts) == 2  # one request of two alerts
    assert setting.second.alerts == {}
