"""What stood in the topic of alerts before a webhook was first told anything."""

from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

from streams.notify.webhooks.marks import Place
from streams.notify.webhooks.revision import Revision


class Past(NamedTuple):
    """The newest revision of an alert, where it stands, and whether it is to be told."""

    revision: Revision
    place: Place
    opens: bool


class History:
    """Keeps the newest revision of each alert that ever was one to be told.

    Parameters
    ----------
    opens
        Whether a revision would be told to who does not know its alert.
    """

    def __init__(self, opens: Callable[[Revision], bool]) -> None:
        self._opens: Final = opens
        self._past: Final[dict[str, Past]] = {}

    def take(self, revision: Revision, place: Place) -> None:
        """Take in a record; repeats, and older ones, are no news."""
        known, opens = self._past.get(revision.alert_id), self._opens(revision)
        if opens if known is None else known.revision.number < revision.number:
            kept = revision if opens else revision._replace(body=b"")
            self._past[revision.alert_id] = Past(kept, place, opens)

    def is_old(self, revision: Revision) -> bool:
        """Return whether a revision is none that is newer than the history."""
        known = self._past.get(revision.alert_id)
        return known is not None and revision.number <= known.revision.number

    def pop(self, alert_id: str) -> Past | None:
        """Return what is to be told of an alert, and be done with it; None if there is nothing."""
        known = self._past.get(alert_id)
        if known is None or not known.opens:
            return None
        return self._past.pop(alert_id)

    def drain(self) -> Iterator[Past]:
        """Yield all there is, and be done with it."""
        while self._past:
            yield self._past.popitem()[1]
