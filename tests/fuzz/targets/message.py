"""Records of the topics between stages: a message that makes sense, or a record that is set aside.

What a stage does with a message that was read is not fuzzed: only our own stages can seal one, and
an error over it is one of ours, with which the worker has to end.
"""

from typing import Any, Final, NamedTuple

from detectors.messages.outcomes import DayReport, DayReview, OutcomeBundle
from detectors.settings import Settings
from streams.stages.actors.messages import Messages
from streams.stages.actors.sense import Sense
from streams.stages.actors.unusable import Unusable  # noqa: TC001 - as in all of our code
from streams.stages.pieces import MessagesInPieces
from streams.stages.seals import Seals
from streams.wire.topics import Topic
from tests.fuzz.mutation import of_msgpack
from tests.fuzz.target import Target


class Foreign(NamedTuple):
    """A record without a seal."""

    value: bytes | None
    offset: int = 0
    timestamp: int = 4_000_000_000_000
    timestamp_type: int | None = 1
    key: bytes | None = b"key"
    headers: tuple[tuple[str, bytes | None], ...] = ()


_SENSE: Final = Sense(Settings(), ledger_partitions=4, agents_partitions=2)
_READERS: Final[tuple[Messages[Any], ...]] = (
    Messages(OutcomeBundle, _SENSE.bundle),
    Messages(DayReport, _SENSE.report),
    Messages(DayReview, _SENSE.review),
)
_SEALS: Final = Seals("prefix-", 0)


def run(value: bytes) -> None:
    """Read a record as each kind of message, and look for its seal."""
    record = Foreign(value)
    for reader in _READERS:
        unusable: list[Unusable] = []
        read = list(reader.read([record], unusable))
        assert len(read) + len(unusable) == 1, "a record is neither a message nor set aside"
    unusable = []
    whole = list(MessagesInPieces(_READERS[-1]).read([record], unusable))
    assert len(whole) + len(unusable) <= 1, "a piece is more than one message"
    ours, foreign = _SEALS.sift(Topic.OUTCOMES, [record])
    assert (list(ours), len(foreign)) == ([], 1), "a record without a seal was taken for ours"


TARGET: Final = Target("message", run, of_msgpack)
