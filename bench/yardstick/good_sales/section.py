"""The section of the yardstick on good sales."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import isfinite, log
from typing import Final

import numpy as np

from bench.yardstick.figures import NOTHING, Estimate
from bench.yardstick.good_sales.measuring import BY, Measured, Soon
from bench.yardstick.good_sales.worlds import BUDGET, FACTORS, World
from bench.yardstick.page_texts import bullets, prose
from bench.yardstick.sections import GOOD_SALES

YEAR: Final = 365


def section(worlds: Mapping[str, World], results: Mapping[str, Measured], seconds: float) -> str:
    """Write the section; `seconds` of CPU were spent."""
    rows = [_row(name, one, results[name]) for name, one in worlds.items()]
    soon = [row for name, one in worlds.items() for row in _soon(name, one, results[name])]
    by = [f"better by {by}" for by in BY]
    parts = [
        GOOD_SALES,
        prose(
            "Who is commended in simulated centres in which nobody sells falsely. Every setting",
            "has its default, except where a world says otherwise. A commendation is false if the",
            "agent is no better than peers: neither by what is kept nor by what is used. Rates are",
            "per 1,000 agent-years; the budget, `commendations.at_most_per_1000_agent_years`, is",
            f"{BUDGET:g} commendations, true or false.",
        ),
        _table(
            ("world", "what it is", "agent-years", "commended", *by, "verdict"),
            rows,
        ),
        prose(
            "How soon a truly better agent is commended, by their odds of a bad sale, as a share",
            "of those of the middle agent. They have them by both patterns, from their first day:",
        ),
        _table(
            ("world", "odds", "agents", "in 1 year", "in 2 years", "days", "sales"),
            soon,
        ),
        bullets(
            _false_alone(worlds, results),
            "*Better by one*: their true odds of a sale that is not kept, or of one that is not "
            "used, are below those of the middle agent. The commendations of each kind are per "
            "1,000 agent-years of such agents.",
            "The truly better agents of the second table are not in the first.",
            "*Days*: mean from the first day to the commendation. *Sales*: mean of the sales that "
            "counted by then. Both are of those who were commended, so low shares make them short.",
            "Who is only somewhat better is hardly ever commended: they must be, for sure, "
            "[among the best](statistics.md#13-good-sales).",
            f"This took {seconds / 60:.1f} minutes of CPU. `python -m bench.yardstick.good_sales` "
            "measures all worlds and writes this section. `make yardstick` leaves it as it is.",
        ),
    ]
    return "\n\n".join(parts)


def rate(told: float, squares: float, years: float) -> Estimate:
    """Return commendations per 1,000 agent-years; the error of none is that of one."""
    scale = 1_000 / years
    return Estimate(scale * told, 2 * scale * max(1, squares) ** 0.5)


def _row(name: str, world: World, measured: Measured) -> tuple[str, ...]:
    years = sum(measured.years.values())
    found = rate(sum(measured.told.values()), sum(measured.squares.values()), years)
    return (
        f"`{name}`",
        world.title,
        f"{years:,.0f}",
        str(found),
        *(_cell(measured, by) for by in BY),
        "kept" if found.value <= world.budget else "**not kept**",
    )


def _false_alone(worlds: Mapping[str, World], results: Mapping[str, Measured]) -> str:
    """Say how many false ones there were by default, and how many there may be in truth."""
    usual = [results[name] for name, one in worlds.items() if one.budget == BUDGET]
    false = sum(one.told["neither"] for one in usual)
    years = sum(one.years["neither"] for one in usual)
    most = f"; 95 % sure: at most {-1_000 * log(0.05) / years:.1f}" if not false else ""
    return (
        f"**False commendations** with the default budget: {false:.0f} in {years:,.0f} "
        f"agent-years of agents who are no better, {1_000 * false / years:.1f} per 1,000{most}."
    )


def _cell(measured: Measured, by: str) -> str:
    if not measured.years[by]:
        return NOTHING
    return str(rate(measured.told[by], measured.squares[by], measured.years[by]))


def _soon(name: str, world: World, measured: Measured) -> Iterator[tuple[str, ...]]:
    for kind in FACTORS:
        soon = measured.soon.get(kind, [])
        if not soon:
            continue
        found = [one for one in soon if isfinite(one.days)]
        yield (
            f"`{name}`",
            kind,
            str(len(soon)),
            _share(soon, YEAR),
            _share(soon, 2 * YEAR) if world.days > YEAR else NOTHING,
            _mean(one.days for one in found),
            _mean(one.sales for one in found),
        )


def _share(soon: Sequence[Soon], days: int) -> str:
    return f"{np.mean([one.days <= days for one in soon]):.2f}"


def _mean(values: Iterable[float]) -> str:
    known = list(values)
    return f"{np.mean(known):,.0f}" if known else NOTHING


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [f"| {' | '.join(line)} |" for line in (heads, *rows)]
    return "\n".join([lines[0], "|" + "---|" * len(heads), *lines[1:]])
