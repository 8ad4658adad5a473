"""Keepers of cases and notifiers as they are shipped, but that they die where most is at stake.

A keeper dies when cases are stored and it has not noted that; a notifier when its log says what it
told and nobody was told.

``python -m tests.chaos.desk.aimed cases ...`` runs one, and so does ``notify``.
"""

import sys
from collections.abc import Iterable, Sequence
from typing import Final

from streams.broker.keeper.writer import CaseWriter
from streams.broker.notifier.delivery_log import DeliveryLog
from streams.cli.main import main
from streams.wire.case_record import CaseRecord
from streams.wire.delivery import Delivery
from tests.chaos.order import die_if_told

KEEPER: Final = (sys.executable, "-m", "tests.chaos.desk.aimed", "cases")
"""The command of such a keeper."""

NOTIFIER: Final = (sys.executable, "-m", "tests.chaos.desk.aimed", "notify")
"""The command of such a notifier."""


def obey() -> None:
    """Die by SIGKILL after the next write, if the order was given."""
    honest_keeper, honest_log = CaseWriter.write, DeliveryLog.write

    def write_cases(self: CaseWriter, records: Sequence[CaseRecord]) -> list[int]:
        offsets = honest_keeper(self, records)
        die_if_told()
        return offsets

    def write_log(self: DeliveryLog, changes: Iterable[tuple[bytes, Delivery | None]]) -> None:
        honest_log(self, changes)
        die_if_told()

    CaseWriter.write = write_cases  # type: ignore[method-assign]  # there is no public place
    DeliveryLog.write = write_log  # type: ignore[method-assign]  # as above


if __name__ == "__main__":
    obey()
    sys.exit(main())
