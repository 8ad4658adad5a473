"""What bursts are, and what they leave to the rates, by definition: from all that was ever sent."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from math import ceil

from msgspec import Struct, field

from detectors.agents.gathering.order import canonical
from detectors.basis.event_time import DAY
from detectors.facts.account import Verdict
from detectors.messages.outcomes import Outcome

SIZE = 3
WINDOW = 4
SHARE = 5


class Definition(Struct):
    """Cell and verdict of each agent-day; the sales that are trials of ``quick_cancellation``."""

    days: dict[tuple[str, int], tuple[str, bool]] = field(default_factory=dict)
    trials: set[str] = field(default_factory=set)


def definition(sent: Sequence[Outcome]) -> Definition:
    """Return the definition, for outcomes that came in time."""
    defined = Definition()
    agents = {one.agent_id for one in sent}
    for agent in agents:
        own = sorted((one for one in sent if one.agent_id == agent), key=canonical)
        first: dict[object, str] = {}
        for one in own:
            first.setdefault(alike(one), one.sale_id)
        defined.trials.update(first.values())
        if agent is not None:
            _of_an_agent(agent, own, defined)
    return defined


def alike(one: Outcome) -> object:
    """Return what is equal for sales that count once."""
    return (matured_on(one), one.batch) if one.batch else one.sale_id


def matured_on(one: Outcome) -> int:
    """Return the day of maturity."""
    return int(one.matured_at // DAY)


def _of_an_agent(agent: str, own: list[Outcome], defined: Definition) -> None:
    sent: set[int] = set()
    for day in sorted({matured_on(one) for one in own}):
        window = {alike(one) for one in own if day - WINDOW < matured_on(one) <= day}
        threshold = max(SIZE, ceil(len(window) / SHARE - 1e-9))
        today = [one for one in own if matured_on(one) == day]
        groups = Counter(alike(one) for one in today if one.batch)
        undone = Counter(alike(one) for one in today if one.verdict is Verdict.BAD)
        is_burst = any(
            undone[group] >= threshold and undone[group] >= size / 2
            for group, size in groups.items()
        )
        for ended_on, ranks in _ranks(own, day).items():
            beyond = {sale for sale, rank in ranks.items() if rank > threshold}
            defined.trials -= beyond & {one.sale_id for one in today}
            is_new = ended_on not in sent and any(one.sale_id in ranks for one in today)
            if is_new and max(ranks.values()) >= threshold:
                sent.add(ended_on)
                is_burst = True
        largest = max((size // threshold for size in groups.values()), default=0)
        cell = f"{_groups(largest)}/{_sales(len({alike(one) for one in today}))}"
        defined.days[agent, day] = (cell, is_burst)


def _ranks(own: Iterable[Outcome], until: int) -> dict[int, dict[str, int]]:
    """Return the place of each sale (one of those alike) among those cancelled on the same day."""
    seen: dict[int, set[object]] = defaultdict(set)
    ranks: dict[int, dict[str, int]] = defaultdict(dict)
    for one in own:
        ended_on = int(one.ended_at // DAY)
        is_bad = one.verdict is Verdict.BAD and matured_on(one) <= until
        if is_bad and alike(one) not in seen[ended_on]:
            seen[ended_on].add(alike(one))
            ranks[ended_on][one.sale_id] = len(seen[ended_on])
    return ranks


def _groups(multiple: int) -> str:
    return {0: "-", 1: "1x-2x", 2: "2x-4x", 3: "2x-4x"}.get(multiple, "4x-")


def _sales(number: int) -> str:
    bounds = {1: "1", 2: "2", 5: "3-5", 10: "6-10", 20: "11-20", 40: "21-40"}
    return next((name for most, name in bounds.items() if number <= most), "41-")
