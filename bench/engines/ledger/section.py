"""The section of the page on the ledger's job alone, and its place in a page that stands already."""

# ruff: noqa: E501 - lines of the page are as long as those of all pages

import re
from typing import Final

from msgspec import Struct

from bench.engines.findings import NOTHING, OURS, Run, with_range
from bench.engines.ledger.findings import CORES, LedgerFound, standing
from bench.engines.tables import table, wrapped

HEADING: Final = "## The ledger's job alone"

_INTRODUCTION: Final = """\
A platform team would name Kafka Streams or Flink for one part of our work: to join three topics by account, and to tell the outcomes of
two patterns when they mature. This section compares our ledger stage with both. The hosts in Java are in `bench/engines/java/`.

A run counts only if its outcomes are those of our ledger: the same patterns, sales, verdicts and times, each told once."""

_METHOD: Final = """\
- **Cores.** A host may run on so many cores and sees no others: with two, we start two processes, and they take two threads. The broker
  may use all cores of the machine, so on two cores it shares them with the host.
- **Clock.** It starts when the host has taken in the events of the warm-up, which a compiler of Java needs. It stops when the broker
  has stored the last outcome.
- **Settings.** The hosts in Java have what their documentation names for throughput: accounts in memory, state and outcomes written every
  2 s, large polls and batches, lz4, no reflection in serialisation, and the collector of garbage that does most work. Their parser of
  events passes over what is not read.
- **Noise.** Hosts ran in turn, so that what else the machine did met all alike. Where more processes wanted a core than there are, all
  absolute figures are worse than on a quiet machine: read the ratios. A ratio nearer to 1 than the ranges are wide says nothing. One
  round has no range: with 13 processes on 2 cores, two rounds gave the same host 1.7 times as much CPU, or two thirds of it.
- **Busy machines.** Read the CPU there, not the events a second: the system shares cores out by thread, so a host of many threads is
  given more of them than our one. And Java has not compiled all that it will: its CPU an event goes on falling after the warm-up.

In favour of Kafka Streams and Flink, which leave this out: records that cannot be read, late events and their corrections, duplicates,
wrong clocks, the sales of each day for the early tier, alerts about accounts, metrics, and fields that only the judges read."""


class LedgerSetting(Struct, frozen=True):
    """What the runs had in common; `load` is how many processes wanted a core as they began."""

    events: int
    warm: int
    rounds: int
    cores: int
    java: str
    load: float


def section(setting: LedgerSetting | None, found: LedgerFound) -> str:
    """Write the section; the same findings give the same bytes."""
    measured = {name: one for name, one in found.items() if one.runs or one.faults}
    if setting is None or not measured:
        return f"{HEADING}\n\n{_INTRODUCTION}\n\nNot measured."
    parts = [
        HEADING,
        _INTRODUCTION,
        (
            "Medians [least to most]. *Ahead* are our median events a second divided by those of "
            "the other, and its median CPU divided by ours: above 1 we are ahead."
        ),
        table(
            ("", "cores", "events/s", "CPU µs/event", "peak MB", "ahead in events/s", "in CPU"),
            [_row(found, name, cores) for cores in CORES for name in measured],
        ),
        *(f"- {one.title}: {fault}" for one in found.values() for fault in one.faults),
        (
            f"There were {setting.events:,} events, of which the first {setting.warm:,} were not "
            f"measured; rounds: {setting.rounds}. The machine had {setting.cores} cores and Java "
            f"{setting.java}. As the runs began, {setting.load:.1f} processes wanted a core."
        ),
        table(
            ("", "versions", "durable in"),
            [(one.title, one.versions, one.durable) for one in measured.values()],
        ),
        _METHOD,
    ]
    return "\n\n".join(map(wrapped, parts))


def replaced(page: str, text: str) -> str:
    """Return a page with this section in the place of the one that it has.

    Raises
    ------
    ValueError
        If it has none.
    """
    pattern = re.compile(rf"^{re.escape(HEADING)}\n.*?(?=^## )", re.DOTALL | re.MULTILINE)
    changed, number = pattern.subn(lambda _: f"{text}\n\n", page)
    if number != 1:
        raise ValueError(f"the page has {number} sections named {HEADING!r}")
    return changed


def _row(found: LedgerFound, name: str, cores: int) -> tuple[str, ...]:
    runs: list[Run] = found[name].runs.get(cores, [])
    ahead = standing(found, name, cores)
    title = found[name].title
    return (
        f"**{title}**" if name == OURS else title,
        str(cores),
        with_range([run.rate for run in runs]),
        with_range([run.cpu for run in runs], 1),
        with_range([run.memory / 1e6 for run in runs]),
        NOTHING if ahead is None else f"{ahead.rate:.2f}",
        NOTHING if ahead is None else f"{ahead.cpu:.2f}",
    )
