"""What an alert about a shift rests on: an agent's sales day by day, beside those of colleagues.

A shift has no running evidence. The detection is run once more and must give the same revisions,
byte for byte; the daily figures are counted apart, for a person to see.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from math import exp
from statistics import fmean, median
from typing import Final, NamedTuple

import msgspec
from rich.console import Console
from rich.table import Table

from detectors.agents.gathering.sales_buffer import SalesBuffer
from detectors.agents.shifts.alert import AMOUNT_SHIFT, VOLUME_SHIFT
from detectors.agents.shifts.day_sales import WidestCells, amounts, day_sales, day_sold, volumes
from detectors.alerts.alert import Alert
from detectors.basis.event_time import BEGINNING, day_name, start_of_day
from detectors.messages.outcomes import AgentId, OutcomeBundle, PatternName, SaleMade
from detectors.settings import Settings
from streams.explain.chart import day_number, told_at_end_of
from streams.explain.corrections import told_bundles
from streams.files.events import Block

_SHOWN_WEEKS: Final = 16
_WEEK: Final = 7

_COMPARED: Final = {VOLUME_SHIFT: volumes, AMOUNT_SHIFT: amounts}
_NUMBERS: Final = {
    VOLUME_SHIFT: "the number of the agent's sales on a day at work, over the geometric mean of "
    "those of colleagues at work on that day",
    AMOUNT_SHIFT: "the geometric mean of the agent's amounts on a day, over what it would be at "
    "the mean of colleagues' sales of the same kind on that day",
}


class SoldDay(NamedTuple):
    """A day on which the agent sold: how many, and the logarithm of what is watched."""

    day: int
    sales: int
    value: float


def is_shift(alert: Alert) -> bool:
    """Tell whether an alert is about a shift."""
    return alert.pattern in _COMPARED


def sold_days(
    settings: Settings,
    until: datetime | None,
    blocks: Iterator[Block],
    pattern: PatternName,
    agent_id: AgentId,
) -> list[SoldDay]:
    """Run the ledger alone and give the days on which an agent sold beside others."""
    widest = WidestCells()
    found: list[SoldDay] = []
    for day, made in _made(told_bundles(settings, until, blocks)):
        sales = day_sales(made, widest)
        compared = _COMPARED[pattern](sales, day_sold(sales))
        values = dict(zip(compared.places.tolist(), compared.values.tolist(), strict=True))
        place = sales.agents.index(agent_id) if agent_id in sales.agents else -1
        if place in values:
            number = sum(sale.agent_id == agent_id for sale in made)
            found.append(SoldDay(day, number, values[place]))
    return found


def _made(bundles: Iterator[OutcomeBundle]) -> Iterator[tuple[int, list[SaleMade]]]:
    """Give the sales of each complete day that has any."""
    buffer, complete_until = SalesBuffer(), BEGINNING
    for bundle in bundles:
        buffer.receive(bundle.days, 0, complete_until)
        complete_until = bundle.watermark
        while (day := buffer.first_day()) is not None:
            if start_of_day(day + 1) > complete_until:
                break
            yield day, buffer.pop(day)[day].made


class ShiftExplanation:
    """An alert about a shift, the same from a second detection, and the days it rests on.

    Parameters
    ----------
    revisions
        Of the alert, oldest first; at least one.
    again
        The same from a second run.
    days
        The days on which the agent sold beside others, in order.
    """

    def __init__(
        self, revisions: Sequence[Alert], again: Sequence[Alert], days: Sequence[SoldDay]
    ) -> None:
        self._revisions: Final = revisions
        self._again: Final = again
        self._latest: Final = revisions[-1]
        name = self._latest.evidence.likely_start
        self._start: Final = told_at_end_of(self._latest) if name is None else day_number(name)
        self._days: Final = days

    def agrees(self) -> bool:
        """Tell whether the second detection gave the same revisions, byte for byte."""
        said, found = (
            [msgspec.json.encode(alert) for alert in alerts]
            for alerts in (self._revisions, self._again)
        )
        return said == found

    def print(self, console: Console) -> None:
        """Show what the alert rests on."""
        said = self._latest.evidence
        console.print(
            f"What is watched is {_NUMBERS[self._latest.pattern]}. The agent is compared with "
            "the own past; no outcome of any sale is looked at."
        )
        console.print(
            f"The change is most likely to have come on {day_name(self._start)}; when it was seen, "
            f"{said.observed} days with sales had passed since. Peers: {said.peers}."
        )
        console.print(self._table())
        before = [day.value for day in self._days if day.day < self._start]
        end = told_at_end_of(self._latest)
        after = [day.value for day in self._days if self._start <= day.day <= end]
        if before and after:
            console.print(
                f"Median before: {exp(median(before)):.2f} of colleagues' ({len(before)} days); "
                f"since then, until the latest revision: {exp(median(after)):.2f} ({len(after)})."
            )
        console.print(
            "A shift is resolved when no further one has been seen for a time, whatever the level: "
            "what the agent sells then has become usual."
        )

    def _table(self) -> Table:
        table = Table(title="Week by week around the change", title_justify="left")
        table.add_column("days from", overflow="fold")
        for name in ("days with sales", "sales", "times colleagues'"):
            table.add_column(name, justify="right", overflow="fold")
        weeks: dict[int, list[SoldDay]] = {}
        for day in self._days:
            weeks.setdefault((day.day - self._start) // _WEEK, []).append(day)
        for week, days in sorted(weeks.items()):
            if -_SHOWN_WEEKS // 2 <= week < _SHOWN_WEEKS // 2:
                table.add_row(
                    day_name(self._start + _WEEK * week),
                    str(len(days)),
                    str(sum(day.sales for day in days)),
                    f"{exp(fmean(day.value for day in days)):.2f}",
                    end_section=week == -1,
                )
        return table
