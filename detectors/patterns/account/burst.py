"""Burst: many sales of one agent undone together, identical ones or on one day.

Sales that belong together are one trial for every rate (docs/statistics.md, section 8), so that one
unhappy customer is not five pieces of evidence; and of those that are cancelled on one day only so
many count. What is lost there is judged here, as a pattern of its own.

It has the window of ``quick_cancellation``, and weighs as much as any other rate. It cannot tell a
group that changed its mind from sales that were never any. Its size was chosen on the bookings of
two hotels (`detectors/patterns/account/burst.py`): there a group that cancels is an everyday thing.
"""

from collections.abc import Sequence
from typing import Annotated, ClassVar, Final

from msgspec import Meta, Struct

from detectors.basis.durations import in_words
from detectors.basis.identifiers import PatternName
from detectors.patterns.account.quick_cancellation import QuickCancellation
from detectors.patterns.advice import Advice
from detectors.patterns.judged import Severity
from detectors.patterns.pattern import DAYS_A_YEAR, Weight

ONE_IN: Final = 5
"""A burst is at least one in so many of an agent's sales of a window, or it is not large for them.

Five cancellations on one day are news of an agent who sells ten, and nothing of one who sells a
thousand. In the hotel bookings (window 30 days) the fifth cancellation of one day was seen 856
times, mostly of two agents who sell hundreds a month, and they were accused by it; at one in five
it is 11 days of 11 agents. The figure matters little: 15 days at one in twenty, 12 at one in ten,
6 at one in two. At one in five it replaces a size of 5 for agents of more than 25 sales.
"""


class Burst(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Settings of the pattern ``burst``; it needs ``quick_cancellation``, whose outcomes it reads.

    ``size``: how many identical sales of a day, or cancellations on a day, are a burst, at least.
    """

    name: ClassVar[PatternName] = PatternName("burst")

    enabled: bool = True
    size: Annotated[int, Meta(ge=3)] = 5
    weight: Weight = 1.0


_ADVICE: Final = Advice(
    next_step="Open the sales of the latest such day. Who were the customers, and who cancelled?",
    would_clear="One honest cause for each of the days, such as a group that cancelled its "
    "booking.",
    explanations_unchecked=(
        "A group, a family or a firm that booked together and cancelled together.",
        "A fault of a system, or a clean-up by the back office, on that day.",
        "A shared login.",
    ),
)


class BurstPattern(Struct, frozen=True):
    """The pattern ``burst`` over outcomes of ``quick_cancellation``, whose window it shares.

    A trial is a day on which sales of an agent matured. It is bad if `threshold` identical sales
    among them were cancelled and they are at least half of those that were identical, or if with
    them the number of the agent's sales (identical ones counted once) that were cancelled on one
    and the same day has come to `threshold`.

    Many identical sales alone are no burst: who sells to groups sells so every day, and no officer
    can object to a group that comes.
    """

    name: ClassVar[PatternName] = Burst.name
    source: ClassVar[PatternName] = QuickCancellation.name
    version: ClassVar[int] = 1
    enabled: ClassVar[bool] = True
    days_a_year: ClassVar[float] = DAYS_A_YEAR
    severest: ClassVar[Severity] = "critical"
    advice: ClassVar[Advice] = _ADVICE
    unit_phrase: ClassVar[str] = "days on which the windows of sales ended"
    counted: ClassVar[str] = "days"
    trials_phrase: ClassVar[str] = (
        "What is counted are days on which windows of the agent's sales ended; they are "
        "compared with such days of other sellers, and bad is one on which a burst was seen."
    )

    window: str
    size: int
    explanations_checked: tuple[str, ...] = ()
    weight: float = 1.0

    def threshold(self, sales: int) -> int:
        """Return how many are a burst for an agent of so many sales in the last window."""
        return max(self.size, -(-sales // ONE_IN))

    @property
    def outcome_phrase(self) -> str:
        """Read after "were"."""
        return (
            f"days of a burst (at least {self.size} sales, and one in {ONE_IN} of those of the last"
            f" {in_words(self.window)}, undone: identical ones, or all on one day)"
        )

    def cell_fields(self, cell: Sequence[str]) -> tuple[str, ...]:
        """Return what days are told apart by, whatever the fields of the sale."""
        del cell
        return ("identical sales", "sales of the day")

    def peers_phrase(self, cell: Sequence[str]) -> str:
        """Return which days are compared, whatever the fields of the sale."""
        del cell
        return (
            "the days of all other sellers, by how many bursts of identical sales there were, and "
            "by how many sales"
        )
