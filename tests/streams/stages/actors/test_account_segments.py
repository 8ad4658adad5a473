"""Accounts in segments: the newest state of each can be restored, and old segments can go."""

import zlib
from collections.abc import Sequence
from typing import Final

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.basis.errors import IncompatibleSnapshot
from detectors.basis.event_time import Seconds
from detectors.basis.identifiers import AccountId
from detectors.events.event import AnyEvent
from detectors.facts.account import Account
from detectors.ledger.plain import columns
from detectors.ledger.stage import Ledger
from streams.stages.actors import account_segments
from streams.stages.actors.account_segments import (
    SLICE_OF_CHANGES,
    AccountSegments,
    restore_accounts,
)
from tests.detectors.ledger.told import PLAIN, Told
from tests.detectors.refutation import refuted
from tests.detectors.worlds import END, activity, late_orders, orders, sale, worlds


class Books:
    """A ledger, and what has been written of it."""

    def __init__(self, segments: type[AccountSegments] = AccountSegments) -> None:
        self.told: Final = Told(Ledger(PLAIN))
        self._segments: Final = segments(self.told.ledger)
        self.written: list[bytes] = []
        self.needed_from = 0

    def flush(self, events: Sequence[AnyEvent]) -> None:
        self.told.block(events)
        changed = self.told.drain()
        pieces, self.needed_from = self._segments.segment(len(self.written), changed)
        if segment := b"".join(pieces):
            self.written.append(segment)

    def needed(self) -> list[bytes]:
        return self.written[self.needed_from :]

    def accounts(self) -> dict[AccountId, Account]:
        return self.told.ledger.accounts()

    def size_of_all(self) -> int:
        """Return the bytes of a capture of everything."""
        ledger = self.told.ledger
        pieces, _ = AccountSegments(ledger).segment(0, {*ledger.objects})
        return sum(map(len, pieces)) + len(ledger.plain.packed(ledger.plain.rows()))

    def restored(self) -> Ledger:
        ledger = Ledger(PLAIN)
        restore_accounts(ledger, self.needed(), self.told.ledger.watermark)
        return ledger


def _facts(ledger: Ledger) -> dict[AccountId, tuple[object, ...]]:
    """Return accounts without uses: one that nobody needs may come back, and nobody minds."""
    return {name: (one.sales, one.cancellations) for name, one in ledger.accounts().items()}


class ForgetsARound(AccountSegments):
    """Drops all segments from before the last."""

    def segment(self, number, changed):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN201 - as the other one
        pieces, _ = super().segment(number, changed)
        return pieces, number


def round_trip_law(segments: type[AccountSegments], data: st.DataObject) -> None:
    events = data.draw(worlds())
    log = data.draw(st.one_of(orders(events), late_orders(events)))
    books = Books(segments)
    start = 0
    while start < len(log):
        size = data.draw(st.integers(1, 20))
        books.flush(log[start : start + size])
        start += size
        assert _facts(books.restored()) == _facts(books.told.ledger)
    # And it goes on as the other one does, whichever of its accounts are in columns now.
    other = books.restored()
    for ledger in (other, books.told.ledger):
        ledger.advance(Seconds(END))
    told, expected = other.drain(), books.told.ledger.drain()
    assert sorted(map(msgspec.json.encode, told.bundle.findings)) == sorted(
        map(msgspec.json.encode, expected.bundle.findings)
    )
    assert told.bundle.seen == expected.bundle.seen
    assert sorted(map(msgspec.json.encode, told.bundle.outcomes)) == sorted(
        map(msgspec.json.encode, expected.bundle.outcomes)
    )


@given(st.data())
def test_the_last_state_of_every_account_comes_back(data: st.DataObject) -> None:
    round_trip_law(AccountSegments, data)


def test_that_law_catches_one_that_drops_what_is_needed() -> None:
    assert refuted(round_trip_law, ForgetsARound)


def test_what_is_kept_stays_a_few_times_what_the_accounts_take(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(account_segments, "LONGEST_ROUND", 50)
    books = Books()
    books.flush([sale(1, f"account-{number}", f"sale-{number}") for number in range(1_000)])
    for time in range(1, 400):
        books.flush([activity(1 + time / 100, f"account-{7 * time % 1_000}")])
        kept = sum(map(len, books.needed()))
        # Accounts grow when they become objects. A segment of one has a head of its own, as large
        # as some accounts.
        once = books.size_of_all()
        assert kept < (2 + 2 * SLICE_OF_CHANGES) * once + 1_000 * len(books.needed())
    assert books.restored().accounts() == books.accounts()


def test_where_nothing_changes_nothing_is_written() -> None:
    books = Books()
    books.flush([sale(1)])
    for _ in range(10):
        books.flush([])
    assert len(books.written) == 1


def test_columns_are_smaller_than_objects_packed_as_tightly() -> None:
    books = Books()
    books.flush([sale(0, "before")])  # so that its cell is known
    books.flush([sale(1 + n / 100, f"a-{n:08}", f"s-{n:08}") for n in range(2_000)])
    plain = books.told.ledger.plain
    rows = plain.rows()
    assert len(rows) > 1_000
    as_objects = zlib.compress(msgspec.msgpack.encode(plain.accounts()), 1)
    assert len(plain.packed(rows)) < len(as_objects)


@given(st.data())
def test_damaged_bytes_are_refused_or_change_nothing_else(data: st.DataObject) -> None:
    books = Books()
    books.flush([sale(1, f"account {n}", f"sale {n}") for n in range(5)])
    rows = books.told.ledger.plain.rows()
    whole = bytearray(books.told.ledger.plain.packed(rows))
    place = data.draw(st.integers(0, len(whole) - 1))
    whole[place] ^= data.draw(st.integers(1, 255))
    ledger = Ledger(PLAIN)
    try:
        ledger.restore_plain(bytes(whole))
    except IncompatibleSnapshot:
        return
    # Before its checksum, a compressed stream has some bits that say nothing.
    assert ledger.plain.accounts() == books.told.ledger.plain.accounts()


def test_a_damaged_byte_in_the_midst_is_refused() -> None:
    books = Books()
    books.flush([sale(1, f"account {n}", f"sale {n}") for n in range(5)])
    whole = bytearray(books.told.ledger.plain.packed(books.told.ledger.plain.rows()))
    whole[len(whole) // 2] ^= 1
    with pytest.raises(IncompatibleSnapshot):
        Ledger(PLAIN).restore_plain(bytes(whole))


def test_columns_that_do_not_fit_are_refused() -> None:
    books = Books()
    books.flush([sale(1, f"account {n}", f"sale {n}") for n in range(5)])
    names, good = columns.unpacked(books.told.ledger.plain.packed(books.told.ledger.plain.rows()))
    assert columns.fit(good, len(names))
    for bad in (
        good._replace(lengths=good.lengths + 1),
        good._replace(named=good.named + np.int32(9)),
        good._replace(used=good.used + np.uint8(1)),
        good._replace(amount=good.amount[1:]),
    ):
        assert not columns.fit(bad, len(names))
