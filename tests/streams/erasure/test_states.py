"""An account in a state: found however it is packed, and forgotten by the date that is told."""

from typing import TYPE_CHECKING, Final

import pytest

from detectors.pipeline import Pipeline
from streams.erasure.dates import by_forgetting
from streams.erasure.needle import Needle
from streams.erasure.states import holders
from streams.stages.state.names import Epoch, PartName
from streams.stages.state.parts import cut
from streams.wire.topics import Topic
from tests.detectors.worlds import at, cancellation, sale
from tests.streams.erasure.memory_logs import NOW, Stored
from tests.streams.stages.actors.small_stream import SETTINGS
from tests.streams.stages.actors.test_account_segments import Books

if TYPE_CHECKING:
    from detectors.events.event import AnyEvent

HOUR: Final = 3_600.0
PART: Final = 60


def segment() -> list[Stored]:
    """Return the messages of a segment with a plain account, and one that is none."""
    books = Books()
    books.flush([sale(0, "before", "s0")])  # so that its cell is known
    books.flush(
        [
            *[sale(1 + n / 100, f"a-{n:08}", f"s-{n:08}") for n in range(100)],
            sale(2, "plain", "s1"),
            sale(2, "object", "s2"),
            cancellation(3, "object", "s2"),
        ]
    )
    assert len(books.told.ledger.plain.rows())
    parts = list(cut([books.written[-1]], PART))
    assert len(parts) > 2
    return [
        Stored(0, number, NOW, PartName(Epoch(0, 1), 7, number).key(), part, [])
        for number, part in enumerate(parts)
    ]


@pytest.mark.parametrize("account_id", ["plain", "object"])
def test_an_account_is_found_in_a_segment_in_parts(account_id: str) -> None:
    records = segment()
    assert list(holders(Needle(account_id), Topic.LEDGER_STATE, records)) == records
    found = list(holders(Needle(account_id), Topic.LEDGER_STATE, records[:-1]))
    assert found == records[:-1], "of a segment that is not whole nobody can tell"


def test_an_account_that_is_not_there_is_not_found() -> None:
    assert not list(holders(Needle("nobody"), Topic.LEDGER_STATE, segment()))


def test_the_bytes_alone_would_not_tell() -> None:
    joined = b"".join((record.value or b"")[1:] for record in segment())
    assert b"plain" not in joined


def test_every_stage_forgets_an_account_by_the_date_that_is_told() -> None:
    pipeline, needle = Pipeline(SETTINGS), Needle("gone")
    first = at(0).timestamp()
    told = by_forgetting(SETTINGS, round(1_000 * first))
    assert told is not None
    days = int((told / 1_000 - first) / HOUR / 24)
    assert 5 < days < 20
    pipeline.apply(sale(0, "gone", "s0", event_id="e0", customer="c0"))
    held: list[int] = []
    for day in range(days + 1):
        events: list[AnyEvent] = [
            sale(24 * day + n, f"a{day}-{n}", f"s{day}-{n}", agent=f"agent {n % 5}", customer="c")
            for n in range(1, 24)
        ]
        for event in events:
            pipeline.apply(event)
        pipeline.alerts()
        if needle.in_packed(pipeline.snapshot()):
            held.append(day)
    assert held[0] == 0
    assert held == list(range(len(held)))
    assert len(held) <= days - 1
    # Not much later than it must be: windows of four days, corrections of one.
    assert len(held) >= 5
