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

from msgspec import Struct, field

from detectors.alerts.alert import Severity
from detectors.cases.case import SEVERITIES
from streams.wire.posting import Posting, posting_key

_MOST_DOUBLINGS: Final = 30


class Pace(Struct, frozen=True, kw_only=True):
    """When a failed one is tried again, and when it is given up.

    ``least_tries``
        How often it must have failed under this host before it is given up: a notifier that was
        away for days tries anew.
    """

    first_retry: timedelta = timedelta(milliseconds=250)
    last_retry: timedelta = timedelta(minutes=5)
    gives_up: timedelta = timedelta(hours=24)
    least_tries: int = 5


class Revision(NamedTuple):
    """One revision of an alert, as it stands in its topic."""

    alert_id: str
    number: int
    severity: Severity
    is_open: bool
    body: bytes


class Place(NamedTuple):
    """Where a record stands in the topic of alerts."""

    partition: int
    offset: int


class Post(NamedTuple):
    """What is to be sent; ``line`` is the key of the log under which it is kept account of."""

    line: bytes
    revision: Revision


class Change(NamedTuple):
    """What is to stand in the log under a key; None for nothing any more."""

    key: bytes
    posting: Posting | None


class _Line(Struct):
    """Revisions that are sent one after the other."""

    waiting: deque[Revision] = field(default_factory=deque)
    since: datetime | None = None
    tries: int = 0
    retry_at: datetime | None = None


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
    """

    def __init__(
        self,
        name: str,
        pace: Pace,
        least: Severity,
        log: Mapping[str, Posting],
        beginning: Mapping[int, int] | None,
    ) -> None:
        self._name: Final = name
        self._pace: Final = pace
        self._least: Final = SEVERITIES.index(least)
        self._posted: Final = dict(log)
        self._beginning = None if beginning is None else dict(beginning)
        self._seen: Final[dict[int, int]] = {}
        self._read = False
        self._history: Final[dict[str, Revision]] = {}
        self._lines: Final[dict[bytes, _Line]] = {}
        self._tries = 0
        self._retry_at: datetime | None = None

    @property
    def waiting_since(self) -> datetime | None:
        """Since when the oldest one is being sent; None if there is none."""
        return min((one.since for one in self._lines.values() if one.since), default=None)

    def take(self, revision: Revision, place: Place) -> None:
        """Take in a record of the topic of alerts; repeats, and older ones, are no news."""
        self._seen[place.partition] = max(self._seen.get(place.partition, 0), place.offset + 1)
        is_history = self._beginning is None or place.offset < self._beginning.get(
            place.partition, 0
        )
        alert_id = revision.alert_id
        if is_history and not self._read and alert_id not in self._posted:
            known = self._history.get(alert_id)
            if known is None or known.number < revision.number:
                self._history[alert_id] = revision
            return
        if alert_id in self._history:
            self._queue(self._history.pop(alert_id))
        self._queue(revision)

    def all_read(self) -> Mapping[int, int]:
        """Take in that everything was read that stood there; return where the topic began for it.

        That must stand in the log before the first one is sent.
        """
        self._read = True
        if self._beginning is None:
            self._beginning = dict(self._seen)
        for revision in self._history.values():
            self._queue(revision)
        self._history.clear()
        return self._beginning

    def order(self, line: bytes, revision: Revision) -> None:
        """Take in that a revision is to be sent once more, whatever was told since."""
        if line not in self._lines:
            self._lines[line] = _Line(deque([revision]))

    def plan(self, now: datetime) -> list[Change]:
        """Return what must stand in the log before anything more is sent."""
        changes = []
        for key, line in self._lines.items():
            if line.since is not None:
                continue
            alert = line.waiting[0]
            if key == posting_key(self._name, alert.alert_id):
                changes.append(Change(key, Posting(revision=alert.number, since=now)))
            else:
                line.since = now  # an order stands in the log already
        return changes

    def written(self, changes: Iterable[Change]) -> None:
        """Take in that these stand in the log now: from here on they are to be sent."""
        for key, posting in changes:
            if posting is not None:
                line = self._lines[key]
                line.since = posting.since
                self._posted[line.waiting[0].alert_id] = posting

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
        return [Post(key, line.waiting[0]) for key, line in ready]

    def settled(self, post: Post) -> Change:
        """Note that one was taken, or given up as a dead letter; return what is to be written."""
        line = self._lines[post.line]
        line.waiting.popleft()
        line.since, line.tries, line.retry_at = None, 0, None
        if not line.waiting:
            del self._lines[post.line]
        if post.line != posting_key(self._name, post.revision.alert_id):
            return Change(post.line, None)
        posting = Posting(revision=post.revision.number + 1)
        self._posted[post.revision.alert_id] = posting
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
        return [Post(key, line.waiting[0]) for key, line in under_way if self._failed(line, now)]

    def _failed(self, line: _Line, now: datetime) -> bool:
        line.retry_at = now + self._after(line.tries)
        line.tries += 1
        is_late = line.since is not None and now >= line.since + self._pace.gives_up
        return is_late and line.tries >= self._pace.least_tries

    def _after(self, tries: int) -> timedelta:
        if tries > _MOST_DOUBLINGS:
            return self._pace.last_retry
        return min(self._pace.first_retry * (1 << tries), self._pace.last_retry)

    def _queue(self, revision: Revision) -> None:
        alert_id = revision.alert_id
        posting, key = self._posted.get(alert_id), posting_key(self._name, alert_id)
        line = self._lines.get(key)
        if line is not None and revision.number <= line.waiting[-1].number:
            return
        if posting is not None and revision.number < posting.revision:
            return
        # Whoever was told of an alert is told all that becomes of it, its end above all.
        is_known = posting is not None or line is not None
        if not is_known and not self._opens(revision):
            return
        if line is None:
            self._lines[key] = line = _Line()
            if posting is not None and posting.since is not None:
                line.since = posting.since
        line.waiting.append(revision)

    def _opens(self, revision: Revision) -> bool:
        return revision.is_open and SEVERITIES.index(revision.severity) >= self._least
