"""Accounts in segments: the newest state of each can be restored, and old segments can go."""

from typing import Final

from hypothesis import given
from hypothesis import strategies as st

from detectors.basis.event_time import Seconds
from detectors.basis.identifiers import AccountId
from detectors.facts.account import Account
from streams.stages.actors.account_segments import SLICE_OF_CHANGES, AccountSegments, accounts_in

names = st.text("abcdefgh", min_size=1, max_size=2)
flushes = st.lists(st.sets(names, max_size=6), max_size=40)


class Books:
    """Accounts that change, and what has been written of them."""

    def __init__(self) -> None:
        self.accounts: dict[AccountId, Account] = {}
        self._segments: Final = AccountSegments(self.accounts.get)
        self.written: list[bytes] = []
        self.needed_from = 0

    def flush(self, changed: set[AccountId], time: float) -> None:
        for name in changed:
            self.accounts[name] = Account(uses=(Seconds(time),))
        pieces, self.needed_from = self._segments.segment(len(self.written), changed, self.accounts)
        if segment := b"".join(pieces):
            self.written.append(segment)

    def needed(self) -> list[bytes]:
        return self.written[self.needed_from :]


@given(flushes)
def test_the_last_state_of_every_account_comes_back(changes: list[set[AccountId]]) -> None:
    books = Books()
    for time, changed in enumerate(changes):
        books.flush(changed, float(time))
        assert accounts_in(books.needed()) == books.accounts


@given(flushes, st.sets(names, min_size=1, max_size=6))
def test_an_account_that_was_forgotten_is_not_written_again(
    changes: list[set[AccountId]], forgotten: set[AccountId]
) -> None:
    books = Books()
    for time, changed in enumerate(changes):
        books.flush(changed, float(time))
    since = len(books.written)
    for name in forgotten:
        books.accounts.pop(name, None)
    books.flush(forgotten, 99.0)
    for name in forgotten:
        del books.accounts[name]
    for time in range(100):
        books.flush({AccountId("z")}, float(time))
    left = accounts_in(books.written[since + 1 :]).keys() & forgotten
    assert not left


def test_what_is_kept_stays_a_few_times_what_the_accounts_take() -> None:
    books = Books()
    books.flush({AccountId(f"account-{number}") for number in range(1_000)}, 0.0)
    once = len(books.needed()[0])
    for time in range(1, 2_000):
        books.flush({AccountId(f"account-{7 * time % 1_000}"), AccountId("account-1")}, float(time))
        kept = sum(map(len, books.needed()))
        assert kept < (2 + 2 * SLICE_OF_CHANGES) * once
    assert accounts_in(books.needed()) == books.accounts


def test_where_nothing_changes_nothing_is_written() -> None:
    books = Books()
    books.flush({AccountId("a")}, 0.0)
    for _ in range(10):
        books.flush(set(), 1.0)
    assert len(books.written) == 1
