"""An id is found in a message in pieces, wherever the message was cut."""

from typing import Final

import msgspec
import pytest

from detectors.basis.event_time import Day
from streams.erasure.needle import Needle
from streams.erasure.pieces import holders
from streams.stages.pieces import cut
from tests.streams.erasure.memory_logs import NOW, Stored

MESSAGE: Final = msgspec.msgpack.encode(["before", "account-17", "after"])


def stored(size: int, sender: int = 0) -> list[Stored]:
    pieces = cut(sender, Day(20_000), MESSAGE, size)
    return [Stored(0, number, NOW, b"0", piece, []) for number, piece in enumerate(pieces)]


@pytest.mark.parametrize("size", range(1, len(MESSAGE) + 1))
def test_an_id_is_found_wherever_it_is_cut(size: int) -> None:
    records = stored(size)
    assert list(holders(Needle("account-17"), records)) == records
    assert not list(holders(Needle("account-1"), records))


def test_of_a_message_that_is_not_whole_nobody_can_tell() -> None:
    records = stored(5)[1:]
    assert list(holders(Needle("nobody"), records)) == records


def test_pieces_of_two_senders_are_two_messages() -> None:
    records = [one for both in zip(stored(5), stored(5, sender=1), strict=True) for one in both]
    found = list(holders(Needle("account-17"), records))
    assert len(found) == len(records)
    assert all(one in found for one in records)
