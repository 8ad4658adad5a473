"""The page of results, for people."""

from collections.abc import Mapping, Sequence

import numpy as np

from bench.yardstick.bounds import BUDGET, lorden
from bench.yardstick.contest import Entry
from bench.yardstick.figures import (
    NOTHING,
    delay_cell,
    false_alarms,
    false_discoveries,
    false_of_all_ever,
    found,
    held_cell,
    mean,
    shadow_cell,
    share_cell,
    spread_cell,
    within_cell,
)
from bench.yardstick.measuring import INSTANTS, MISSED_DAYS, Measured
from bench.yardstick.page_texts import (
    DAYS,
    DELAYS,
    DISCOVERIES,
    EFFECTS,
    FALSE_ALARM_COLUMNS,
    FALSE_ALARMS,
    INTRODUCTION,
    REPEATING,
    SECTIONS,
    UNTUNED,
    delays_measured,
    promises,
    the_worlds,
)
from bench.yardstick.promises import verdicts
from bench.yardstick.worlds import PERCENTS, PLANTED, STANDARD, World

Worlds = Mapping[str, World]
Results = Mapping[str, Measured]
Rows = Sequence[Sequence[str]]


def page_of(
    worlds: Worlds, results: Results, entries: Sequence[Entry], apart: Sequence[str]
) -> str:
    """Write the page; the same results give the same bytes.

    `apart` are the sections that are measured apart from it.
    """
    judged = verdicts(worlds, results)
    parts = [
        "# How good is the detection: a yardstick",
        INTRODUCTION,
        SECTIONS,
        "## Promised and measured",
        promises(judged),
        _table(("promise", "promised", "measured", "verdict"), judged),
        "## False alarms",
        *_false_alarms(worlds, results),
        "## Delay",
        *_delays(worlds[PLANTED], results, entries),
        "## The critical tier",
        *_discoveries(worlds, results),
        "## Sizes of effects",
        *_effects(results),
        *apart,
        "## The worlds",
        *the_worlds(worlds[STANDARD]),
        "## How to repeat it",
        REPEATING,
    ]
    return "\n\n".join(parts) + "\n"


def _false_alarms(worlds: Worlds, results: Results) -> list[str]:
    rows = []
    for name, world in worlds.items():
        measured = results[name]
        scale = 1_000 / measured.honest_years
        early = measured.false_alarms["early"]
        rows.append(
            (
                f"`{name}`",
                world.title,
                f"{measured.honest_years:,.0f}",
                str(false_alarms(measured)),
                f"{scale * early:.1f}" if _has_early_tier(results) else NOTHING,
                str(sum(run.false_ever for run in measured.discoveries)),
                shadow_cell(measured),
                spread_cell(measured.between_agent_sd, 2),
                spread_cell(measured.tempering, 2),
            )
        )
    heads = (
        "world",
        "what it is",
        "honest agent-years",
        "**false alarms**",
        "of these early",
        "false critical",
        "shadow null said",
        "sd",
        "tempering",
    )
    return [FALSE_ALARMS, _table(*_without_empty(heads, rows)), FALSE_ALARM_COLUMNS]


def _delays(world: World, results: Results, entries: Sequence[Entry]) -> list[str]:
    measured = results[PLANTED]
    heads = ("detector", "threshold", "false alarms", *(f"{p} %" for p in PERCENTS))
    heads += tuple(f"P {p} %" for p in PERCENTS)
    bound = (
        "Lorden's bound, first order",
        "",
        f"{BUDGET:g}",
        *(f"{lorden(p):.0f}" for p in PERCENTS),
    )
    product = (
        "**the product**, as it comes",
        "",
        f"{false_alarms(results[STANDARD]).value:.1f}",
        *_delay_cells(measured.delays),
    )
    tuned = [_entry_row(entry) for entry in entries if entry.tuned]
    return [
        DELAYS,
        _table(heads, [bound, product, *tuned]),
        delays_measured(world, measured),
        UNTUNED,
        _table(heads, [_entry_row(entry) for entry in entries if not entry.tuned]),
        DAYS,
        _table(("", *(f"{p} %" for p in PERCENTS)), _day_rows(results)),
    ]


def _day_rows(results: Results) -> Rows:
    measured = results[PLANTED]
    rows = {"first warning of any tier": measured.first_days}
    if _has_early_tier(results):
        rows["first warning of the early tier"] = measured.early_days
    return [
        (
            name,
            *(
                f"{mean(days[p])}, {np.median(days[p]):.1f}" if days.get(p) else NOTHING
                for p in PERCENTS
            ),
        )
        for name, days in rows.items()
    ]


def _discoveries(worlds: Worlds, results: Results) -> list[str]:
    rows = []
    for name, world in worlds.items():
        measured = results[name]
        if not any(measured.bad.values()) or name == PLANTED:
            continue
        rows.append(
            (
                f"`{name}`",
                str(world.runs),
                str(sum(measured.bad.values())),
                *(f"{false_discoveries(measured, place):.3f}" for place in range(len(INSTANTS))),
                f"{false_of_all_ever(measured):.3f}",
                share_cell(found(measured)),
                *(
                    f"{found(measured, [p]).value:.2f}" if measured.bad[p] else NOTHING
                    for p in PERCENTS
                ),
            )
        )
    heads = ("world", "runs", "bad agents", "¼ year", "½ year", "1 year", "ever", "**found**")
    return [DISCOVERIES, _table((*heads, *(f"{p} %" for p in PERCENTS)), rows)]


def _effects(results: Results) -> list[str]:
    heads = ("world", *(f"opened, {p} %" for p in PERCENTS), "opened, honest", "honest, any day")
    rows = [
        (
            f"`{name}`",
            *(held_cell(measured.effects.get(percent)) for percent in (*PERCENTS, 0)),
            held_cell(measured.instants),
        )
        for name, measured in results.items()
    ]
    return [EFFECTS, _table(heads, rows)]


def _has_early_tier(results: Results) -> bool:
    """Return whether any alert was of the early tier."""
    return any(
        measured.false_alarms["early"]
        or any(days < MISSED_DAYS for told in measured.early_days.values() for days in told)
        for measured in results.values()
    )


def _entry_row(entry: Entry) -> tuple[str, ...]:
    alarms = f"{entry.false_alarms:.1f}"
    return (entry.name, f"{entry.threshold:.3g}", alarms, *_delay_cells(entry.delays))


def _delay_cells(delays: Mapping[int, Sequence[int]]) -> tuple[str, ...]:
    return (
        *(delay_cell(delays.get(percent, [])) for percent in PERCENTS),
        *(within_cell(delays.get(percent, [])) for percent in PERCENTS),
    )


def _without_empty(heads: Sequence[str], rows: Rows) -> tuple[Sequence[str], Rows]:
    """Leave out columns in which nothing is told."""
    kept = [place for place in range(len(heads)) if any(row[place] != NOTHING for row in rows)]
    return [heads[place] for place in kept], [[row[place] for place in kept] for row in rows]


def _table(heads: Sequence[str], rows: Rows) -> str:
    whole = [[*row, *[""] * (len(heads) - len(row))] for row in rows]
    lines = [f"| {' | '.join(line)} |" for line in (heads, *whole)]
    return "\n".join([lines[0], "|" + "---|" * len(heads), *lines[1:]])
