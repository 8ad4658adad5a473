"""Period end: of what an agent sells, far more falls in the last days of a period than with others.

Who must reach a target by the last of the month presses customers, or makes sales up, in its last
days. Everybody is busier then; so what counts is the share of those days, beside the share that
they have with others in the same period. Judged are the sales of the last days of a period, which
are bad, and those of the same days of some weeks before, which are good: each day of the week
comes once in the one, and as often in the others for everybody, however their week is cut. All
sales of a period are judged when it ends, so that no day of it is looked at without the others.

A campaign, a season or a pay day of all moves everybody's share, and accuses nobody. An agent who
sold nothing in one of those weeks, away or new, is not judged on that period. Nor is a period that
is shorter than these weeks.

It cannot tell a campaign that only this agent works, nor a rush of all: that one shows in the share
of a site or a team. What is booked late over the turn of a period is a matter for `sandbagging`. A
bank's staff were pressed most by the day, and by the "Jump into January" (its board's report of
2017); no figure on the last days has been published. Five days are a guess at when a rush begins:
more of them take more of the ordinary, fewer take less of the rush.
"""

from bisect import bisect_left
from collections.abc import Sequence
from datetime import date
from typing import Annotated, ClassVar, Final

import numpy as np
from msgspec import Meta

from detectors.basis.durations import in_words, seconds_of
from detectors.basis.event_time import DAY, Seconds, day_of
from detectors.basis.identifiers import AgentId, PatternName
from detectors.events.event import Sale
from detectors.facts.account import Verdict
from detectors.facts.contact import AGENT
from detectors.facts.questions import AnyQuestion, Sharing
from detectors.facts.sales import Sales, Sold
from detectors.patterns.advice import Advice
from detectors.patterns.example import PatternExample, sold
from detectors.patterns.key.one_customer import sold_on
from detectors.patterns.pattern import SalePattern
from detectors.patterns.periods import Periods, ends_a_year, next_period, period_after
from detectors.patterns.verdicts import Verdicts

SOLD_BY: Final = Sharing(AGENT)

_WEEK: Final = 7.0 * DAY

_LAST: Final = 24.0
"""Days from the first sale of an example to the last five days of its month."""


def _sold(*days: float) -> tuple[Sale, ...]:
    """Return a sale of one agent on each of some days, by the days before or in the last ones."""
    return tuple(
        sold_on(number, _LAST + day, customer_id=f"customer-{number}")
        for number, day in enumerate(days)
    )


_WEEKS_BEFORE: Final = (-21.0, -14.0, -7.0)


class PeriodEnd(SalePattern, frozen=True, kw_only=True):
    """Settings and verdict of the pattern ``period_end``.

    ``periods``, ``begin_on``: as in `sandbagging`. ``last_days``: how many days before its end a
    period is in its last ones. ``weeks``: with the same days of how many weeks before they are
    compared.
    """

    name: ClassVar[PatternName] = PatternName("period_end")
    version: ClassVar[int] = 2
    questions: ClassVar[tuple[AnyQuestion, ...]] = (SOLD_BY,)
    unit_phrase: ClassVar[str] = (
        "sales in the last days of periods and on the same weekdays of the weeks before"
    )
    advice: ClassVar[Advice] = Advice(
        next_step="Compare ten sales of those days with ten of the weeks before: call the "
        "customers back, by somebody who did not sell to them. Then see what the target was.",
        would_clear="A campaign, or a roster, that explains the busy days.",
        explanations_unchecked=(
            "A campaign or a price that ends with the month, and that this agent sells most.",
            "An agent who works half days before, and whole ones at the end.",
            "Customers who are paid at the end of the month, and buy then.",
            "Work that is booked in a bundle at the end of the month.",
        ),
    )
    examples: ClassVar[tuple[PatternExample, ...]] = (
        PatternExample(
            "Sold in the last days, as were three more; one in each of the weeks before.",
            Verdict.BAD,
            _sold(0.0, 0.1, 0.2, 1.0, *_WEEKS_BEFORE),
        ),
        PatternExample(
            "Sold on the same day of the week, two weeks before.",
            Verdict.GOOD,
            _sold(-14.0, -21.0, -7.0, 0.0),
        ),
        PatternExample(
            "They sold nothing in the week before: they were away.",
            Verdict.EXCLUDED,
            _sold(0.0, -21.0, -14.0),
            honest="made in a period",
        ),
        PatternExample(
            "They were new.", Verdict.EXCLUDED, _sold(0.0, 1.0, 2.0), honest="made in a period"
        ),
        PatternExample(
            "Sold on a day of the week that those last days do not have.",
            Verdict.EXCLUDED,
            _sold(-1.0, 0.0, *_WEEKS_BEFORE),
        ),
        PatternExample("Nobody sold it.", Verdict.EXCLUDED, (sold(_LAST, agent_id=None),)),
    )

    enabled: bool = False
    periods: Periods = "month"
    begin_on: tuple[date, ...] = ()
    last_days: Annotated[int, Meta(ge=1, le=7)] = 5
    weeks: Annotated[int, Meta(ge=1, le=12)] = 3

    @property
    def window(self) -> str:
        """How long before its end the sales of a period count."""
        return f"{7 * self.weeks + self.last_days}d"

    @property
    def days_a_year(self) -> float:
        """How many periods a year has, at most."""
        return ends_a_year(self.periods, self.begin_on)

    @property
    def outcome_phrase(self) -> str:
        """Read after "were"."""
        return f"made in the last {in_words(f'{self.last_days}d')} of a period"

    @property
    def explanations_checked(self) -> tuple[str, ...]:
        """Read after "sales that were"; the verdict on such a sale is not bad."""
        return ("made in a period in which the agent sold nothing on those days of some week",)

    def due_at(self, at: Seconds) -> Seconds:
        """Return when the period ends, or the window."""
        end = period_after(day_of(at), self.periods, self.begin_on)
        return min(end, Seconds(at + seconds_of(self.window)))

    def verdicts(self, sales: Sales) -> Verdicts:
        """Judge by when each was sold, where the agent sold in all of those weeks."""
        ends = next_period(sales.at, self.periods, self.begin_on)
        ends = np.where(np.isinf(ends), sales.at, ends)  # of no period: no time is left of it
        left, window = ends - sales.at, seconds_of(self.window)
        weeks = np.ceil(left / _WEEK) - 1.0
        is_asked = (left > 0.0) & (left <= window) & (left - weeks * _WEEK <= self._last)
        is_asked &= next_period(ends - window, self.periods, self.begin_on) == ends
        verdicts = np.full(len(sales), Verdict.EXCLUDED, dtype=np.uint8)
        there: dict[tuple[AgentId | None, float], bool] = {}
        for row in np.flatnonzero(is_asked & sales[SOLD_BY].whole()).tolist():
            one, end = sales.rows[row], float(ends[row])
            key = (one.sale.agent_id, end)
            if key not in there:
                there[key] = self._sold_in_all(one.sharing, end)
            if there[key]:
                verdicts[row] = Verdict.GOOD if weeks[row] else Verdict.BAD
        return verdicts

    @property
    def _last(self) -> float:
        return self.last_days * DAY

    def _sold_in_all(self, sharing: Sequence[Sold], end: float) -> bool:
        """Return whether an agent sold something in the last days, and in those of each week."""
        ends = (Seconds(end - number * _WEEK) for number in range(self.weeks + 1))
        return all(_any_between(sharing, Seconds(one - self._last), one) for one in ends)


def _any_between(sharing: Sequence[Sold], since: Seconds, until: Seconds) -> bool:
    """Return whether some sales, in their order, hold one from a time on and before another."""
    place = bisect_left(sharing, since, key=_time)
    return place < len(sharing) and sharing[place].sale.at < until


def _time(one: Sold) -> Seconds:
    return one.sale.at
