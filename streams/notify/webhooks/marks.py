"""How far a webhook was told of each alert, for as long as that can matter."""

from collections import deque
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from streams.wire.posting import Posting


class Place(NamedTuple):
    """Where a record stands in the topic of alerts."""

    partition: int
    offset: int


class Marks:
    """The postings of alerts that are open or have ended not long ago.

    A worker that was killed repeats its last records: by its mark, what has ended is known again,
    and is not told as open. So a mark stays for long after the end, and until the topic will not be
    read again from before it.

    Parameters
    ----------
    log
        What the log says, by alert.
    remembers
        For how long an alert is known after its end.
    """

    def __init__(self, log: Mapping[str, Posting], remembers: timedelta) -> None:
        self._remembers: Final = remembers
        self._postings: Final = dict(log)
        ended = [(one.ended, alert_id) for alert_id, one in log.items() if one.ended is not None]
        self._ended: Final = deque(sorted(ended))
        self._seen_at: Final[dict[str, Place]] = {}

    def __contains__(self, alert_id: str) -> bool:
        return alert_id in self._postings

    def __getitem__(self, alert_id: str) -> Posting | None:
        """Return the posting of an alert; None if there is none."""
        return self._postings.get(alert_id)

    def keep(self, alert_id: str, posting: Posting) -> None:
        """Take in what stands in the log of an alert now."""
        self._postings[alert_id] = posting
        if posting.ended is not None:
            self._ended.append((posting.ended, alert_id))

    def seen(self, alert_id: str, place: Place) -> None:
        """Take in where the last record of an alert stands that has a mark, or gets one."""
        self._seen_at[alert_id] = place

    def forget(self, alert_id: str) -> None:
        """Take in that the log says nothing of an alert any more."""
        self._postings.pop(alert_id, None)
        self._seen_at.pop(alert_id, None)

    def outdated(self, now: datetime, place: Mapping[int, int]) -> list[str]:
        """Return the alerts to forget, where the topic is read from a place at the next start."""
        found = []
        while self._ended and self._ended[0][0] + self._remembers <= now:
            ended, alert_id = self._ended[0]
            posting, at = self._postings.get(alert_id), self._seen_at.get(alert_id)
            if posting is not None and posting.ended == ended:
                if at is not None and at.offset >= place.get(at.partition, 0):
                    break
                found.append(alert_id)
            self._ended.popleft()
        return found
