"""Reads the events of sources beside alerts and cases: what the pages of a case tell of sales.

The queue does not wait for them: they are the longest topics, and a case can be decided about
without. A page says how many it has not read yet. Dead letters and the beats of workers come with
them, for the pages about the whole.
"""

from threading import Event, Thread
from types import TracebackType
from typing import Final, Self

from streams.broker.follower import Followed, Follower
from streams.broker.security import BrokerSecurity
from streams.desk.model.intake import Told
from streams.desk.model.read_model import ReadModel
from streams.desk.model.tallies import NOT_AWAITED
from streams.wire.topics import EVENT_TOPICS, Topic

_WAIT_MILLISECONDS: Final = 200


class EventReading:
    """A thread that reads, from the start of the block to its end.

    Parameters
    ----------
    place
        The broker, the prefix of the installation on it, how to reach it.
    model
        Into which the events go.
    patience
        Seconds of silence of the broker after which nobody knows how many events there are.
    """

    def __init__(
        self, place: tuple[str, str, BrokerSecurity], model: ReadModel, patience: float
    ) -> None:
        self._place: Final = place
        self._model: Final = model
        self._patience: Final = patience
        self._stop: Final = Event()
        self._behind: int | None = None
        self._error: BaseException | None = None
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
        """Return how many records are not read yet; None as long as the broker does not say so."""
        return self._behind

    def require_reading(self) -> None:
        """Raise what has ended the thread: pages that read no more would show use as none."""
        if self._error is not None:
            raise self._error

    def _run(self) -> None:
        try:
            with Follower(*self._place, (*EVENT_TOPICS, *NOT_AWAITED)) as follower:
                while not self._stop.is_set():
                    found = follower.records(_WAIT_MILLISECONDS)
                    if found:
                        self._model.take_in(map(told_by, found))
                    behind = follower.lag()
                    heard = follower.silent_seconds() <= self._patience
                    self._behind = behind if heard else None
        except BaseException as error:  # noqa: BLE001 - raised again where the service sees it
            self._error = error
        finally:
            self._behind = None


def told_by(found: tuple[Topic, Followed]) -> Told:
    """Return a record that a follower has read, as the read model takes it."""
    topic, one = found
    return Told(topic, one.key, one.value, one.timestamp, one.partition, one.offset, one.headers)
