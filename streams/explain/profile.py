"""What an alert about a profile rests on: an agent's numbers day by day, shown to a fresh detector.

The ledger alone runs over the events and gives what was sold. The numbers of the agent go through a
watch of that agent, which must give the same revisions, and one by one through a detector of the
contract, which must find the days strange on which the alert was emitted.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from math import exp
from statistics import fmean, median
from typing import Final, NamedTuple

import msgspec
import numpy as np
from rich.console import Console
from rich.table import Table

from detectors.agents.gathering.sales_buffer import SalesBuffer
from detectors.agents.profiles.counting import WidestCells, day_sales
from detectors.agents.profiles.watch import ProfileWatch
from detectors.alerts.alert import Alert, evidence_of
from detectors.alerts.evidence import ShiftEvidence
from detectors.alerts.wording import other_alerts_sentence
from detectors.basis.durations import seconds_of
from detectors.basis.event_time import (
    BEGINNING,
    DAY,
    Day,
    day_name,
    days_between,
    end_of_day,
    start_of_day,
)
from detectors.basis.identifiers import AgentId
from detectors.contract.observation import STRANGE, Observation
from detectors.messages.outcomes import OutcomeBundle, SaleMade
from detectors.profiles.day_sales import day_sold
from detectors.profiles.numbers import NUMBERS, DailyNumber
from detectors.profiles.profile import Profile
from detectors.settings import Settings
from streams.explain.chart import day_number, reported_at_end_of
from streams.explain.ledger_run import ledger_bundles
from streams.files.events import Block

_SHOWN_WEEKS: Final = 16
_WEEK: Final = 7


class SoldDay(NamedTuple):
    """A day on which the agent sold: how many, and the number that is watched."""

    day: Day
    sales: int
    value: float


class ScoredDay(NamedTuple):
    """A day on which the agent sold, and what a fresh detector says of it."""

    sold: SoldDay
    score: float
    strange: bool


def sold_days(
    settings: Settings,
    until: datetime | None,
    blocks: Iterator[Block],
    number: DailyNumber,
    agent_id: AgentId,
) -> list[SoldDay]:
    """Run the ledger alone and return the days on which an agent has the number."""
    widest = WidestCells()
    found: list[SoldDay] = []
    for day, made in _made(ledger_bundles(settings, until, blocks)):
        sales = day_sales(made, widest)
        compared = number.compare(sales, day_sold(sales))
        values = dict(zip(compared.places.tolist(), compared.values.tolist(), strict=True))
        place = sales.agents.index(agent_id) if agent_id in sales.agents else -1
        if place in values:
            own = sum(sale.agent_id == agent_id for sale in made)
            found.append(SoldDay(day, own, values[place]))
    return found


def _made(bundles: Iterator[OutcomeBundle]) -> Iterator[tuple[Day, list[SaleMade]]]:
    """Yield the sales of each complete day that has any."""
    buffer, complete_until = SalesBuffer(), BEGINNING
    for bundle in bundles:
        buffer.receive(bundle.days, 0, complete_until)
        complete_until = bundle.watermark
        while (day := buffer.first_day()) is not None:
            if end_of_day(day) > complete_until:
                break
            yield day, buffer.pop(day)[day].made


class ProfileExplanation:
    """An alert about a profile, beside what fresh detectors say of the agent's numbers.

    Parameters
    ----------
    settings
        Those the alert was found with.
    revisions
        Of the alert, oldest first; at least one.
    days
        The days on which the agent has the number, in order.
    """

    def __init__(
        self, settings: Settings, revisions: Sequence[Alert], days: Sequence[SoldDay]
    ) -> None:
        self._settings: Final = settings
        self._revisions: Final = revisions
        self._latest: Final = revisions[-1]
        self._profile: Final = settings.profiles[self._latest.pattern]
        self._number: Final = NUMBERS[self._profile.watches]
        self._said: Final = evidence_of(self._latest, ShiftEvidence)
        self._start: Final = day_number(self._said.likely_start)
        self._days: Final = _scored(self._profile, days)

    def agrees(self) -> bool:
        """Return whether fresh detectors give the same revisions, and find their days strange."""
        strange = {day.sold.day for day in self._days if day.strange}
        reported = {
            reported_at_end_of(alert) for alert in self._revisions if alert.status == "open"
        }
        return reported <= strange and self._again() == [_alone(a) for a in self._revisions]

    def print(self, console: Console) -> None:
        """Show what the alert rests on."""
        said = self._said
        console.print(
            f"What is watched is {self._number.described}, by the detector "
            f"`{self._profile.kind}`. The agent is compared with the own past; no outcome of any "
            "sale is looked at."
        )
        if said.value is None:
            console.print(
                f"The change is most likely to have come on {day_name(self._start)}; when it was "
                f"seen, {said.observed} days with sales had passed since. Peers: {said.peers}."
            )
        else:
            console.print(
                f"The first day found unusual is {day_name(self._start)}; until the latest "
                f"revision {said.observed} were, with a score of {STRANGE} or more. Peers: "
                f"{said.peers}."
            )
        console.print(self._table())
        before = [day.sold.value for day in self._days if day.sold.day < self._start]
        end = reported_at_end_of(self._latest)
        after = [day.sold.value for day in self._days if self._start <= day.sold.day <= end]
        if before and after:
            console.print(
                f"Median before: {exp(median(before)):.2f} {self._number.unit} ({len(before)} "
                f"days); since then, until the latest revision: {exp(median(after)):.2f} "
                f"({len(after)})."
            )
        console.print(
            "The alert is resolved when no further day has been found strange for a time, whatever "
            "the level: what the agent sells then has become usual."
        )

    def _again(self) -> list[bytes]:
        """Return the revisions of the alert that a watch of the agent alone gives."""
        subject, name = self._latest.subject.id, self._latest.pattern
        resolve_after_days = seconds_of(self._settings.evidence.resolve_after) / DAY
        watch = ProfileWatch(
            name, self._profile, self._latest.config_hash, resolve_after_days, None
        )
        values = {day.sold.day: day.sold.value for day in self._days}
        last = reported_at_end_of(self._latest)
        found: list[Alert] = []
        for day in days_between(min(values, default=last), last):
            own = [values[day]] if day in values else []
            found += watch.judge(day, [AgentId(subject)] * len(own), np.array(own), None)
        return [_alone(a) for a in found if a.alert_id == self._latest.alert_id]

    def _table(self) -> Table:
        table = Table(title="Week by week around the change", title_justify="left")
        table.add_column("days from", overflow="fold")
        for name in ("days with sales", "sales", self._number.unit, "highest score"):
            table.add_column(name, justify="right", overflow="fold")
        weeks: dict[int, list[ScoredDay]] = {}
        for day in self._days:
            weeks.setdefault((day.sold.day - self._start) // _WEEK, []).append(day)
        for week, days in sorted(weeks.items()):
            if -_SHOWN_WEEKS // 2 <= week < _SHOWN_WEEKS // 2:
                table.add_row(
                    day_name(self._start + _WEEK * week),
                    str(len(days)),
                    str(sum(day.sold.sales for day in days)),
                    f"{exp(fmean(day.sold.value for day in days)):.2f}",
                    f"{max(day.score for day in days):.2f}",
                    end_section=week == -1,
                )
        return table


def _scored(profile: Profile, days: Sequence[SoldDay]) -> list[ScoredDay]:
    """Show the numbers of an agent to a detector that knows nothing."""
    detector = profile.detector.build()
    scored = []
    for sold in days:
        x = Observation(start_of_day(sold.day), (sold.value,))
        score = detector.score_one(x)
        detector.learn_one(x)
        scored.append(ScoredDay(sold, score.value, score.ready and score.value >= STRANGE))
    return scored


def _alone(alert: Alert) -> bytes:
    """Write an alert without what is not its own.

    The shadow null counts all agents together, and what was told before it, and is open beside it,
    is of other alerts, the end of its sentence too.
    """
    evidence = msgspec.structs.replace(
        evidence_of(alert, ShiftEvidence), null_alarms=None, null_agent_years=None
    )
    beside = other_alerts_sentence(alert.other_alerts) if alert.other_alerts else ""
    own = msgspec.structs.replace(
        alert,
        summary=alert.summary.removesuffix(beside).rstrip(),
        evidence=evidence,
        prior_alerts=msgspec.UNSET,
        other_alerts=msgspec.UNSET,
    )
    return msgspec.json.encode(own)
