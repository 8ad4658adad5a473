"""Sandbagging: sales are held back, and booked when the next period has begun.

Who has reached a target keeps what is signed now for the next one. Judged at the sale, by when it
was booked: bad is a sale of the last days of a period that was booked in the next one, and longer
after it than books take. Sales of other days say nothing: nobody holds them back for so long, and
with them all sellers would look bad at once when a period turns. December sign-ups were held back
so for a bank's "Jump into January" (its board's report of 2017). A rush in the
last days is a matter for `period_end`.
"""

from datetime import date
from typing import ClassVar

from detectors.basis.durations import Duration, in_words, seconds_of
from detectors.basis.identifiers import PatternName
from detectors.facts.account import Verdict
from detectors.facts.asked.traits import BOOKED_AFTER
from detectors.facts.questions import AnyQuestion
from detectors.facts.sales import Sales
from detectors.patterns.advice import Advice
from detectors.patterns.example import PatternExample, after, sold
from detectors.patterns.pattern import SalePattern
from detectors.patterns.periods import Periods, next_period
from detectors.patterns.verdicts import Verdicts, choose


class Sandbagging(SalePattern, frozen=True, kw_only=True):
    """Settings and verdict of the pattern ``sandbagging``.

    ``periods``: of the targets, in UTC. ``begin_on``: the first days of periods of your own, in the
    place of those. ``last``: how long before its end a period is in its last days. ``held_for``: a
    sale that is booked no later than that was not held back.
    """

    name: ClassVar[PatternName] = PatternName("sandbagging")
    window: ClassVar[str] = "0s"
    questions: ClassVar[tuple[AnyQuestion, ...]] = (BOOKED_AFTER,)
    unit_phrase: ClassVar[str] = "sales at the end of a period, booked at a known time"
    advice: ClassVar[Advice] = Advice(
        next_step="Compare the dates on the papers of five of these sales with the books. Then see "
        "what the target of that period was, and whether it had been reached.",
        would_clear="A queue of the back office, or a date of delivery, that explains each delay.",
        explanations_unchecked=(
            "Customers who wanted it to begin in the next month.",
            "Papers, approvals or credit checks that take longer for what this agent sells.",
            "A back office that books once a month.",
        ),
    )
    examples: ClassVar[tuple[PatternExample, ...]] = (
        PatternExample(
            "Signed in March, booked on the second of April.",
            Verdict.BAD,
            (sold(25, booked_at=after(30)),),
        ),
        PatternExample("Booked on the next day.", Verdict.GOOD, (sold(25, booked_at=after(26)),)),
        PatternExample(
            "Booked late, but in the same month.",
            Verdict.GOOD,
            (sold(22, booked_at=after(27)),),
        ),
        PatternExample(
            "Signed and booked in the middle of a month.",
            Verdict.EXCLUDED,
            (sold(booked_at=after(1)),),
            honest="made more than",
        ),
        PatternExample("Nobody knows when it was booked.", Verdict.EXCLUDED, (sold(),)),
    )

    enabled: bool = False
    periods: Periods = "month"
    begin_on: tuple[date, ...] = ()
    last: Duration = "7d"
    held_for: Duration = "3d"

    @property
    def outcome_phrase(self) -> str:
        """Read after "were"."""
        return f"booked more than {in_words(self.held_for)} later, in the next period"

    @property
    def explanations_checked(self) -> tuple[str, ...]:
        """Read after "sales that were"."""
        return (f"made more than {in_words(self.last)} before the end of a period",)

    def verdicts(self, sales: Sales) -> Verdicts:
        """Judge by when each sale was booked."""
        later = sales[BOOKED_AFTER]
        left = next_period(sales.at, self.periods, self.begin_on) - sales.at
        held_back = (later >= left) & (later > seconds_of(self.held_for))
        return choose(~(left <= seconds_of(self.last)), ~held_back)
