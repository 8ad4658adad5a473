"""What stands in the message that a person gets."""

from datetime import UTC, datetime, timedelta

from msgspec import UNSET, structs

from detectors.alerts.alert import Alert
from streams.notify.deliveries import Key, Message
from streams.notify.wording import body_of
from tests.streams.notify.sample_alerts import alert

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def annotations(told: Alert) -> dict[str, str]:
    key = Key(told.alert_id, "warning")
    found: dict[str, str] = body_of(Message(key, {}, NOW, NOW + timedelta(1), told), "")[
        "annotations"
    ]
    return found


def test_the_next_step_is_told() -> None:
    told = alert("a")
    assert annotations(told)["next_step"] == told.next_step


def test_an_alert_that_says_no_next_step_has_no_annotation_for_it() -> None:
    told = structs.replace(alert("a"), next_step=UNSET)
    assert "next_step" not in annotations(told)


def test_a_next_step_is_plain_text_that_a_chat_can_show() -> None:
    told = structs.replace(alert("a"), next_step="\x1b[2J\n" + "x" * 5_000)
    shown = annotations(told)["next_step"]
    assert shown.isprintable()
    assert len(shown) == 1_000
