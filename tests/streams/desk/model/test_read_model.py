"""The same log gives the same pages: in any mixture of topics, cut anywhere, compacted or not."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any, Final, NamedTuple

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.alerts.alert import Subject
from detectors.cases.book import CaseBook
from detectors.cases.case import case_id_of
from detectors.settings import CaseSettings
from streams.desk.filters import Filters
from streams.desk.model import intake, read_model
from streams.desk.model.intake import Intake, Taken, Told
from streams.desk.model.read_model import ReadModel
from streams.stages.actors.alert_records import alert_records
from streams.wire.case_record import case_record
from streams.wire.topics import Topic
from tests.detectors.cases.people import revision
from tests.detectors.cases.test_book import alert_of

NOW: Final = datetime(2026, 1, 1, tzinfo=UTC)
LONGEST: Final = 4

Lanes = dict[tuple[Topic, bytes], list[Told]]
"""What each topic holds under each key, in the order of its partition."""


def lanes(subjects: int, chance: Random) -> Lanes:
    """Return what topics hold of some agents: repeats and erasures among them."""
    found: Lanes = {}
    book = CaseBook(CaseSettings())
    clock = 0

    def tell(topic: Topic, key: bytes, value: bytes | None) -> None:
        nonlocal clock
        clock += 1
        found.setdefault((topic, key), []).append(Told(topic, key, value, clock))

    for number in range(subjects):
        subject = Subject("agent", f"agent-{number}")
        for alert in range(chance.randint(1, 2)):
            for version in range(1, chance.randint(2, LONGEST)):
                one = alert_of(revision(f"{number}-{alert}", version, 24 * version), subject)
                book.add_alert(one)
                for record in alert_records(one):
                    for _ in range(chance.choice((1, 1, 2))):  # who was killed says it again
                        tell(record.topic, record.key or b"", record.value)
                for case in map(case_record, book.changed()):
                    tell(Topic.CASES_CURRENT, case.key, case.value)
                if chance.random() < 0.2:
                    tell(Topic.ALERTS_CURRENT, f"{number}-{alert}".encode(), None)
        sale = {"account_id": f"a-{number}", "agent_id": subject.id, "sale_id": f"s-{number}"}
        tell(Topic.SALES, sale["account_id"].encode(), msgspec.json.encode(sale))
        if chance.random() < 0.2:
            tell(Topic.CASES_CURRENT, case_id_of(subject).encode(), None)
    return found


def compacted(found: Lanes, chance: Random) -> Lanes:
    """Return what a broker may have left of it; the last record of each key always is.

    A tombstone stays as well. Where an alert is told again after its erasure, a broker takes the
    tombstone away, and what the topic ``alerts`` still holds from before is shown once more.
    """
    return {
        (topic, key): [
            record
            for place, record in enumerate(told)
            if "current" not in topic
            or place == len(told) - 1
            or record.value is None
            or chance.random() < 0.5
        ]
        for (topic, key), told in found.items()
    }


def mixed(found: Lanes, chance: Random) -> Iterator[Told]:
    """Yield all records, those of a key in their order."""
    rest = [iter(told) for told in found.values()]
    turns = [number for number, told in enumerate(found.values()) for _ in told]
    chance.shuffle(turns)
    yield from (next(rest[turn]) for turn in turns)


def cut(records: Iterable[Told], chance: Random) -> Iterator[list[Told]]:
    """Yield the records in batches of any size, empty ones too."""
    rest = list(records)
    while rest:
        size = chance.randint(0, len(rest))
        yield rest[:size]
        del rest[:size]


class Shown(NamedTuple):
    """All that pages can be made of."""

    alerts: dict[str, bytes]
    cases: dict[str, bytes]
    revisions: dict[tuple[str, int], tuple[int, bytes]]
    events: Sequence[bytes]


def right(found: Lanes) -> Shown:
    """Return what must be shown of these topics."""
    alerts: dict[str, bytes] = {}
    cases: dict[str, bytes] = {}
    erased: dict[str, int] = {}
    revisions: dict[tuple[str, int], tuple[int, bytes]] = {}
    for (topic, key), told in found.items():
        if "current" in topic and told[-1].value is not None:
            (alerts if topic is Topic.ALERTS_CURRENT else cases)[key.decode()] = told[-1].value
        if topic is Topic.ALERTS_CURRENT:
            gone = [record.milliseconds for record in told if record.value is None]
            erased[key.decode()] = max(gone, default=0)
    for (topic, key), told in found.items():
        for record in told if topic is Topic.ALERTS else ():
            if record.value is not None and record.milliseconds > erased[key.decode()]:
                version = msgspec.json.decode(record.value)["revision"]
                learned = (record.milliseconds * 1_000, record.value)
                revisions.setdefault((key.decode(), version), learned)
    events = [told[0].value or b"" for (topic, _), told in found.items() if topic is Topic.SALES]
    return Shown(alerts, cases, revisions, sorted(events))


@contextmanager
def fresh() -> Iterator[ReadModel]:
    with TemporaryDirectory() as folder, ReadModel(Path(folder) / "model.sqlite") as model:
        yield model


def shown(batches: Iterable[Iterable[Told]]) -> Shown:
    """Return what a read model shows that took these batches in; its lists must agree with that."""
    with fresh() as model:
        for batch in batches:
            model.take_in(batch)
        found = Shown(
            dict(model.ask("SELECT alert_id, record FROM alerts")),
            dict(model.ask("SELECT case_id, record FROM cases")),
            {
                (alert_id, version): (learned, record)
                for alert_id, version, learned, record in model.ask("SELECT * FROM revisions")
            },
            sorted(record for (record,) in model.ask("SELECT record FROM events")),
        )
        cases = model.case_page(Filters(), NOW).rows
        listed = [(row.updated_at, row.case_id) for row in cases]
        assert listed == sorted(listed, key=lambda row: (-row[0].timestamp(), row[1]))
        assert {case_id for _, case_id in listed} == found.cases.keys()
        alerts = model.alert_page(Filters()).rows
        assert {getattr(row, "alert_id", "") for row in alerts} == found.alerts.keys()
    return found


seeds = st.integers(0, 2**32)


def differs(seed: int) -> bool:
    """Return whether a log, mixed, cut and compacted in some way, is not shown as it must be."""
    chance = Random(seed)  # noqa: S311 - to choose what happens, not to keep a secret
    found = lanes(chance.randint(1, 3), chance)
    left = compacted(found, chance)
    ways = (found, found, left)
    return any(shown(cut(mixed(way, chance), chance)) != right(found) for way in ways)


@given(seeds)
def test_the_same_log_gives_the_same_pages(seed: int) -> None:
    assert not differs(seed)


def found_out() -> bool:
    return any(differs(seed) for seed in range(60))


class _TakesOneOfABatch(Intake):
    """Believes that a key comes once in a batch."""

    def of(self, records: Iterable[Told]) -> Taken:
        first: dict[Any, Told] = {}
        for one in records:
            first.setdefault((one.topic, one.key), one)
        return super().of(first.values())


class _OverlooksTombstones(Intake):
    def of(self, records: Iterable[Told]) -> Taken:
        return super().of(one for one in records if one.value is not None)


@pytest.mark.parametrize("broken", [_TakesOneOfABatch, _OverlooksTombstones])
def test_an_intake_that_depends_on_its_batches_is_caught(
    broken: type[Intake], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(read_model, "Intake", broken)
    assert found_out()


@pytest.mark.parametrize(
    ("name", "statement"),
    [
        ("_REVISION", "INSERT OR IGNORE INTO revisions VALUES (:id, :revision, :learned, :record)"),
        ("_REVISION", "INSERT OR REPLACE INTO revisions VALUES (:id,:revision,:learned,:record)"),
        ("_ERASED", "INSERT OR IGNORE INTO erased VALUES (?, 0 * ?)"),
    ],
)
def test_revisions_that_come_back_or_move_are_caught(
    name: str, statement: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake, name, statement)
    assert found_out()


def test_what_cannot_be_taken_in_leaves_all_as_it_was() -> None:
    with fresh() as model:
        chance = Random(1)  # noqa: S311 - as above
        records = list(mixed(lanes(2, chance), chance))
        with pytest.raises(ValueError, match="reads no topic"):
            model.take_in([*records, Told(Topic.LOOKUPS, b"", b"")])
        assert model.count("alerts") == model.count("events") == 0
        model.take_in(records)
        assert model.count("alerts")
