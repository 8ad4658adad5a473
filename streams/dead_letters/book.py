"""The distinct letters among the records of the topics `dead-letters` and `dead-letter-receipts`.

The same refusal may be written several times (a worker that was killed writes its last letters
again), and the same record may be refused several times (a letter that was replayed in vain). So a
letter has an id by its content: source, key and record. All refusals of that content are one
letter, and a receipt under that id says where it was sent when it was replayed.

A letter without the seal of the installation says nothing more of one that has it, in whatever
order they come: its headers may name any topic and partition.
"""

from collections.abc import Iterable, Sequence
from enum import StrEnum
from hashlib import blake2b
from sys import intern
from typing import Final, NamedTuple

import msgspec
from msgspec import Struct

from detectors.basis.content_id import content_id
from streams.errors import LetterNotFound
from streams.wire.dead_letter import WITHOUT_RECORD, DeadLetter
from streams.wire.letter_replay import Receipt
from streams.wire.record import LocatedRecord
from streams.wire.sealed_letter import read_letter, read_receipt

HEAD: Final = 120
"""Bytes of a record that the book keeps: there may be many letters, each of up to a megabyte."""

SHORTEST_PREFIX: Final = 4

_DIGITS: Final = frozenset("0123456789abcdef")


class Location(NamedTuple):
    """The partition and offset of a record in its topic."""

    partition: int
    offset: int


class LetterStatus(StrEnum):
    """How far a letter has come."""

    WAITING = "waiting"
    REPLAYED = "replayed"
    REFUSED_AGAIN = "refused-again"


class BookedLetter(Struct, kw_only=True):
    """A distinct letter.

    ``latest`` is its newest refusal, with only the first bytes of the record; ``kept`` is how many
    the topic holds. ``locations`` are those in the source at which it was refused; of a file the
    lines, as offsets of a partition -1. ``sealed``: it bears the seal of this installation.
    """

    letter_id: str
    latest: DeadLetter
    kept: int
    key: bytes | None
    first_at: int
    latest_at: tuple[int, int, int]
    locations: set[Location]
    sealed: bool = False
    receipt: Receipt | None = None

    @property
    def status(self) -> LetterStatus:
        """How far the letter has come."""
        if self.receipt is None:
            return LetterStatus.WAITING
        sent = Location(self.receipt.partition, self.receipt.offset)
        return LetterStatus.REFUSED_AGAIN if sent in self.locations else LetterStatus.REPLAYED


class LetterBook:
    """Collects letters and receipts of an installation, in any order, repeats too."""

    def __init__(self, prefix: str = "") -> None:
        self._prefix: Final = prefix
        self._letters: Final[dict[str, BookedLetter]] = {}
        self._receipts: Final[dict[str, tuple[int, Receipt | None]]] = {}

    def __len__(self) -> int:
        """Count the distinct letters."""
        return len(self._letters)

    def add(self, record: LocatedRecord) -> None:
        """Add a record of the dead letters."""
        letter, sealed = read_letter(self._prefix, record)
        found = letter_id(letter, record.key)
        seen_at = (record.timestamp, record.partition, record.offset)
        location = _location_of(letter)
        booked = self._letters.get(found)
        if booked is None or (sealed and not booked.sealed):
            self._letters[found] = BookedLetter(
                letter_id=found,
                latest=_shortened(letter),
                kept=len(letter.record),
                key=record.key,
                first_at=record.timestamp,
                latest_at=seen_at,
                locations={location},
                sealed=sealed,
            )
            return
        if booked.sealed and not sealed:
            return
        booked.locations.add(location)
        booked.first_at = min(booked.first_at, record.timestamp)
        if seen_at > booked.latest_at:
            booked.latest, booked.latest_at = _shortened(letter), seen_at

    def acknowledge(self, record: LocatedRecord) -> None:
        """Add a receipt; the last one of a letter counts. A record that is none is ignored.

        A tombstone takes receipts back, as compaction will: whoever reads later sees the same.
        """
        receipt = None if record.value is None else read_receipt(self._prefix, record)
        if receipt is None and record.value is not None:
            return
        key = (record.key or b"").decode(errors="replace")
        known = self._receipts.get(key)
        if known is None or record.offset > known[0]:
            self._receipts[key] = (record.offset, receipt)

    def letters(self) -> list[BookedLetter]:
        """Return the letters, the one that was first refused first."""
        for letter in self._letters.values():
            known = self._receipts.get(letter.letter_id)
            letter.receipt = None if known is None else known[1]
        return sorted(
            self._letters.values(),
            key=lambda letter: (letter.first_at, min(letter.locations), letter.letter_id),
        )


def letter_id(letter: DeadLetter, key: bytes | None) -> str:
    """Return the id of a letter, which depends on source, key and record and on nothing else.

    Of letters without a record it is made of source and place: else all of a topic would be one.
    """
    place = [letter.location()] if letter.reason in WITHOUT_RECORD else []
    return content_id(
        "dead-letter",
        letter.source,
        "" if letter.line is None else "file",
        "null" if key is None else key.hex(),
        "null" if letter.null else blake2b(letter.record, digest_size=32).hexdigest(),
        "" if letter.size is None else str(letter.size),
        *place,
    )


def find_letters(letters: Iterable[BookedLetter], beginnings: Iterable[str]) -> list[BookedLetter]:
    """Return the letters whose ids begin so, each once.

    Raises
    ------
    LetterNotFound
        A beginning is shorter than 4 digits, or fits no letter, or several.
    """
    known = list(letters)
    found: dict[str, BookedLetter] = {}
    for beginning in beginnings:
        if len(beginning) < SHORTEST_PREFIX or not _DIGITS.issuperset(beginning):
            raise LetterNotFound(
                f"{beginning!r} is no id of a letter. Give at least {SHORTEST_PREFIX} digits of "
                "one, as `aboveboard dead-letters list` shows it"
            )
        fitting = [letter for letter in known if letter.letter_id.startswith(beginning)]
        if len(fitting) != 1:
            raise LetterNotFound(
                f"no dead letter has the id {beginning}. See `aboveboard dead-letters list`"
                if not fitting
                else f"{len(fitting)} dead letters have ids that begin with {beginning}. Give more "
                "digits"
            )
        found[fitting[0].letter_id] = fitting[0]
    return list(found.values())


def filter_letters(
    letters: Iterable[BookedLetter],
    reasons: Sequence[str] | None,
    sources: Sequence[str] | None,
    status: str | None,
) -> list[BookedLetter]:
    """Return the letters that match every filter given; None lets all pass."""
    return [
        letter
        for letter in letters
        if (reasons is None or letter.latest.reason in reasons)
        and (sources is None or letter.latest.source in sources)
        and status in (None, letter.status)
    ]


def _location_of(letter: DeadLetter) -> Location:
    if letter.line is not None:
        return Location(-1, letter.line)
    return Location(
        -1 if letter.partition is None else letter.partition,
        -1 if letter.offset is None else letter.offset,
    )


def _shortened(letter: DeadLetter) -> DeadLetter:
    """Return a letter with little of its record, and words that many letters share only once."""
    return msgspec.structs.replace(
        letter,
        reason=intern(letter.reason),
        source=intern(letter.source),
        record=letter.record[:HEAD],
    )
