"""Which batches of a fetch belong to transactions that were aborted.

The broker delivers their records all the same, beside a list of the transactions: the id of the
producer, and the first offset. A transaction ends at its marker, and the next one of the same
producer may be committed.
"""

import struct
from collections.abc import Iterable
from typing import Any, Final

from aiokafka.record.control_record import ABORT_MARKER, ControlRecord


class AbortedTransactions:
    """Follows the batches of one fetch in their order."""

    def __init__(self, transactions: Iterable[tuple[int, int]]) -> None:
        # The last first, so that those to come are taken from the end.
        self._to_come: Final = sorted(transactions, key=_first_offset, reverse=True)
        self._open: Final[set[int]] = set()

    def contain(self, batch: Any) -> bool:  # noqa: ANN401 - aiokafka publishes no types
        """Return whether the records of the next batch were aborted."""
        producer = batch.producer_id
        if producer is None:  # an old format, which has no transactions
            return False
        while self._to_come and _first_offset(self._to_come[-1]) <= batch.base_offset:
            self._open.add(self._to_come.pop()[0])
        if batch.is_control_batch:
            # The marker may stand alone: where a transaction wrote to other partitions only.
            if producer in self._open and _is_abort(batch):
                self._open.discard(producer)
            return False
        # A producer may write beside its transactions before it uses any.
        return bool(batch.is_transactional) and producer in self._open


def _first_offset(transaction: tuple[int, int]) -> int:
    return transaction[1]


def _is_abort(batch: Any) -> bool:  # noqa: ANN401 - as above
    try:
        found = ControlRecord.parse(next(iter(batch)).key)
    except (StopIteration, TypeError, struct.error):
        # Whatever it says, it ends the transaction that began before it, and that was aborted. To
        # raise would stop every worker that meets it, for good.
        return True
    # Only the type: `==` would also compare the version of the marker's format.
    return bool(found.type_ == ABORT_MARKER.type_)
