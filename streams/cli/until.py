"""Times that people write on the command line."""

from datetime import datetime

import msgspec

from detectors.basis.errors import AboveboardError
from detectors.events.event import Moment
from detectors.settings import Limits


class UnusableTime(AboveboardError):
    """A time on the command line cannot be obeyed; the message says why, and the remedy."""


def until_time(text: str | None, limits: Limits) -> datetime | None:
    """Read the value of ``--until``: RFC 3339 with an offset or Z, within the credible times.

    Raises
    ------
    UnusableTime
        If it is neither; None, for no such option, stays None.
    """
    if text is None:
        return None
    try:
        moment = msgspec.convert(text, Moment)
    except msgspec.ValidationError:
        raise UnusableTime(
            f"--until {text}: not a date and time with an offset; write it as 2025-06-30T00:00:00Z"
        ) from None
    if not limits.earliest_event <= moment <= limits.latest_event:
        raise UnusableTime(
            f"--until {text}: outside limits.earliest_event = {limits.earliest_event.isoformat()} "
            f"to limits.latest_event = {limits.latest_event.isoformat()}"
        )
    return moment
