"""Blocks of lines as columns."""

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np

from detectors.basis.event_time import seconds_at
from detectors.evidence.arrays import Bytes, Integers, Reals
from detectors.identity_settings import AS_THEY_STAND, IdentitySettings
from detectors.limit_settings import Limits
from detectors.reading.spelling import Spelling
from detectors.scanning.fields import (
    ANY_KIND,
    NUMBERS,
    SCANNED_TYPES,
    TEXTS,
    VERSION,
    field_table,
)
from detectors.scanning.respelling import respell, targets, words_as_columns
from detectors.scanning.scanner import NOT_RECOGNISED, Kinds, scan

SALE, CANCELLATION, ACTIVITY, INTERACTION, ACCESS = range(len(SCANNED_TYPES))
"""Kinds of events, in the order of `SCANNED_TYPES`."""


class ScannedLines(NamedTuple):
    """Columns over lines, in their order.

    ``data`` holds the lines, one after the other. ``kinds`` is `SALE`, `CANCELLATION`, `ACTIVITY`,
    `INTERACTION`, `ACCESS` or `NOT_RECOGNISED`; the other columns mean nothing where it is the
    last. ``at`` is in seconds. ``texts``, shape (n, `TEXTS`, 2), has the start in `data` and the
    length of each, -1 and 0 for none; ``numbers``, shape (n, `NUMBERS` and those asked), is not a
    number for none.
    """

    data: Bytes
    kinds: Kinds
    at: Reals
    texts: Integers
    numbers: Reals


class LineScanner:
    """Scans lines; what it returns depends on nothing that came before.

    Parameters
    ----------
    limits
        As for `detectors.decoding.EventDecoder`: a line beyond them is not recognised.
    event_type
        The only type of event there, None where each line names its own.
    numbers
        Names of fields whose numbers are columns beside `NUMBERS`. If `VERSION` is among them, a
        line that may correct another one is left to the decoder.
    identities
        How ids of agents are spelt, as for the decoder.
    """

    def __init__(
        self,
        limits: Limits,
        event_type: str | None = None,
        numbers: Sequence[str] = (),
        identities: IdentitySettings = AS_THEY_STAND,
    ) -> None:
        self._spelling: Final = identities.spelling
        self._nobody: Final = words_as_columns(self._spelling.nobody if self._spelling else ())
        self._merged: Final = targets(self._spelling.merged if self._spelling else {})
        self._table: Final = field_table(tuple(numbers))
        types = list(SCANNED_TYPES)
        self._kind: Final = ANY_KIND if event_type is None else types.index(event_type)
        self._largest: Final = limits.largest_record
        self._earliest: Final = seconds_at(limits.earliest_event)
        self._latest: Final = seconds_at(limits.latest_event)
        self._numbers: Final = len(NUMBERS) + len(numbers)
        columns = [*NUMBERS, *numbers]
        self._version: Final = columns.index(VERSION) if VERSION in columns else None

    def scan(self, lines: Sequence[bytes]) -> ScannedLines:
        """Return the lines as columns."""
        size = len(lines)
        data = np.frombuffer(b"".join(lines), dtype=np.uint8)
        lengths = np.fromiter(map(len, lines), dtype=np.int64, count=size)
        ends = np.cumsum(lengths)
        scanned = ScannedLines(
            data,
            np.empty(size, dtype=np.int8),
            np.zeros(size),
            np.empty((size, len(TEXTS), 2), dtype=np.int64),
            np.empty((size, self._numbers)),
        )
        scan(data, ends - lengths, ends, self._kind, self._table, *scanned[1:])
        at = scanned.at
        out = (lengths > self._largest) | (at < self._earliest) | (at > self._latest)
        if self._version is not None:
            out |= scanned.numbers[:, self._version] > 1
        scanned.kinds[out] = NOT_RECOGNISED
        return scanned if self._spelling is None else self._respelt(scanned, self._spelling)

    def _respelt(self, scanned: ScannedLines, spelling: Spelling) -> ScannedLines:
        data = np.concatenate((scanned.data, self._merged.letters))
        respell(
            data,
            scanned.kinds,
            scanned.texts,
            *self._nobody,
            self._merged,
            spelling.trims,
            spelling.folds,
        )
        data.flags.writeable = (
            False  # as the columns always are: what reads them is compiled for that
        )
        return scanned._replace(data=data)
