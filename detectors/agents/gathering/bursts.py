"""Trials of the pattern `burst`: one for each agent and day on which sales of theirs matured."""

from collections import Counter
from collections.abc import Iterable, Sequence
from math import ceil
from typing import Final, NamedTuple, cast

import numpy as np
from msgspec import Struct, field

from detectors.agents.gathering.by_day import drop_before
from detectors.agents.gathering.order import identity
from detectors.agents.gathering.recent_sales import RecentSales, RecentSalesState
from detectors.basis.durations import seconds_of
from detectors.basis.event_time import DAY, Day, Seconds, day_name, day_of, start_of_day
from detectors.basis.identifiers import AccountId, AgentId, Cell, SaleId
from detectors.facts.account import Verdict
from detectors.messages.outcome_columns import in_columns
from detectors.messages.outcomes import Outcome
from detectors.messages.stake import Stake
from detectors.patterns import BurstPattern

REMEMBERED: Final = 50
"""How many events a burst points to, at most."""

ALIKE: Final = ((4, "4x-"), (2, "2x-4x"), (1, "1x-2x"))
"""First field of cells: the day's largest number of identical sales, in bursts of that agent."""

FEW_ALIKE: Final = "-"

SALES: Final = ((1, "1"), (2, "2"), (5, "3-5"), (10, "6-10"), (20, "11-20"), (40, "21-40"))
"""Second field: the largest number of sales (identical ones counted once) that belongs to each."""

MOST_SALES: Final = "41-"

_EXTRA_DAYS: Final = 30

_SIZES: Final = tuple(
    next((name for most, name in SALES if sales <= most), MOST_SALES)
    for sales in range(SALES[-1][0] + 2)
)
"""Names of the bands, by the number of sales; the last is that of all larger numbers."""

_CELLS: Final = {
    alike: tuple(Cell(f"{alike}/{size}") for size in _SIZES)
    for alike in (FEW_ALIKE, *(name for _, name in ALIKE))
}
"""Cells, by their first field and the number of sales."""

_GOOD, _BAD = Verdict.GOOD, Verdict.BAD


class EndedOn(Struct, array_like=True):
    """Sales of an agent that were cancelled on one day: how many, and the events of some.

    ``counted``: whether they have been counted as a burst. ``stakes`` are those of the same sales
    as ``event_ids``.
    """

    count: int = 0
    event_ids: list[str] = field(default_factory=list)
    counted: bool = False
    stakes: list[Stake] = field(default_factory=list)


class _Named(NamedTuple):
    """The events that a burst points to, and what is at stake in the sales among them."""

    event_ids: list[str]
    stakes: list[Stake]

    def extend(self, event_ids: Iterable[str], stakes: Iterable[Stake]) -> None:
        self.event_ids.extend(event_ids)
        self.stakes.extend(stakes)

    def bounded(self) -> tuple[tuple[str, ...], tuple[Stake, ...]]:
        """Return the first events, each once, and the stakes of the sales that they name."""
        event_ids = tuple(dict.fromkeys(self.event_ids))[:REMEMBERED]
        named, stakes = set(event_ids), dict.fromkeys(self.stakes)
        return event_ids, tuple(one for one in stakes if one.event_id in named)


class BurstsState(Struct):
    """All that a `Bursts` remembers: by the day of cancellation and by that of maturity."""

    ended: dict[Day, dict[AgentId, EndedOn]] = field(default_factory=dict)
    sales: RecentSalesState = field(default_factory=dict)


class DayBursts(Struct, frozen=True):
    """Trials of a day, and identities (see `identity`) of what was cancelled beyond a burst."""

    trials: list[Outcome]
    beyond: frozenset[str] = frozenset()


_Batch = int | tuple[SaleId, AccountId]


class Bursts:
    """Finds bursts among the outcomes of a day, before identical ones are counted once.

    How many are a burst depends on how many sales of the agent matured in the window that ends
    with the day (`BurstPattern.threshold`): an agent who sells a hundred a day has five
    cancellations on every day. A burst of cancellations counts when the sale matures that makes
    their number complete, and not again when more of that day follow. Corrections change nothing
    here: a burst is a fact of the day on which it was seen, and its rarity among peers is judged on
    the same terms.

    Peers are agent-days that were alike in all that was known when the sales were made: whether
    there were identical ones, as many as are a burst for that agent or some multiple of it, and how
    many sales there were. In the hotel bookings one in four such groups is undone, whoever sold it,
    and one in 3,400 agent-days without one sees a burst: nobody is accused of selling to groups.
    With agents dealt at random within day and product, bursts then accused no one in three
    runs; compared by the number of sales alone, the two who sell most to groups in one of them.

    Cancellations of one day `beyond` the threshold, in the order of maturity and identical ones
    counted once, count in no rate: they are one event, and it is judged here. That looks at
    outcomes, but can only take bad ones away from the agent, whose evidence is never larger for it.
    An agent of whom never more than the size are cancelled on one day loses nothing, and so it is
    with honest small agents, whose customers do not know each other.

    Parameters
    ----------
    pattern
        The pattern.
    state
        What an earlier object knew; it is kept up to date.
    """

    def __init__(self, pattern: BurstPattern, state: BurstsState) -> None:
        self.name: Final = pattern.name
        self.source: Final = pattern.source
        self._pattern: Final = pattern
        window = max(1, ceil(seconds_of(pattern.window) / DAY))
        self._kept_days: Final = window + 1 + _EXTRA_DAYS
        self._ended: Final = state.ended
        self._recent: Final = RecentSales(state.sales, window)

    def find(self, day: Day, outcomes: Sequence[Outcome]) -> DayBursts:
        """Find the bursts of a day among all its fresh outcomes, in canonical order."""
        drop_before(self._ended, day - self._kept_days)
        columns = in_columns(outcomes)
        agents, matured_at = columns.agents, columns.matured_at.tolist()
        last = {a: Seconds(at) for a, at in zip(agents, matured_at, strict=True) if a is not None}
        some = [columns[position] for position in columns.repeated.tolist()]
        sales = _distinct(agents, some)
        self._recent.add(day, sales)
        bad = [columns[position] for position in np.flatnonzero(columns.bad).tolist()]
        found, beyond = self._on_one_day(bad)
        alike, undone = self._alike(some)
        for agent_id, named in undone.items():
            found.setdefault(agent_id, _Named([], [])).extend(*named)
        date, start, name = day_name(day), start_of_day(day), self.name
        # Converted all at once: one by one, it would cost as much as the names themselves.
        sale_ids = cast("list[SaleId]", [f"{agent_id}@{date}" for agent_id in last])
        trials: list[Outcome] = []
        for (agent_id, matured_at), sale_id in zip(last.items(), sale_ids, strict=True):
            # A sale that became known late matured on an earlier day, but the trial is of this one.
            at = max(start, matured_at)
            cell = _cell(alike.get(agent_id, 0), sales[agent_id])
            burst = found.get(agent_id)
            verdict = _GOOD if burst is None else _BAD
            events, stakes = ((), ()) if burst is None else burst.bounded()
            trials.append(
                Outcome(
                    pattern=name,
                    sale_id=sale_id,
                    agent_id=agent_id,
                    cell=cell,
                    matured_at=at,
                    known_at=at,
                    verdict=verdict,
                    event_ids=events,
                    stakes=stakes,
                )
            )
        return DayBursts(trials, frozenset(map(identity, beyond)))

    def _threshold(self, agent_id: AgentId) -> int:
        return self._pattern.threshold(self._recent[agent_id])

    def _on_one_day(self, bad: Iterable[Outcome]) -> tuple[dict[AgentId, _Named], list[Outcome]]:
        """Count cancelled sales by the day of their cancellation.

        Return the agents whose number is complete, each with the events of all their sales that
        were cancelled on that day, and what was cancelled beyond it.
        """
        complete: list[tuple[AgentId, EndedOn]] = []
        beyond: list[Outcome] = []
        counted: set[tuple[AgentId, Day, _Batch]] = set()
        for outcome in bad:
            agent_id = outcome.agent_id
            if agent_id is None or not outcome.ended_at:
                continue
            ended_on = day_of(outcome.ended_at)
            agents = self._ended.setdefault(ended_on, {})
            ended = agents.get(agent_id)
            if ended is None:
                ended = agents[agent_id] = EndedOn()
            room = REMEMBERED - len(ended.event_ids)
            if room > 0:
                ended.event_ids.extend(outcome.event_ids[:room])
                ended.stakes.extend(outcome.stakes)
            key = (agent_id, ended_on, _batch(outcome))
            if key in counted:
                continue
            counted.add(key)
            ended.count += 1
            threshold = self._threshold(agent_id)
            if ended.count > threshold:
                beyond.append(outcome)
            if ended.count >= threshold and not ended.counted:
                ended.counted = True
                complete.append((agent_id, ended))
        # Only now: sales of the same day that follow in this loop belong to the burst as well.
        found: dict[AgentId, _Named] = {}
        for agent_id, ended in complete:
            found.setdefault(agent_id, _Named([], [])).extend(ended.event_ids, ended.stakes)
        return found, beyond

    def _alike(self, outcomes: list[Outcome]) -> tuple[dict[AgentId, int], dict[AgentId, _Named]]:
        """Return how many bursts the largest number of identical sales is, of agents with any.

        And the agents of whom so many, and at least half of a batch, were undone, with their
        events.
        """
        sizes = Counter([(outcome.agent_id, outcome.batch) for outcome in outcomes])
        most: dict[AgentId, int] = {}
        large: dict[tuple[AgentId, int], int] = {}
        for (agent_id, batch), size in sizes.items():
            if agent_id is None or not batch or size < self._pattern.size:
                continue
            threshold = self._threshold(agent_id)
            if size >= threshold:
                most[agent_id] = max(size // threshold, most.get(agent_id, 0))
                large[agent_id, batch] = max(threshold, ceil(size / 2))
        undone: dict[tuple[AgentId, int], list[Outcome]] = {}
        for outcome in outcomes if large else ():
            if outcome.agent_id is not None and outcome.verdict is _BAD:
                undone.setdefault((outcome.agent_id, outcome.batch), []).append(outcome)
        found: dict[AgentId, _Named] = {}
        for key, enough in large.items():
            bad = undone.get(key, ())
            if len(bad) >= enough:
                named = found.setdefault(key[0], _Named([], []))
                for one in bad:
                    named.extend(one.event_ids, one.stakes)
        return most, found


def _distinct(agents: list[AgentId | None], some: list[Outcome]) -> Counter[AgentId]:
    """Count the sales of each agent, identical ones, which are among `some`, once."""
    sales = Counter(agents)
    if some:
        sales.subtract([outcome.agent_id for outcome in some])
        sales.update([agent_id for agent_id, _ in {(o.agent_id, _batch(o)) for o in some}])
    return Counter({agent_id: n for agent_id, n in sales.items() if agent_id is not None})


def _cell(bursts_alike: int, sales: int) -> Cell:
    alike = FEW_ALIKE
    if bursts_alike:
        alike = next(name for least, name in ALIKE if bursts_alike >= least)
    return _CELLS[alike][min(sales, len(_SIZES) - 1)]


def _batch(outcome: Outcome) -> _Batch:
    return outcome.batch or (outcome.sale_id, outcome.account_id)
