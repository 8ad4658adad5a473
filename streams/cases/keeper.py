"""Keeps the cases by what stands in the topics, and says which records are due.

Any number of keepers may run beside each other: the same alerts and decisions give the same bytes.
So nobody has to be chosen, and one that was killed leaves nothing behind. One that lags may write
an older state over a newer one; whoever knows the newer one sees that, and writes it again.
"""

from collections.abc import Mapping
from hashlib import blake2b
from typing import Final

import msgspec
from msgspec import Struct

from detectors.alerts.alert import Alert
from detectors.basis.durations import seconds_of
from detectors.basis.errors import InvalidEvent
from detectors.basis.event_time import Seconds
from detectors.cases.book import CaseBook
from detectors.cases.case import Case
from detectors.cases.reading import DecisionDecoder, require_past
from detectors.settings import Settings
from streams.wire.case_record import CaseRecord, case_record
from streams.wire.dead_letter import DeadLetter, from_topic
from streams.wire.topics import Topic

_NO_JSON: Final = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""What msgspec raises for bytes that hold something else; nesting without end is no error of its
own."""


class Stored(Struct, frozen=True):
    """A record as it stands in a topic; ``stored_at`` is in seconds by the clock of the broker.

    ``erased``: it is the tombstone of an erasure, which ends the case up to this version.
    """

    topic: Topic
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    stored_at: Seconds
    erased: int | None = None


class _Told(Struct, frozen=True):
    """What ``cases-current`` says of a case: -1 is the version of what is no case.

    ``digest`` is None where the case was erased.
    """

    version: int
    digest: bytes | None
    offset: int


class CaseKeeper:
    """Takes records of ``alerts``, ``decisions`` and ``cases-current``, all from their beginning.

    Attributes
    ----------
    foreign
        Records that are none of ours, by topic.
    disagreements
        States that another keeper tells otherwise, of the same alerts and decisions: it runs under
        other settings, or is of another version.
    """

    def __init__(self, settings: Settings) -> None:
        self._book: Final = CaseBook(settings.cases)
        self._decode: Final = DecisionDecoder(settings.limits).decode
        self._decode_alert: Final = msgspec.json.Decoder(Alert).decode
        self._decode_case: Final = msgspec.json.Decoder(Case).decode
        self._tolerance: Final = seconds_of(settings.time.tolerance)
        self._cases: Final[dict[str, Case]] = {}
        self._told: Final[dict[str, _Told]] = {}
        self._doubtful: Final[set[str]] = set()
        self.foreign: Final[dict[str, int]] = {}
        self.disagreements = 0

    @property
    def cases(self) -> Mapping[str, Case]:
        """The cases as they stood when records were last asked for, by id."""
        return self._cases

    def unmatched(self) -> int:
        """Return how many decisions are about cases of which no alert is known."""
        return self._book.unmatched()

    def add(self, record: Stored) -> DeadLetter | None:
        """Take a record in; return the letter about a decision that cannot be read."""
        match record.topic:
            case Topic.ALERTS:
                self._add_alert(record)
            case Topic.DECISIONS:
                return self._add_decision(record)
            case Topic.CASES_CURRENT:
                self._add_told(record)
            case _:
                msg = f"{record.topic} is not read here"
                raise ValueError(msg)
        return None

    def due(self) -> list[CaseRecord]:
        """Return the records that are to be written: of cases that are told otherwise, or not yet.

        To be asked only when the topics have been read to their ends.
        """
        for case in self._book.changed():
            self._cases[case.case_id] = case
            self._doubtful.add(case.case_id)
        records = [
            case_record(self._cases[one]) for one in sorted(self._doubtful) if one in self._cases
        ]
        self._doubtful.clear()
        return [record for record in records if self._is_due(record)]

    def written(self, record: CaseRecord, offset: int) -> None:
        """Note that a record was stored."""
        case_id = record.key.decode()
        self._told[case_id] = _Told(self._cases[case_id].version, _digest(record.value), offset)

    def _add_alert(self, record: Stored) -> None:
        try:
            alert = self._decode_alert(record.value or b"")
        except _NO_JSON:
            self._count_foreign(record)
            return
        if alert.alert_id.encode() == record.key:
            self._book.add_alert(alert)
        else:
            self._count_foreign(record)

    def _add_decision(self, record: Stored) -> DeadLetter | None:
        try:
            decision = self._decode(record.value or b"")
            require_past(decision, record.stored_at, self._tolerance)
        except InvalidEvent as error:
            place = (record.topic.value, record.partition, record.offset)
            return from_topic(error, *place, record.value)
        self._book.add_decision(decision)
        return None

    def _add_told(self, record: Stored) -> None:
        case_id = (record.key or b"").decode(errors="replace")
        known = self._told.get(case_id)
        if known is not None and record.offset <= known.offset:
            return  # our own, which has come back, or one from before it
        if record.erased is None:
            told = _Told(self._version_in(record), _digest(record.value or b""), record.offset)
        else:
            told = _Told(record.erased, None, record.offset)
        self._told[case_id] = told
        ours = self._cases.get(case_id)
        if ours is None:
            return
        if told.version < ours.version:
            self._doubtful.add(case_id)
        elif told.version == ours.version and _differs(told, case_record(ours)):
            self.disagreements += 1

    def _version_in(self, record: Stored) -> int:
        if record.value is None:
            return -1
        try:
            case = self._decode_case(record.value)
        except _NO_JSON:
            self._count_foreign(record)
            return -1
        return case.version if case.case_id.encode() == record.key else -1

    def _is_due(self, record: CaseRecord) -> bool:
        case = self._cases[record.key.decode()]
        told = self._told.get(case.case_id)
        if told is None or told.version < case.version:
            return True
        # A state of the same version that was told by a release before this one, or under other
        # settings, is replaced once; if another keeper insists, both are right by their settings.
        return told.version == case.version and _differs(told, record)

    def _count_foreign(self, record: Stored) -> None:
        self.foreign[record.topic] = self.foreign.get(record.topic, 0) + 1


def _differs(told: _Told, record: CaseRecord) -> bool:
    return told.digest not in (None, _digest(record.value))


def _digest(value: bytes) -> bytes:
    return blake2b(value, digest_size=16).digest()
