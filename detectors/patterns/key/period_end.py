"""Period end: an agent sells far more in the last days of a period than before, and than others do.

Who must reach a target by the last of the month presses customers, or makes sales up, in its last
days. Everybody is busier then; so the pace of each agent is compared with their own before, and how
often it jumps with how often it does for others. One trial is one end of a period of one agent,
judged by the first of their sales in it: one busy week is one piece of evidence, however many sales
it has. It is bad if, on the days on which they sold, they sold more a day than before by a factor,
and by more than chance gives. Days without a sale do not count, so who was away before is not
busier for it. All other sales are excluded, and so is an end of which too little is known before.

It cannot tell a campaign that only this agent works. With one trial a month it takes half a year.
What is booked late over the turn of a period is a matter for `sandbagging`. A bank's staff were
pressed most by the day, and by the "Jump into January" (its board's report of 2017); no figure on
the last days has been published. Five days are a guess at when a rush begins, and three weeks
before them hold enough sales to know a pace.
"""

from bisect import bisect_left
from collections.abc import Sequence
from datetime import date
from math import sqrt
from typing import Annotated, Any, ClassVar, Final

import numpy as np
from msgspec import Meta

from detectors.basis.durations import Duration, in_words, seconds_of
from detectors.basis.event_time import DAY, Seconds, day_of
from detectors.basis.identifiers import PatternName
from detectors.events.event import Sale
from detectors.facts.account import Verdict
from detectors.facts.contact import AGENT
from detectors.facts.questions import AnyQuestion, Sharing
from detectors.facts.sales import Sales, Sold
from detectors.patterns.advice import Advice
from detectors.patterns.example import PatternExample, sold
from detectors.patterns.key.one_customer import MOST_SHOWN, sold_on
from detectors.patterns.pattern import SalePattern
from detectors.patterns.periods import Periods, next_period
from detectors.patterns.verdicts import Verdicts

SOLD_BY: Final = Sharing(AGENT)

_FIRST_OF_LAST: Final = 24.0
"""Days from the first sale of an example to the first of the last days of its month."""


def _sold(*days: float) -> tuple[Sale, ...]:
    """Return a sale of one agent on each of some days, by the days before or in the last ones."""
    return tuple(
        sold_on(number, _FIRST_OF_LAST + day, customer_id=f"customer-{number}")
        for number, day in enumerate(days)
    )


_SLOW: Final = (-20.0, -16.0, -13.0, -9.0, -6.0, -2.0)
_BUSY: Final = (0.0, 0.1, 0.2, 0.3, 1.0, 1.1, 1.2, 1.3)


class PeriodEnd(SalePattern, frozen=True, kw_only=True):
    """Settings and verdict of the pattern ``period_end``.

    ``periods``, ``begin_on``: as in `sandbagging`. ``window``: how long before its end a period is
    in its last days. ``before``: how long before those an agent's pace is taken from. ``times``:
    up to which factor they may be busier, and ``chance``: by how many standard deviations beyond.
    ``least``: of how many sales a pace must be.
    """

    name: ClassVar[PatternName] = PatternName("period_end")
    questions: ClassVar[tuple[AnyQuestion, ...]] = (SOLD_BY,)
    unit_phrase: ClassVar[str] = "ends of periods"
    counted: ClassVar[str] = "ends of periods"
    trials_phrase: ClassVar[str] = "The last days of one period are one trial, whatever was sold."
    advice: ClassVar[Advice] = Advice(
        next_step="Compare ten sales of those days with ten of the weeks before: call the "
        "customers back, by somebody who did not sell to them. Then see what the target was.",
        would_clear="A campaign, or a roster, that explains the busy days.",
        explanations_unchecked=(
            "A campaign or a price that ends with the month, and that this agent sells most.",
            "An agent who works half days before, and whole ones at the end.",
            "Customers who are paid at the end of the month, and buy then.",
        ),
    )
    examples: ClassVar[tuple[PatternExample, ...]] = (
        PatternExample(
            "One sale on each of six days, then four a day.",
            Verdict.BAD,
            (*_sold(*_BUSY, *_SLOW),),
        ),
        PatternExample(
            "One on each of six days, and one a day at the end.",
            Verdict.GOOD,
            (*_sold(0.0, 1.0, 2.0, *_SLOW),),
        ),
        PatternExample(
            "They were away for two weeks, and sold four a day before that as well.",
            Verdict.GOOD,
            (*_sold(*_BUSY, *(-20.0 + one for one in _BUSY)),),
            honest="made by somebody who had been away",
        ),
        PatternExample(
            "They were new: nobody knows their pace.",
            Verdict.EXCLUDED,
            (*_sold(*_BUSY, -1.0),),
            honest="made by somebody of whom fewer",
        ),
        PatternExample(
            "The second sale of those days is part of the same end.",
            Verdict.EXCLUDED,
            (*_sold(0.1, 0.0, *_SLOW),),
        ),
        PatternExample("Sold in the middle of a month.", Verdict.EXCLUDED, (*_sold(*_SLOW),)),
        PatternExample("Nobody sold it.", Verdict.EXCLUDED, (sold(24, agent_id=None),)),
    )
    example_settings: ClassVar[dict[str, Any]] = {"least": 5}

    enabled: bool = False
    periods: Periods = "month"
    begin_on: tuple[date, ...] = ()
    window: Duration = "5d"
    before: Duration = "21d"
    times: Annotated[float, Meta(ge=1.0, le=100.0)] = 1.25
    chance: Annotated[float, Meta(ge=0.0, le=10.0)] = 1.0
    least: Annotated[int, Meta(ge=1, le=1_000)] = 6

    @property
    def looks_back(self) -> str:
        """For how long before a sale others count."""
        return f"{(seconds_of(self.window) + seconds_of(self.before)) / DAY:.12g}d"

    @property
    def outcome_phrase(self) -> str:
        """Read after "were"."""
        return (
            f"busier by the day, in the last {in_words(self.window)}, than the "
            f"{in_words(self.before)} before by more than {self.times - 1.0:.0%} and chance"
        )

    @property
    def explanations_checked(self) -> tuple[str, ...]:
        """Read after "sales that were"; the verdict on such a sale is not bad."""
        return (
            "made by somebody who had been away before",
            f"made by somebody of whom fewer than {self.least} sales are known before",
        )

    def verdicts(self, sales: Sales) -> Verdicts:
        """Judge by how the pace of the seller changed."""
        following = next_period(sales.at, self.periods, self.begin_on)
        begin = following - seconds_of(self.window)
        verdicts = np.full(len(sales), Verdict.EXCLUDED, dtype=np.uint8)
        whole = sales[SOLD_BY].whole()
        for row in np.flatnonzero((sales.at >= begin) & whole).tolist():
            sharing, since = sales.rows[row].sharing, Seconds(float(begin[row]))
            first = sharing[_place(sharing, since)].sale
            if first is sales.rows[row].sale:
                verdicts[row] = self._judge(sharing, since, Seconds(float(following[row])))
        return verdicts

    def events_across(self, sales: Sales) -> tuple[str, ...]:
        """Return the first sales of those days."""
        row = sales.rows[0]
        at = _place(row.sharing, row.sale.at)
        shown = [row.sharing[n].sale for n in range(at, min(at + MOST_SHOWN, len(row.sharing)))]
        others = [one.event_id for one in shown if one is not row.sale]
        return (row.sale.event_id, *others)

    def _judge(self, sharing: Sequence[Sold], since: Seconds, until: Seconds) -> Verdict:
        start = Seconds(since - seconds_of(self.before))
        places = [_place(sharing, at) for at in (start, since, until)]
        before, last = places[1] - places[0], places[2] - places[1]
        if before < self.least:
            return Verdict.EXCLUDED
        days_before, days_last = (
            len({day_of(sharing[number].sale.at) for number in range(*part)})
            for part in (places[:2], places[1:])
        )
        usual = self.times * before * days_last / days_before
        is_bad = last > usual + self.chance * sqrt(usual)
        return Verdict.BAD if is_bad else Verdict.GOOD


def _place(sharing: Sequence[Sold], at: Seconds) -> int:
    """Return how many of some sales, in their order, were made before a time."""
    return bisect_left(sharing, at, key=_time)


def _time(one: Sold) -> Seconds:
    return one.sale.at
