"""Whether event time is ahead of the present, by the broker's clock.

Where the broker stamps records no event can bring it there. It comes there where topics keep the
times of producers, and where the broker's clock was set back. Nothing moves it back.
"""

from collections.abc import Mapping
from math import inf
from typing import Final

from detectors.basis.event_time import Seconds, moment
from streams.stages.actors.complaint import TopicComplaint
from streams.wire.topics import Topic

HARM: Final = (
    "event time has reached {at}, {ahead:,.1f} h ahead of the broker's clock: what comes now is "
    "taken for late, and windows have ended too early"
)

REMEDY: Final = (
    "Set message.timestamp.type=LogAppendTime, and look at the clocks of sources and broker. "
    "`aboveboard copy-events --from PREFIX --dry-run` names the records that moved time wrongly"
)

_HOUR: Final = 3_600.0


class Present:
    """Follows the sources of one partition.

    Parameters
    ----------
    tolerance
        Seconds by which event time may be ahead.
    """

    def __init__(self, tolerance: float) -> None:
        self._tolerance: Final = tolerance
        self._ahead: dict[Topic, tuple[Seconds, float]] = {}

    def look(self, reached: Mapping[Topic, Seconds], now: float) -> None:
        """Compare the newest event times with the broker's clock.

        While nobody knows what time it is (minus infinity), what was found last stands.
        """
        if now == -inf:
            return
        self._ahead = {
            topic: (at, at - now) for topic, at in reached.items() if at - now > self._tolerance
        }

    def complaints(self) -> list[TopicComplaint]:
        """Return the topics whose time is ahead."""
        return [
            TopicComplaint(
                topic, HARM.format(at=moment(at).isoformat(), ahead=ahead / _HOUR), REMEDY
            )
            for topic, (at, ahead) in self._ahead.items()
        ]
