"""What became of a case since somebody looked, in their language."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from detectors.cases.case import Entry
from detectors.cases.words import end_in
from streams.desk.site.words import Words


class Change(NamedTuple):
    """When something happened, what it was, and the words of whoever did it; empty without any."""

    at: datetime
    what: str
    words: str


def changes_in_words(entries: Iterable[Entry], t: Words) -> list[Change]:
    """Return entries of the history of a case as people read them."""
    return [Change(entry.at, _what(entry, t), _words(entry, t)) for entry in entries]


def _what(entry: Entry, t: Words) -> str:
    told = t(f"decide.did.{entry.what}", **({} if entry.who is None else {"who": entry.who}))
    return told if entry.refused is None else f"{told} ({t('decide.did.refused')})"


def _words(entry: Entry, t: Words) -> str:
    words = entry.words or ""
    end = end_in(words) if entry.what in ("acknowledge", "snooze") else None
    if end is None:
        return words
    until, reason = t("queue.until", moment=t.moment(end)), words.partition(": ")[2]
    return f"{until}: {reason}" if reason else until
