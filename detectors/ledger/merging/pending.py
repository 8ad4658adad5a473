"""Which sales wait for a verdict though their window is over."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from detectors.basis.event_time import Seconds
from detectors.basis.identifiers import AccountId
from detectors.facts.account import Account, SaleRecord
from detectors.facts.sales import Sold


class _Window(NamedTuple):
    """The patterns of one window (seconds): their numbers, and the lower of the bits of each."""

    length: float
    indexes: tuple[int, ...]
    bits: int

    def waits(self, verdicts: int) -> bool:
        """Return whether one of its patterns has given no verdict yet."""
        return (verdicts | verdicts >> 1) & self.bits != self.bits


class PendingVerdicts:
    """Knows of sales which enabled patterns have given no verdict yet.

    Parameters
    ----------
    windows
        The window of each pattern, in seconds.
    """

    def __init__(self, windows: Sequence[float]) -> None:
        self._patterns: Final = len(windows)
        self._windows: Final = [
            _Window(
                length,
                tuple(index for index, own in enumerate(windows) if own == length),
                sum(1 << 2 * index for index, own in enumerate(windows) if own == length),
            )
            for length in dict.fromkeys(windows)
        ]

    def due(self, accounts: Mapping[AccountId, Account], until: Seconds) -> list[list[Sold]]:
        """Return by pattern the sales that wait for it, and whose window ended before `until`."""
        due: list[list[Sold]] = [[] for _ in range(self._patterns)]
        for account_id, account in accounts.items():
            for sale in account.sales:
                for window in self._windows:
                    if sale.at + window.length < until and window.waits(sale.verdicts):
                        sold = Sold(sale, account_id, account)
                        for index in window.indexes:
                            if sale.is_pending(index):
                                due[index].append(sold)
        return due

    def ends(self, sale: SaleRecord) -> Iterator[Seconds]:
        """Yield when the windows end of the patterns for which a sale waits, each once."""
        for window in self._windows:
            if window.waits(sale.verdicts):
                yield Seconds(sale.at + window.length)
