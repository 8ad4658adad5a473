"""Records of other programs in a topic of alerts."""

import sys
from collections.abc import Iterable, Iterator
from typing import Final

from streams.broker.alerts import DeletedAlert, PublishedAlert
from streams.errors import InvalidAlertRecord
from streams.printable import printable

MOST_TOLD: Final = 10
"""Records that are no alerts of which each is told: there may be as many as there are alerts."""


class Strangers:
    """Leaves them out: the first ones are told as they come, the others as a number."""

    def __init__(self) -> None:
        self._number = 0

    def left_out(
        self, records: Iterable[PublishedAlert | DeletedAlert | InvalidAlertRecord]
    ) -> Iterator[PublishedAlert | DeletedAlert]:
        """Yield what is none of theirs."""
        for record in records:
            if not isinstance(record, InvalidAlertRecord):
                yield record
                continue
            self._number += 1
            if self._number <= MOST_TOLD:
                sys.stderr.write(f"aboveboard alerts: {printable(str(record))}\n")

    def tell(self) -> None:
        """Say how many there were."""
        if self._number:
            records = "1 record" if self._number == 1 else f"{self._number:,} records"
            sys.stderr.write(f"aboveboard alerts: left out {records} that are no alerts\n")


def without_strangers(
    records: Iterable[PublishedAlert | DeletedAlert | InvalidAlertRecord],
) -> Iterator[PublishedAlert | DeletedAlert]:
    """Yield what is none of theirs, where another reading of the topic tells of them."""
    return (record for record in records if not isinstance(record, InvalidAlertRecord))
