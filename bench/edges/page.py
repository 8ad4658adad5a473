"""The page of results, for people."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

from bench.edges.acts import Done
from bench.edges.bounds import upper_bound
from bench.edges.catalogue import CATALOGUE
from bench.edges.delay import Delay
from bench.edges.fault import Fault
from bench.edges.page_texts import (
    ACTS,
    CAUSES,
    COSTS,
    GAPS,
    INTRODUCTION,
    REPEATING,
    SECTIONS,
    TABLE,
    WORLDS,
)
from bench.edges.running import Result
from bench.yardstick.page_texts import bullets

BUDGET: Final = 10.0
"""False alarms per 1,000 agent-years, of each tier."""

NOTHING: Final = "-"
Rows = Iterable[Sequence[str]]


def page_of(results: Sequence[Result], delays: Sequence[Delay], acts: Sequence[Done]) -> str:
    """Write the page; the same results give the same bytes."""
    gaps = [f"**{fault.name}**: {fault.gap}" for fault in CATALOGUE.values() if fault.gap]
    parts = [
        "# Faults at the edge to the world",
        INTRODUCTION,
        SECTIONS,
        "## Promised and measured",
        _table(("promise", "promised", "measured", "verdict"), _promises(results, acts)),
        "## Fault by fault",
        TABLE,
        _table(
            (
                "fault",
                "worlds",
                "agents warned of",
                "false findings that stand",
                "told",
            ),
            [_row(fault, results) for fault in CATALOGUE.values()],
        ),
        "## Why accounts were told falsely",
        CAUSES,
        _table(("cause", "false findings that stand", "worlds"), _causes(results)),
        "## What does not hold yet",
        GAPS,
        bullets(*gaps),
        "## What it costs in detection",
        COSTS,
        _table(_heads(delays), map(_delay, delays)),
        "## Acts of an insider",
        ACTS,
        _table(("act", "guilty found", "framed", "counted by", "count"), map(_act, acts)),
        "## The worlds",
        WORLDS,
        "## How to repeat it",
        REPEATING,
    ]
    return "\n\n".join(parts) + "\n"


def _promises(results: Sequence[Result], acts: Sequence[Done]) -> Rows:
    years = sum(one.agent_years for one in results)
    warned = [each for one in results for each in one.warned if each.subject == "agent"]
    early = sum(each.early for each in warned)
    critical = sum(each.severity == "critical" for each in warned)
    stand = {True: 0, False: 0}
    for one in results:
        stand[_has_gap(one)] += one.false_open
    whole = sum(not _has_gap(one) for one in results)
    asked = [told for one in results for told in one.told.values() if told is not None]
    framed = sum(bool(act.framed) for act in acts)
    counted = sum(act.count > 0 for act in acts)
    rows = [
        _rate("false alarms at maturity", len(warned) - early, years),
        _rate("false alarms, early", early, years),
        ("honest agents critical", NOTHING, f"{critical} in {years:,.0f} agent-years", NOTHING),
        (
            f"false findings about accounts, {whole} worlds without a known gap",
            "0",
            f"{stand[False]}",
            _kept(stand[False] == 0),
        ),
        (
            f"false findings about accounts, {len(results) - whole} worlds with one",
            "0",
            f"{stand[True]:,}",
            _kept(stand[True] == 0),
        ),
        (
            "faults that something tells of",
            "all",
            f"{sum(asked)} of {len(asked)}",
            _kept(all(asked)),
        ),
        (
            "acts of an insider that are counted",
            "all",
            f"{counted} of {len(acts)}",
            _kept(counted == len(acts)),
        ),
        ("acts of an insider that frame somebody", "0", str(framed), _kept(framed == 0)),
    ]
    return [tuple(row) for row in rows]


def _rate(name: str, count: int, years: float) -> tuple[str, ...]:
    rate, most = 1_000 * count / years, 1_000 * upper_bound(count) / years
    measured = f"{rate:.1f} ({count} in {years:,.0f} agent-years; at most {most:.1f})"
    return (name, f"≤ {BUDGET:g}", measured, _kept(rate <= BUDGET))


def _kept(kept: bool) -> str:  # noqa: FBT001 - a verdict
    return "kept" if kept else "**not kept**"


def _has_gap(result: Result) -> bool:
    return any(CATALOGUE[name].gap for name in result.faults)


def _row(fault: Fault, results: Sequence[Result]) -> tuple[str, ...]:
    mine = [one for one in results if fault.name in one.faults]
    agents = sum(each.subject == "agent" for one in mine for each in one.warned)
    false = sum(one.by_fault[fault.name] for one in mine)
    told = [one.told[fault.name] for one in mine]
    gap = " \\*" if fault.gap else ""
    return (
        f"{fault.name}{gap}",
        str(len(mine)),
        str(agents),
        f"{false:,}",
        f"{sum(map(bool, told))} of {len(told)}" if fault.traces else NOTHING,
    )


def _causes(results: Sequence[Result]) -> Rows:
    counts, worlds = Counter[str](), Counter[str]()
    for one in results:
        counts.update(one.by_cause)
        worlds.update(one.by_cause.keys())
    return [(cause, f"{number:,}", str(worlds[cause])) for cause, number in counts.most_common()]


def _heads(delays: Sequence[Delay]) -> Sequence[str]:
    rates = [f"{percent} %" for percent in (delays[0].mean if delays else ())]
    return ("variant", *rates, *(f"days, {rate}" for rate in rates), "false alarms")


def _delay(one: Delay) -> Sequence[str]:
    return (
        one.variant,
        *(f"{one.mean[rate]:.1f}/{one.median[rate]:.0f}" for rate in one.mean),
        *(f"{days:.1f}" for days in one.days.values()),
        f"{one.false_alarms} in {one.agent_years:,.0f} agent-years",
    )


def _act(done: Done) -> tuple[str, ...]:
    return (
        done.act,
        "yes" if done.found else "no",
        ", ".join(done.framed) or "nobody",
        done.trace or "nothing",
        f"{done.count:,}",
    )


def _table(heads: Sequence[str], rows: Rows) -> str:
    lines = [f"| {' | '.join(line)} |" for line in (heads, *rows)]
    return "\n".join([lines[0], "|" + "---|" * len(heads), *lines[1:]])
