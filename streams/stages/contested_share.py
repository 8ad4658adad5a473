"""Whether many claims of sales contradict others: then two sources tell of the same sales."""

from typing import Final

JUDGED_AFTER: Final = 1_000
"""Records of sales after which their contradictions are judged, each time anew."""

MOST: Final = 10
"""More new contradictions than this among so many records are a matter of the source."""

HARM: Final = (
    "{found:,} claims of the last {read:,} records contradict known sales, by another agent, "
    "product, amount or customer: the claim that arrived first counts, which may be the wrong one"
)

REMEDY: Final = (
    "Find out which programs write sales there, and let one of them tell of each sale. "
    "aboveboard_contested_sales counts by field"
)


class ContestedShare:
    """Follows the sales of one partition; ``complaint`` says what is wrong, None if nothing is."""

    def __init__(self) -> None:
        self.complaint: str | None = None
        self._read = 0
        self._before: int | None = None

    def read(self, number: int, contradictions: int) -> None:
        """Count records, and judge them when there are enough; `contradictions` are all so far."""
        if self._before is None:  # what a restored state knows was complained of
            self._before = contradictions
        self._read += number
        if self._read < JUDGED_AFTER:
            return
        found = contradictions - self._before
        self.complaint = HARM.format(found=found, read=self._read) if found > MOST else None
        self._read, self._before = 0, contradictions
