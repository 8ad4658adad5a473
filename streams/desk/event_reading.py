"""Reads the events of sources beside alerts and cases: what the pages of a case tell of sales.

The queue does not wait for them: they are the longest topics, and a case can be decided about
without. A page says how many it has not read yet. Dead letters and the beats of workers come with
them, for the pages about the whole.
"""

import logging
from threading import Event, Thread
from types import TracebackType
from typing import Final, Self

from streams.broker.follower import Follower
from streams.broker.security import BrokerSecurity
from streams.desk.model.intake import Told
from streams.desk.model.read_model import ReadModel
from streams.desk.model.tallies import NOT_AWAITED
from streams.errors import BrokerError
from streams.wire.topics import EVENT_TOPICS

_WAIT_MILLISECONDS: Final = 200

_log: Final = logging.getLogger("aboveboard.desk")


class EventReading:
    """A thread that reads, from the start of the block to its end.

    Parameters
    ----------
    place
        The broker, the prefix of the installation on it, how to reach it.
    model
        Into which the events go.
    """

    def __init__(self, place: tuple[str, str, BrokerSecurity], model: ReadModel) -> None:
        self._place: Final = place
        self._model: Final = model
        self._stop: Final = Event()
        self._behind: int | None = None
        self._thread: Final = Thread(target=self._run, name="events", daemon=True)

    def __enter__(self) -> Self:
        """Begin."""
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End, once what was fetched is written."""
        self._stop.set()
        self._thread.join()

    def behind(self) -> int | None:
        """Return how many records are not read yet; None until the broker has said so."""
        return self._behind

    def _run(self) -> None:
        try:
            with Follower(*self._place, (*EVENT_TOPICS, *NOT_AWAITED)) as follower:
                while not self._stop.is_set():
                    found = follower.records(_WAIT_MILLISECONDS)
                    if found:
                        self._model.take_in(
                            Told(
                                topic,
                                record.key,
                                record.value,
                                record.timestamp,
                                record.partition,
                                record.offset,
                                record.headers,
                            )
                            for topic, record in found
                        )
                    self._behind = follower.lag()
        except BrokerError as error:
            _log.error("events are not read any more, and pages say so: %s", error)
            self._behind = None
