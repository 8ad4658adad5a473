"""The section of the yardstick on the whole catalogue."""

from collections.abc import Iterator, Mapping, Sequence
from math import isfinite, sqrt
from typing import Final

import numpy as np

from bench.yardstick.catalogue.measuring import Measured
from bench.yardstick.catalogue.worlds import WORLDS, World
from bench.yardstick.page_texts import bullets, prose
from bench.yardstick.sections import CATALOGUE
from streams.simulation.planted import FORMS

BUDGET: Final = 10.0
"""The most false alarms per 1,000 agent-years, at maturity and early."""

LEAST_FOUND: Final = 0.9

NOTHING: Final = "-"

TIERS: Final = {False: "at maturity", True: "early"}

_LOOK_FOR: Final = {"40 %": "at 40 %", "its own": "in their own form"}
"""Worlds in one of which a pattern is to be found, and how that is said."""


def section(worlds: Mapping[str, World], results: Mapping[str, Measured], seconds: float) -> str:
    """Write the section; `seconds` of CPU were spent."""
    everything = Measured()
    for measured in results.values():
        everything.add(measured)
    sized = ", ".join(f"{name} {worlds[name].runs}" for name in worlds)
    agents, days = next((world.agents, world.days) for world in worlds.values())
    patterns = sorted({*(name for name, _ in everything.false), *everything.delays})
    missed = [name for name in patterns if not _is_found(name, results)]
    parts = [
        CATALOGUE,
        prose(
            "All patterns at once, by `examples/catalogue.toml`, in simulated centres of",
            f"{agents} agents and {days} days. Each pattern has planted agents of its own, who",
            f"turn bad after a fifth to three fifths of the time. Runs of each world: {sized}.",
            "That makes the figures of single patterns rough: read the sums.",
            *_unmeasured(worlds),
        ),
        "\n".join(_sums(everything, patterns, missed, worlds)),
        _table(
            ("pattern", *(f"found, {name}" for name in _planted(worlds)), "false alarms"),
            [_row(name, worlds, results, everything) for name in patterns],
        ),
        bullets(
            "*Found*: planted agents about whom an alert of the pattern opened between their "
            "change and the end of the year, of how many, and the mean of the days from their "
            "change. Columns are shares of bad sales; *its own* is the one with which `simulate "
            "--plant all` plants a form, above 40 % for some.",
            f"Found in less than {100 * LEAST_FOUND:.0f} % of cases: "
            + (", ".join(f"`{name}`" for name in missed) or "none")
            + ".",
            "*False alarms*: alerts about agents who are honest for ever, per 1,000 agent-years, "
            "early ones among them, over all worlds.",
            *_younger(everything),
            f"Left out: {sum(everything.open_before.values())} planted agents who were under an "
            "alert of the pattern before their change.",
            f"This took {seconds / 60:.1f} minutes of CPU. `python -m bench.yardstick.catalogue` "
            "measures all worlds and writes this section; `--runs 5` makes five runs of each, "
            "`--agents 2000` larger ones. `make yardstick` leaves it as it is.",
        ),
    ]
    return "\n\n".join(parts)


def _unmeasured(worlds: Mapping[str, World]) -> Iterator[str]:
    """Yield which worlds are missing, if any are."""
    if missing := [f"*{name}*" for name in WORLDS if name not in worlds]:
        yield f"Not measured: {', '.join(missing)}."


def _younger(everything: Measured) -> Iterator[str]:
    """Yield which patterns nobody was planted for, if results are older than these."""
    if younger := sorted(f"`{name}`" for name in FORMS.keys() - everything.delays.keys()):
        yield f"Not measured, for they are younger than these runs: {', '.join(younger)}."


def _sums(
    measured: Measured,
    patterns: Sequence[str],
    missed: Sequence[str],
    worlds: Mapping[str, World],
) -> Iterator[str]:
    yield "| promise | promised | measured | verdict |"
    yield "|---|---|---|---|"
    for early, tier in TIERS.items():
        alarms = sum(number for (_, one), number in measured.false.items() if one is early)
        scale = 1_000 / measured.honest_years
        error = 2 * scale * sqrt(max(1, measured.squares[early]))
        yield (
            f"| false alarms of all patterns {tier}, per 1,000 agent-years | ≤ {BUDGET:g} "
            f"| {scale * alarms:.1f} ± {error:.1f}, in {measured.honest_years:,.0f} agent-years "
            f"| {_verdict(kept=scale * alarms <= BUDGET)} |"
        )
    planted = [name for name in patterns if name in measured.delays]
    where = " or ".join(said for world, said in _LOOK_FOR.items() if world in worlds)
    yield (
        f"| patterns found in {100 * LEAST_FOUND:.0f} % of cases, {where} | all {len(planted)} "
        f"| {len(planted) - len(missed)} | {_verdict(kept=not missed)} |"
    )


def _row(
    name: str, worlds: Mapping[str, World], results: Mapping[str, Measured], everything: Measured
) -> tuple[str, ...]:
    alarms = sum(number for (one, _), number in everything.false.items() if one == name)
    rate = 1_000 * alarms / everything.honest_years
    cells = [_cell(results[world].delays.get(name, [])) for world in _planted(worlds)]
    return (f"`{name}`", *cells, f"{rate:.1f}" if alarms else "0")


def _cell(delays: Sequence[float]) -> str:
    found = [delay for delay in delays if isfinite(delay)]
    if not delays:
        return NOTHING
    after = f", {np.mean(found):.0f} d" if found else ""
    return f"{len(found)} of {len(delays)}{after}"


def _is_found(name: str, results: Mapping[str, Measured]) -> bool:
    """Return whether a pattern is found often enough; one that nobody is planted for is."""
    shares = [
        np.mean(np.isfinite(results[world].delays[name]))
        for world in _LOOK_FOR
        if world in results and name in results[world].delays
    ]
    return not shares or bool(max(shares) >= LEAST_FOUND)


def _planted(worlds: Mapping[str, World]) -> list[str]:
    return [name for name, world in worlds.items() if world.percent != 0]


def _verdict(*, kept: bool) -> str:
    return "kept" if kept else "**not kept**"


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [f"| {' | '.join(line)} |" for line in (heads, *rows)]
    return "\n".join([lines[0], "|" + "---|" * len(heads), *lines[1:]])
