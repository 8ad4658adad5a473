"""Off hours: sales that are made while their agent is not at work.

Who sells at ten in the evening, with nobody in the house, had no customer before them: they book
what they made up, or somebody uses their login. A sale is bad if it lies outside of all hours for
which its agent is on the roster, by more than is set. It is the other half of
`sales_without_traffic`, and a pattern of its own: it needs no interaction on record.

Only where a roster is certainly kept: a sale is excluded, neither good nor bad, unless a shift of
this agent ended within the time before it, and another one begins within its window, each of them
at least half a day away. So an agent without a roster says nothing, nor does their last day before
a holiday, the first one after it, or a feed that stops. It asks the same of sales within hours: to
leave out those outside alone would change what is expected of everybody.

Overtime that is posted late corrects what was said, as long as the sale can be corrected. A shift
cannot be taken back, so who was ill on a day on which they were to work is at work for it. It
believes the roster, and the time of the sale: where that is the time of booking, and a firm books
in the evening, everybody's rate is high, and nobody stands out.

The source is the Wells Fargo report of 2017 once more: accounts were opened at hours at which no
customer was there. An hour is what a day's work goes on after its shift; a week, how late overtime
is posted. Both are guesses.
"""

from datetime import timedelta
from typing import Annotated, ClassVar, Final

from msgspec import Meta

from detectors.basis.durations import Duration, in_words, seconds_of
from detectors.basis.event_time import Seconds
from detectors.basis.identifiers import PatternName
from detectors.facts.account import Verdict
from detectors.facts.questions import HOURS, AnyQuestion
from detectors.facts.sales import Sales
from detectors.facts.staff.staff import Staff
from detectors.patterns.advice import Advice
from detectors.patterns.example import PatternExample, rostered, sold
from detectors.patterns.pattern import SalePattern
from detectors.patterns.verdicts import Verdicts

APART: Final = timedelta(hours=12).total_seconds()
"""Seconds between a sale and the shifts that show that a roster is kept."""

_BEFORE, _AFTER = rostered(-1), rostered(1)


class OffHours(SalePattern, frozen=True, kw_only=True):
    """Settings and verdict of the pattern ``off_hours``.

    ``grace_hours``: so far from a shift a sale still belongs to it. ``within``: how long before a
    sale a shift must have ended. ``window``: how long after a sale it is judged; another shift must
    begin within it.
    """

    name: ClassVar[PatternName] = PatternName("off_hours")
    questions: ClassVar[tuple[AnyQuestion, ...]] = (HOURS,)
    unit_phrase: ClassVar[str] = "sales of agents who are on the roster around then"
    advice: ClassVar[Advice] = Advice(
        next_step="Find out who was in the house at the hours of five of these sales: doors, "
        "logins, the shift leader. Ask two of the customers when, and with whom, they spoke.",
        would_clear="Overtime, a swapped shift or a task outside of hours, known to whoever leads.",
        explanations_unchecked=(
            "Overtime, or a shift that was swapped, and that nobody has entered.",
            "A clock or a time zone that is wrong in the source of sales, or of rosters.",
            "Work that is booked in the evening for the whole day, or at night by a system.",
            "A login that somebody of another shift used.",
        ),
    )
    examples: ClassVar[tuple[PatternExample, ...]] = (
        PatternExample(
            "Sold at six in the evening, and the shift had ended at half past two.",
            Verdict.BAD,
            (sold(1 / 3), _BEFORE, rostered(0), _AFTER),
        ),
        PatternExample(
            "Sold within the shift.",
            Verdict.GOOD,
            (sold(), _BEFORE, rostered(0), _AFTER),
            honest="made within",
        ),
        PatternExample(
            "Sold half an hour after it.",
            Verdict.GOOD,
            (sold(5 / 24), _BEFORE, rostered(0), _AFTER),
            honest="made within",
        ),
        PatternExample(
            "Overtime was posted three days later.",
            Verdict.GOOD,
            (sold(1 / 3), _BEFORE, _AFTER, rostered(0), rostered(0, 1 / 4, told=3)),
            honest="made within",
        ),
        PatternExample(
            "The agent is on no roster.",
            Verdict.EXCLUDED,
            (sold(1 / 3),),
            honest="made by an agent",
        ),
        PatternExample(
            "Nobody entered a shift after that day.",
            Verdict.EXCLUDED,
            (sold(1 / 3), _BEFORE, rostered(0)),
            honest="made by an agent",
        ),
    )

    enabled: bool = False
    window: Duration = "7d"
    within: Duration = "7d"
    grace_hours: Annotated[int, Meta(ge=0, le=12)] = 1

    @property
    def looks_back(self) -> str:
        """For how long before a sale shifts count."""
        return self.within

    @property
    def outcome_phrase(self) -> str:
        """Read after "were"."""
        hours = "an hour" if self.grace_hours == 1 else f"{self.grace_hours} hours"
        return (
            f"made more than {hours} away from any shift of the agent, by what was posted within "
            f"{in_words(self.window)}"
        )

    @property
    def explanations_checked(self) -> tuple[str, ...]:
        """Read after "sales that were"; the verdict on such a sale is not bad."""
        return (
            "made within a shift, or shortly before or after one, be it posted later",
            "made by an agent of whom no shifts are known both before and after",
        )

    def verdicts(self, sales: Sales) -> Verdicts:
        """Judge by whether the agent was at work."""
        return sales[HOURS].judged(self._judge)

    def _judge(self, at: Seconds, staff: Staff, end: Seconds) -> Verdict:
        since, grace = at - seconds_of(self.within), self.grace_hours * 3_600.0
        is_kept = (
            staff.ended(since, at - APART)
            and staff.begins(at + APART, end)
            and staff.is_whole(since, end)
        )
        if not is_kept:
            return Verdict.EXCLUDED
        return Verdict.GOOD if staff.on_shift(at - grace, at + grace) else Verdict.BAD
