"""Events that come too late to be accepted."""

from detectors.basis.errors import InvalidEvent
from detectors.basis.event_time import Seconds, moment
from detectors.events.event import AnyEvent


def refuse_too_late(
    event: AnyEvent, at: Seconds, watermark: Seconds, corrections_for: float
) -> None:
    """Refuse an event that lies further behind the watermark than `corrections_for` (seconds).

    Raises
    ------
    InvalidEvent
        ``too_late``.
    """
    if at < watermark - corrections_for:
        raise InvalidEvent(
            "too_late",
            f"`$.occurred_at` is {event.occurred_at.isoformat()}, more than "
            f"time.corrections_for behind the watermark {moment(watermark).isoformat()}",
        )
