"""Sandbagging: sales are held back, and booked when the next period has begun.

Who has reached a target keeps what is signed now for the next one. Judged at the sale, by when it
was booked: bad is a sale that was booked in a later period than it was made in, and longer after it
than books take. December sign-ups were held back so for a bank's "Jump into January" (its board's
report of 2017). It cannot tell a rush in the last days of a period, which all sellers have: only
what was held back.
"""

from datetime import date
from typing import ClassVar, Final, Literal

import numpy as np

from detectors.basis.durations import Duration, in_words, seconds_of
from detectors.basis.identifiers import PatternName
from detectors.facts.account import Verdict
from detectors.facts.asked.traits import BOOKED_AFTER
from detectors.facts.questions import AnyQuestion
from detectors.facts.sales import Reals, Sales
from detectors.patterns.advice import Advice
from detectors.patterns.example import PatternExample, after, sold
from detectors.patterns.pattern import SalePattern
from detectors.patterns.verdicts import Verdicts, choose, nothing

_MONTHS: Final = {"month": 1, "quarter": 3}


class Sandbagging(SalePattern, frozen=True, kw_only=True):
    """Settings and verdict of the pattern ``sandbagging``.

    ``periods``: of the targets, in UTC. ``begin_on``: the first days of periods of your own, in the
    place of those. ``held_for``: a sale that is booked no later than that was not held back.
    """

    name: ClassVar[PatternName] = PatternName("sandbagging")
    window: ClassVar[str] = "0s"
    questions: ClassVar[tuple[AnyQuestion, ...]] = (BOOKED_AFTER,)
    unit_phrase: ClassVar[str] = "sales of which it is known when they were booked"
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
            "Booked late, but in the same month.", Verdict.GOOD, (sold(booked_at=after(20)),)
        ),
        PatternExample("Nobody knows when it was booked.", Verdict.EXCLUDED, (sold(),)),
    )

    enabled: bool = False
    periods: Literal["month", "quarter"] = "month"
    begin_on: tuple[date, ...] = ()
    held_for: Duration = "3d"

    @property
    def outcome_phrase(self) -> str:
        """Read after "were"."""
        return f"booked more than {in_words(self.held_for)} later, in the next period"

    def verdicts(self, sales: Sales) -> Verdicts:
        """Judge by when each sale was booked."""
        later = sales[BOOKED_AFTER]
        turned = self._period(sales.at + np.nan_to_num(later)) > self._period(sales.at)
        return choose(nothing(sales), ~(turned & (later > seconds_of(self.held_for))))

    def _period(self, at: Reals) -> Reals:
        days = np.floor(at / 86_400.0).astype("datetime64[D]")
        if self.begin_on:
            begins = np.sort(np.array(self.begin_on, dtype="datetime64[D]"))
            return np.searchsorted(begins, days, side="right").astype(np.float64)
        months = days.astype("datetime64[M]").astype(np.int64)
        return (months // _MONTHS[self.periods]).astype(np.float64)
