"""What joining lines is told, and tells."""

from typing import NamedTuple

from detectors.basis.event_time import Seconds
from detectors.basis.identifiers import AccountId
from detectors.facts.account import Account


class Times(NamedTuple):
    """Where time stands before a line is joined, all in seconds.

    ``watermark``: of the ledger; ``others``: up to where the other sources are complete.
    """

    watermark: Seconds
    others: Seconds
    until: Seconds


class Joined(NamedTuple):
    """What joining lines came to: the first that was not joined, and where time stands then.

    ``newest_line`` is the line that moved the newest time last, -1 for none. ``later`` are lines
    that were left for later, each with the watermark before it; `taken` are the plain accounts that
    those are about, to be kept as objects from now on.
    """

    stopped: int
    newest: Seconds
    watermark: Seconds
    newest_line: int
    later: list[tuple[int, Seconds]]
    taken: dict[AccountId, Account]
