"""What a webhook is to be told at a moment: a state machine without a clock and without a network.

The order in which its host must act keeps its promises over a crash at any point:

1. `plan` says what must stand in the log before anything is sent. The host writes it there, then
   calls `written`. So whoever may have been told is known after a restart.
2. `due` says what to send. The host sends it, and says what became of it: with `settled`, whose
   change it writes, or with `refused` or `unreachable`, which say what to give up. What is given up
   becomes a dead letter first, and then it is `settled`.
"""

from collections import deque
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from msgspec import Struct

from detectors.alerts.alert import Severity
from detectors.cases.case import SEVERITIES
from streams.notify.webhooks.history import History
from streams.notify.webhooks.line import Line, Waiting
from streams.notify.webhooks.marks import Marks, Place
from streams.notify.webhooks.revision import Revision
from streams.wire.posting import Posting, posting_key, read_key

_MOST_DOUBLINGS: Final = 30


class Pace(Struct, frozen=True, kw_only=True):
    """When a failed one is tried again, when it is given up, and when an alert is forgotten.

    ``least_tries``
        How often it must have failed under this host before it is given up: a notifier that was
        away for days tries anew.
    ``remembers``
        For how long an alert is known after its end.
    """

    first_retry: timedelta = timedelta(milliseconds=250)
    last_retry: timedelta = timedelta(minutes=5)
    gives_up: timedelta = timedelta(hours=24)
    least_tries: int = 5
    remembers: timedelta = timedelta(hours=120)


class Post(NamedTuple):
    """What is to be sent; ``line`` is the key of the log under which it is kept account of."""

    line: bytes
    revision: Revision


class Change(NamedTuple):
    """What is to stand in the log under a key; None for nothing any more."""

    key: bytes
    posting: Posting | None


class Postings:
    """Everything that a webhook is still to be told.

    Parameters
    ----------
    name
        Of the webhook.
    pace
        When things are tried again.
    least
        The severity from which on it is told of an alert.
    log
        What the log says, by alert.
    beginning
        Where the topic ended in each partition when it was first told; None: it never was.
    place
        What `place` returned last; what stands before it is not taken in again. None: nothing.
    """

    def __init__(
        self,
        name: str,
        pace: Pace,
        least: Severity,
        log: Mapping[str, Posting],
        beginning: Mapping[int, int] | None,
        place: Mapping[int, int] | None = None,
    ) -> None:
        self._name: Final = name
        self._pace: Final = pace
        self._least: Final = SEVERITIES.index(least)
        self._marks: Final = Marks(log, pace.remembers)
        self._beginning = None if beginning is None else dict(beginning)
        self._place: Mapping[int, int] | None = place
        self._seen: Final[dict[int, int]] = dict(place or {})
        self._read = False
        self._history: Final = History(self._opens)
        self._past: Final[list[tuple[str, int]]] = []
        self._lines: Final[dict[bytes, Line]] = {}
        self._tries = 0
        self._retry_at: datetime | None = None

    @property
    def waiting_since(self) -> datetime | None:
        """Since when the oldest one is being sent; None if there is none."""
        return min((one.since for one in self._lines.values() if one.since), default=None)

    def take(self, revision: Revision, place: Place) -> None:
        """Take in a record of the topic of alerts; repeats, and older ones, are no news."""
        if not self._read and place.offset < (self._place or {}).get(place.partition, 0):
            return
        self._seen[place.partition] = max(self._seen.get(place.partition, 0), place.offset + 1)
        if not self._read and self._is_history(place) and revision.alert_id not in self._marks:
            self._history.take(revision, place)
            return
        if self._history.is_old(revision):
            return
        past = self._history.pop(revision.alert_id)
        if past is not None:
            self._queue(past.revision, past.place)
        self._queue(revision, place)

    def all_read(self) -> Mapping[int, int]:
        """Take in that everything was read that stood there; return where the topic began for it.

        That must stand in the log before the first one is sent.
        """
        self._read = True
        if self._beginning is None:
            self._beginning = dict(self._seen)
        for past in self._history.drain():
            alert_id = past.revision.alert_id
            if past.opens:
                self._queue(past.revision, past.place)
            elif posting_key(self._name, alert_id) not in self._lines:
                self._marks.seen(alert_id, past.place)
                self._past.append((alert_id, past.revision.number))
        return self._beginning

    def place(self) -> Mapping[int, int] | None:
        """Return from where the topic is to be read at the next start; None: from its beginning.

        Everything before was told, or is not to be. That must stand in the log before `placed`.
        """
        if not self._read or self._past:
            return None
        found = dict(self._seen)
        for line in self._lines.values():
            for _, place in line.waiting:
                if place is not None:
                    found[place.partition] = min(found[place.partition], place.offset)
        return found

    def placed(self, place: Mapping[int, int]) -> None:
        """Take in that a place stands in the log now."""
        self._place = place

    def order(self, line: bytes, revision: Revision) -> None:
        """Take in that a revision is to be sent once more, whatever was told since."""
        if line not in self._lines:
            self._lines[line] = Line(deque([Waiting(revision)]))

    def plan(self, now: datetime) -> list[Change]:
        """Return what must stand in the log before anything more is sent, or need not any more."""
        changes = [
            Change(
                posting_key(self._name, alert_id),
                Posting(revision=number + 1, ended=now, past=True),
            )
            for alert_id, number in self._past
        ]
        if self._place is not None:
            changes += [
                Change(posting_key(self._name, alert_id), None)
                for alert_id in self._marks.outdated(now, self._place)
            ]
        for key, line in self._lines.items():
            if line.since is not None:
                continue
            alert = line.waiting[0].revision
            if key == posting_key(self._name, alert.alert_id):
                changes.append(Change(key, Posting(revision=alert.number, since=now)))
            else:
                line.since = now  # an order stands in the log already
        return changes

    def written(self, changes: Iterable[Change]) -> None:
        """Take in that these stand in the log now: from here on they are to be sent."""
        self._past.clear()
        for key, posting in changes:
            _, _, alert_id = read_key(key)
            if posting is None:
                self._marks.forget(alert_id)
                continue
            self._marks.keep(alert_id, posting)
            if posting.since is not None:
                self._lines[key].since = posting.since

    def due(self, now: datetime) -> list[Post]:
        """Return what to send now, of each alert one; what failed least often goes first.

        So one that is refused each time keeps no other waiting.
        """
        if not self._read or (self._retry_at is not None and now < self._retry_at):
            return []
        ready = [
            (key, line)
            for key, line in self._lines.items()
            if line.since is not None and (line.retry_at is None or now >= line.retry_at)
        ]
        ready.sort(key=lambda one: one[1].tries)
        return [Post(key, line.waiting[0].revision) for key, line in ready]

    def settled(self, post: Post, now: datetime) -> Change:
        """Note that one was taken, or given up as a dead letter; return what is to be written."""
        line = self._lines[post.line]
        line.waiting.popleft()
        line.since, line.tries, line.retry_at = None, 0, None
        if not line.waiting:
            del self._lines[post.line]
        if post.line != posting_key(self._name, post.revision.alert_id):
            return Change(post.line, None)
        ended = None if post.revision.is_open else now
        posting = Posting(revision=post.revision.number + 1, ended=ended)
        self._marks.keep(post.revision.alert_id, posting)
        return Change(post.line, posting)

    def answered(self) -> None:
        """Note that the webhook answered, whatever it said."""
        self._tries, self._retry_at = 0, None

    def refused(self, post: Post, now: datetime) -> bool:
        """Note that one was not taken; return whether it is to be given up."""
        return self._failed(self._lines[post.line], now)

    def unreachable(self, now: datetime) -> list[Post]:
        """Note that the webhook answers nothing at all; return what to give up.

        All that is being sent has failed by that.
        """
        self._retry_at = now + self._after(self._tries)
        self._tries += 1
        under_way = [(key, line) for key, line in self._lines.items() if line.since is not None]
        return [
            Post(key, line.waiting[0].revision)
            for key, line in under_way
            if self._failed(line, now)
        ]

    def _failed(self, line: Line, now: datetime) -> bool:
        line.retry_at = now + self._after(line.tries)
        line.tries += 1
        is_late = line.since is not None and now >= line.since + self._pace.gives_up
        return is_late and line.tries >= self._pace.least_tries

    def _after(self, tries: int) -> timedelta:
        if tries > _MOST_DOUBLINGS:
            return self._pace.last_retry
        return min(self._pace.first_retry * (1 << tries), self._pace.last_retry)

    def _is_history(self, place: Place) -> bool:
        if self._place is not None:
            return False
        return self._beginning is None or place.offset < self._beginning.get(place.partition, 0)

    def _queue(self, revision: Revision, place: Place) -> None:
        alert_id = revision.alert_id
        posting, key = self._marks[alert_id], posting_key(self._name, alert_id)
        line = self._lines.get(key)
        if posting is not None or line is not None:
            self._marks.seen(alert_id, place)
        if line is not None and revision.number <= line.waiting[-1].revision.number:
            return
        if posting is not None and revision.number < posting.revision:
            return
        # Whoever was told of an alert is told all that becomes of it, its end above all.
        is_known = line is not None or (posting is not None and not posting.past)
        if not is_known and not self._opens(revision):
            return
        if line is None:
            self._marks.seen(alert_id, place)
            self._lines[key] = line = Line()
            if posting is not None and posting.since is not None:
                line.since = posting.since
        line.waiting.append(Waiting(revision, place))

    def _opens(self, revision: Revision) -> bool:
        return revision.is_open and SEVERITIES.index(revision.severity) >= self._least
