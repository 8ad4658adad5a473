"""Every topic of an installation read through for the id of an account, and what will remove it."""

from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from typing import Final

from msgspec import Struct, field

from detectors.settings import Settings
from streams.erasure import pieces
from streams.erasure.dates import (
    IN_PIECES,
    PACKED,
    STATES,
    by_compaction,
    by_forgetting,
    by_retention,
    is_compacted,
    is_of_sources,
)
from streams.erasure.logs import Logs
from streams.erasure.needle import Needle
from streams.erasure.states import holders
from streams.wire.record import LocatedRecord
from streams.wire.topics import CATALOGUE, Topic


class Remover(StrEnum):
    """What removes a record."""

    RETENTION = "retention"
    COMPACTION = "compaction"
    FORGETTING = "forgetting"
    NOBODY = "nobody"


class Leftover(Struct):
    """Records of a topic that hold the id, and go by the same means.

    ``ends`` is the offset after the last of them, by partition. ``goes_at`` is when the last of
    them is gone (milliseconds since 1970); None if nothing removes them, or nobody knows when.
    """

    topic: Topic
    remover: Remover
    goes_at: int | None
    records: int = 0
    ends: dict[int, int] = field(default_factory=dict)

    def add(self, record: LocatedRecord, goes_at: int | None) -> None:
        """Count one more record."""
        self.records += 1
        end = self.ends.get(record.partition, 0)
        self.ends[record.partition] = max(end, record.offset + 1)
        if goes_at is None or self.goes_at is None:
            self.goes_at = None
        else:
            self.goes_at = max(self.goes_at, goes_at)


def search(needle: Needle, logs: Logs, settings: Settings) -> list[Leftover]:
    """Return what holds an id, topic by topic, in the order of the catalogue.

    Topics that are not there hold nothing.

    Parameters
    ----------
    needle
        The id.
    logs
        The topics of the installation.
    settings
        Those of its workers: they say for how long a state remembers an account.
    """
    told = logs.settings()
    found: dict[tuple[Topic, Remover], Leftover] = {}
    heard_at: int | None = None
    for topic in (plan.topic for plan in CATALOGUE if plan.topic in told):
        forgotten_at = by_forgetting(settings, heard_at)
        for record, remover, goes_at in _found_in(needle, topic, logs, told[topic], forgotten_at):
            if is_of_sources(topic):  # these topics are the first of the catalogue
                heard_at = max(record.timestamp, heard_at or 0)
            known = found.setdefault((topic, remover), Leftover(topic, remover, 0))
            known.add(record, goes_at)
    return list(found.values())


_Found = tuple[LocatedRecord, Remover, int | None]


def _found_in(
    needle: Needle,
    topic: Topic,
    logs: Logs,
    settings: Mapping[str, str],
    forgotten_at: int | None,
) -> Iterator[_Found]:
    records = logs.records(topic)
    if not is_compacted(topic):
        for record in _holders(needle, topic, records):
            goes_at = by_retention(settings, record.timestamp)
            yield record, Remover.NOBODY if goes_at is None else Remover.RETENTION, goes_at
        return
    replaced = _Replaced()
    for record in _holders(needle, topic, replaced.watch(records)):
        replaced.held[record.partition, record.key] = record
    for record, replaced_at in replaced.gone:
        goes_at = by_compaction(settings, replaced_at)
        yield record, Remover.COMPACTION, goes_at
    for record in replaced.held.values():
        if topic in STATES:
            yield record, Remover.FORGETTING, forgotten_at
        else:
            yield record, Remover.NOBODY, None


def _holders(
    needle: Needle, topic: Topic, records: Iterable[LocatedRecord]
) -> Iterator[LocatedRecord]:
    """Yield the records that hold the id."""
    if topic in STATES:
        yield from holders(needle, topic, records)
    elif topic in IN_PIECES:
        yield from pieces.holders(needle, records)
    elif topic in PACKED:
        yield from (one for one in records if needle.in_packed(one.value or b""))
    else:
        yield from (one for one in records if needle.in_record(one))


class _Replaced:
    """Which of the records that hold the id were replaced under their keys, and when.

    Attributes
    ----------
    held
        Those that were not, by partition and key.
    gone
        Those that were, with the time of the record that did it.
    """

    def __init__(self) -> None:
        self.held: Final[dict[tuple[int, bytes | None], LocatedRecord]] = {}
        self.gone: Final[list[tuple[LocatedRecord, int]]] = []

    def watch(self, records: Iterable[LocatedRecord]) -> Iterator[LocatedRecord]:
        """Yield the records; note which one replaces one that is held."""
        for record in records:
            known = self.held.pop((record.partition, record.key), None)
            if known is not None:
                self.gone.append((known, record.timestamp))
            yield record
