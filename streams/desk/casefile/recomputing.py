"""Recomputes one alert from the events in the read model, in a process of its own.

    python -m streams.desk.casefile.recomputing < task > result

It reads the events as `aboveboard explain` reads files, one for each partition, and says what that
says. What the desk shows of the alert is compared as well: it agrees only if it is what the events
give, in every field.
"""

import io
import os
import pickle
import sqlite3
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, NamedTuple

import msgspec
from msgspec import UNSET, Struct, UnsetType
from rich.console import Console

from detectors.alerts.alert import Alert, evidence_of
from detectors.alerts.evidence import AgainstPeers
from detectors.basis.durations import seconds_of
from detectors.basis.event_time import day_name
from detectors.patterns import EarlyPattern
from detectors.settings import Settings
from streams.desk.casefile.funnel import Tally
from streams.desk.casefile.recomputed import Evidence, Recomputed, Task
from streams.desk.model.decisions import decisions_in
from streams.errors import AlertNotFound
from streams.explain.agent import AgentExplanation
from streams.explain.alert import explanation_of
from streams.explain.chart import day_number, reported_at_end_of
from streams.explain.finding import Source, find_alert
from streams.explain.printing import print_heading, print_verdict
from streams.files.merging import Block, Lines, merged_blocks
from streams.wire.topics import EVENT_TOPICS, Topic

WIDTH: Final = 100
"""Columns of the text."""

_AT_ONCE: Final = 2_000
_NICE: Final = 10


class ModelEvents:
    """The events and decisions in the read model now; what is added later is not seen.

    Parameters
    ----------
    model
        Its file.
    settings
        Which times are credible, and the allowed lateness.
    """

    def __init__(self, model: Path, settings: Settings) -> None:
        self._model: Final = model
        self._settings: Final = settings
        with self._reader() as reader:
            asked = "SELECT count(*), coalesce(max(place), 0), min(occurred_at) FROM events"
            self.count, self._last, self.since = reader.execute(asked).fetchone()
            asked = "SELECT DISTINCT topic, part FROM events ORDER BY topic, part"
            self._parts: Final = [(Topic(topic), part) for topic, part in reader.execute(asked)]
            self._decided: Final = [one.line for one in decisions_in(reader.execute, settings)]

    @contextmanager
    def blocks(self, _title: str = "") -> Iterator[Iterator[Block]]:
        """Open the events once more, and yield their lines."""
        limits = self._settings.limits
        lateness = seconds_of(self._settings.time.allowed_lateness)
        with self._reader() as reader:
            parts: list[Lines] = [_Part(reader, *part, self._last) for part in self._parts]
            parts.append(_Decisions(self._decided))
            # All claims about an account stand in one partition, in the order of their arrival.
            merged = merged_blocks(parts, limits, lateness)
            yield (block._replace(as_arrived=True) for block in merged)

    @contextmanager
    def _reader(self) -> Iterator[sqlite3.Connection]:
        reader = sqlite3.connect(f"file:{self._model}?mode=ro", uri=True)
        try:
            yield reader
        finally:
            reader.close()


class _Part:
    """The records of one partition as lines of a file."""

    def __init__(self, reader: sqlite3.Connection, topic: Topic, part: int, last: int) -> None:
        self.path: Final = f"{topic}[{part}]"
        self._kind: Final = EVENT_TOPICS[topic]
        self._asked: Final = (topic.value, part, last)
        self._reader: Final = reader

    def lines(self) -> Iterator[list[bytes]]:
        """Yield the records."""
        found = self._reader.execute(
            "SELECT record FROM events INDEXED BY events_by_source "
            "WHERE topic = ? AND part = ? AND place <= ? ORDER BY place",
            self._asked,
        )
        while records := found.fetchmany(_AT_ONCE):
            yield [line_of(record, self._kind) for (record,) in records]


class _Decisions(NamedTuple):
    """What people decided, as the lines of a file."""

    decided: list[bytes]
    path: str = "decisions"

    def lines(self) -> Iterator[list[bytes]]:
        """Yield them all."""
        yield self.decided


class _Typed(Struct):
    type: msgspec.Raw | UnsetType = UNSET


_read_type: Final = msgspec.json.Decoder(_Typed).decode


def line_of(record: bytes, kind: str) -> bytes:
    """Return a record of a topic as a line of a file, which names the type of its event."""
    line = record.replace(b"\n", b" ")  # in JSON it can only stand between two words
    try:
        typed = _read_type(line).type is not UNSET
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return line
    return line if typed else b'{"type":"%b",' % kind.encode() + line.lstrip()[1:]


def recompute(task: Task) -> Recomputed:
    """Return what the events in the read model say of an alert."""
    begun = time.monotonic()
    shown = msgspec.json.decode(task.shown, type=Alert)
    found = recomputed(task.settings, ModelEvents(task.model, task.settings), shown)
    return msgspec.structs.replace(found, seconds=time.monotonic() - begun)


def recomputed(settings: Settings, events: ModelEvents, shown: Alert) -> Recomputed:
    """Return what events say of an alert as it is shown."""
    nothing = Recomputed(
        revision=shown.revision,
        same_settings=shown.config_hash == settings.config_hash,
        events=events.count,
        since=events.since,
    )
    source = Source(settings, None, events.blocks)
    tally = _tally(settings, shown)
    try:
        found = find_alert(source, shown.alert_id, tally)
    except AlertNotFound as error:
        return msgspec.structs.replace(nothing, problem=str(error))
    explanation = explanation_of(source, found)
    console = Console(file=io.StringIO(), width=WIDTH, highlight=False, markup=False)
    print_heading(found.latest, console)
    explanation.print(console)
    explained = explanation.agrees()
    print_verdict(found.latest, console, agrees=explained)
    days = funnel = None
    if isinstance(explanation, AgentExplanation):
        days = [Evidence(day_name(one.day), one.evidence) for one in explanation.chart.points]
    if tally is not None:
        evidence = evidence_of(shown, AgainstPeers)
        tier = settings.patterns.tier(shown.pattern)
        funnel = tally.funnel(evidence.between_agent_sd, tier.counted)
    return msgspec.structs.replace(
        nothing,
        agrees=explained and any(one == shown for one in found.revisions),
        explained=explained,
        text=_written(console),
        days=tuple(days or ()),
        funnel=funnel,
    )


def _tally(settings: Settings, shown: Alert) -> Tally | None:
    """Return what counts the peers of an alert; None where it compares nobody, or not by sales."""
    if not isinstance(shown.evidence, AgainstPeers) or shown.pattern in settings.profiles:
        return None
    if isinstance(settings.patterns.tier(shown.pattern), EarlyPattern):
        return None  # its trials are sales still at risk, once a day
    first = day_number(shown.evidence.likely_start)
    return Tally(shown.subject, shown.pattern, first, reported_at_end_of(shown))


def _written(console: Console) -> str:
    file = console.file
    assert isinstance(file, io.StringIO)  # noqa: S101 - given above
    return file.getvalue()


def main() -> None:
    """Read a task, write the result."""
    os.nice(_NICE)
    task = pickle.load(sys.stdin.buffer)  # noqa: S301 - the desk has written it
    sys.stdout.buffer.write(msgspec.json.encode(recompute(task)))


if __name__ == "__main__":
    main()
