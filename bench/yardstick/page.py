"""The page of results, for people."""

from collections.abc import Mapping, Sequence
from textwrap import fill
from typing import Final

import numpy as np

from bench.yardstick.bounds import BUDGET, lorden
from bench.yardstick.contest import RIVER_AGENTS, TREE_AGENTS, Entry
from bench.yardstick.figures import (
    NOTHING,
    delay_cell,
    false_alarms,
    false_discoveries,
    false_of_all_ever,
    found,
    mean,
    missed,
    shadow_cell,
    share_cell,
    spread_cell,
    within_cell,
)
from bench.yardstick.measuring import INSTANTS, MISSED, MISSED_DAYS, Measured
from bench.yardstick.promises import verdicts
from bench.yardstick.worlds import PERCENTS, PLANTED, STANDARD, World

WIDTH: Final = 140

Worlds = Mapping[str, World]
Results = Mapping[str, Measured]
Rows = Sequence[Sequence[str]]


def page_of(worlds: Worlds, results: Results, entries: Sequence[Entry]) -> str:
    """Write the page; the same results give the same bytes."""
    parts = [
        "# How good is the detection: a yardstick",
        _introduction(worlds[STANDARD]),
        "## Promised and measured",
        _table(("promise", "promised", "measured", "verdict"), verdicts(worlds, results)),
        "## False alarms",
        *_false_alarms(worlds, results),
        "## Delay",
        *_delays(worlds[PLANTED], results, entries),
        "## The critical tier",
        *_discoveries(worlds, results),
        "## How to repeat it",
        _repeating(),
    ]
    return "\n\n".join(parts) + "\n"


def _introduction(standard: World) -> str:
    return _prose(
        "Simulated sales forces, sent event by event through the same stages that `aboveboard",
        "detect` runs (ledger, agents, peers), with every setting at its default and only",
        "`quick_cancellation` enabled. Written by `make yardstick`.",
        f"**The standard setting.** {standard.agents:,} agents make 3 sales a day for a year, of",
        "four products that are cancelled within 10 days in 2, 4, 6 and 13 % of cases (4.9 %",
        "overall); each agent has his own mix. Honest agents differ by u ~ N(0, .25²) on the",
        "logit. Of the cancellations, 30 % come on the first two days. A bad agent's odds are",
        "multiplied from some sale on (any of his 90th to 820th) by the factor that takes 5 % to",
        "15, 25 or 40 %. The other worlds differ in what is named. ± is twice the standard error;",
        "warnings about one agent hang together, and count so.",
    )


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
    return [
        _prose(
            "Warnings about agents who are honest for ever, per 1,000 agent-years, and those of",
            "the early tier among them. *False critical*: honest agents who were ever accused.",
            "*Shadow null said*: the rate that the product itself reports at the end, from",
            "outcomes dealt out at random. *sd* and *tempering*: its estimates, as in the last",
            "alert of a run. A column that the product has nothing to say for is left out.",
        ),
        _table(*_without_empty(heads, rows)),
    ]


def _delays(world: World, results: Results, entries: Sequence[Entry]) -> list[str]:
    measured = results[PLANTED]
    turned = ", ".join(f"{len(measured.delays.get(p, []))} to {p} %" for p in PERCENTS)
    lost = ", ".join(f"{missed(measured.delays.get(p, []))} at {p} %" for p in PERCENTS)
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
        _prose(
            "Sales of a bad agent whose window has passed, from his first bad one to the warning",
            "of the mature tier: mean/median, and P, the share found within 30, 60 and 90 of them.",
            f"Measured in the world `{PLANTED}`: {world.runs} runs of {world.days} days in which",
            f"agents turned bad ({turned}; {measured.unmeasured} more were under an alert when",
            "they did, and are left out). Each was followed for 1,095 sales or more; one not found",
            f"by then counts as {MISSED:,} (by the product: {lost}). The product speaks at the end",
            "of a day; at equal false alarms it is looked at after every sale, as the others are.",
            "Rivals are given the same outcomes in the same order with the product's own",
            "expectations; the oracle is given the truth. Each",
            f"is tuned to {BUDGET:g} false alarms per 1,000 agent-years in the world `{STANDARD}`;",
            f"river's on {RIVER_AGENTS:,} agents of it, HalfSpaceTrees on {TREE_AGENTS}, from whom",
            "alone they learn (and are then frozen). A detector begins anew after an alarm.",
        ),
        _table(heads, [bound, product, *tuned]),
        _prose(
            "The oracle has a threshold for each rate; shown is that for 25 %. The same with the",
            "thresholds that theory, their authors or the library give them:",
        ),
        _table(heads, [_entry_row(entry) for entry in entries if not entry.tuned]),
        _prose(
            "In days from the change, the window of ten days in which the mature tier waits",
            f"included, mean and median; without a warning, {MISSED_DAYS:.0f} days:",
        ),
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
    return [
        _prose(
            "Share of honest agents among those whose alert is critical after a quarter, half and",
            "a whole year, mean over runs, and among all who ever were (asked for: .10); then the",
            "share of the bad agents who were critical within the year, all and by rate. Some of",
            "them turned bad when the year was nearly over.",
        ),
        _table((*heads, *(f"{p} %" for p in PERCENTS)), rows),
    ]


def _repeating() -> str:
    return _prose(
        "`make yardstick` writes this page anew, in minutes; every run has a fixed seed, so it",
        "comes out the same. `.venv/bin/python -m bench.yardstick standard --agents 1000` measures",
        "one world and prints a line about it; `--small` runs everything in seconds, with too few",
        "agents to mean anything.",
    )


def _has_early_tier(results: Results) -> bool:
    """Tell whether any alert was of the early tier."""
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


def _prose(*lines: str) -> str:
    return fill(" ".join(lines), WIDTH, break_long_words=False, break_on_hyphens=False)
