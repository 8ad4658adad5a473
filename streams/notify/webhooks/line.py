"""Revisions that a webhook is sent one after the other."""

from collections import deque
from datetime import datetime
from typing import NamedTuple

from msgspec import Struct, field

from streams.notify.webhooks.marks import Place
from streams.notify.webhooks.revision import Revision


class Waiting(NamedTuple):
    """A revision, and where it stands in the topic; None where it was ordered once more."""

    revision: Revision
    place: Place | None = None


class Line(Struct):
    """Revisions that are sent one after the other."""

    waiting: deque[Waiting] = field(default_factory=deque)
    since: datetime | None = None
    tries: int = 0
    retry_at: datetime | None = None
