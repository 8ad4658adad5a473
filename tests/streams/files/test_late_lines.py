"""What comes late is counted, and what moved time far is named."""

from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Final

from detectors.events.event import AccountActivity
from detectors.settings import Settings
from streams.cli.not_used import Rejections, not_used
from streams.files.detection import Detection
from streams.files.events import Block, Origin
from streams.wire.dead_letter import DeadLetter

START: Final = datetime(2025, 3, 1, tzinfo=UTC)


def used(hours: float, account: int) -> bytes:
    at = (START + timedelta(hours=hours)).isoformat()
    return (
        f'{{"type":"account_activity","event_id":"{account} {hours}","account_id":"a-{account}",'
        f'"occurred_at":"{at}","kind":"usage","initiated_by":"customer"}}'
    ).encode()


def detected(lines: list[bytes]) -> tuple[Detection, Rejections]:
    shown, refused = Rejections(), list[DeadLetter]()
    detection = Detection(Settings(), None, refused.append)
    for _ in detection.alerts(iter([Block(lines, partial(_origin, 1))])):
        pass
    return detection, shown


def _origin(first: int, index: int) -> Origin:
    return Origin("used.jsonl", first + index)


def test_what_comes_late_is_counted_and_what_moved_time_far_is_named() -> None:
    lines = [used(0, 1), used(1, 2), used(50, 3), used(10, 4), used(51, 5), used(500, 6)]
    detection, rejections = detected([*lines, used(501, 7), used(2, 8)])
    assert detection.counts.late == {AccountActivity: 1}
    assert detection.counts.rejected == {"too_late": 1}
    assert detection.counts.leap == Origin("used.jsonl", 7)
    told = not_used(detection.counts, rejections, detection.matches())
    assert (
        "  later than time.allowed_lateness, and still accepted: "
        "0 sale, 0 cancellation, 1 account_activity"
    ) in told
    assert "  time last moved by more than a day at line 7 of used.jsonl" in told


def test_of_what_is_in_order_nothing_is_said() -> None:
    detection, rejections = detected([used(hour, hour) for hour in range(60)])
    assert not detection.counts.late.total()
    told = not_used(detection.counts, rejections, detection.matches())
    assert not [line for line in told if "time" in line]
