"""The sentences of the page."""

from typing import Final

from bench.edges.world import SIZES
from bench.yardstick.page_texts import bullets, prose

INTRODUCTION: Final = prose(
    "This page measures what happens to honest agents and good accounts when sources are faulty.",
    "It is for those who connect sources, and for those who doubt what is told.",
    "`make edges` writes it.",
)

SECTIONS: Final = bullets(
    "[Promised and measured](#promised-and-measured)",
    "[Fault by fault](#fault-by-fault)",
    "[Why accounts were told falsely](#why-accounts-were-told-falsely)",
    "[What does not hold yet](#what-does-not-hold-yet)",
    "[What it costs in detection](#what-it-costs-in-detection)",
    "[Acts of an insider](#acts-of-an-insider)",
    "[The worlds](#the-worlds)",
    "[How to repeat it](#how-to-repeat-it)",
)

TABLE: Final = prose(
    "A false finding says that an account was never used, though its customer used it or cancelled",
    "in time. It stands if it was not withdrawn by the end. Each is counted for the faults that",
    "changed a record of its account; warnings for every fault of the world. *Told*: in how many",
    "worlds dead letters, counts, stretches without sight, or alerts about groups tell of the",
    "fault. A star marks a gap that is known: where a fault without one has false findings,",
    "another fault of the same world has one.",
)

CAUSES: Final = prose(
    "The first line that fits, from the top of this order: two sites, refused,",
    "misplaced, spelt in two ways, another time, lost, still to come.",
)

GAPS: Final = "Faults that the product is known not to bear, and why:"

COSTS: Final = prose(
    "The delay in sales (mean/median), and in days to the first warning of any tier, of agents who",
    "turn bad in the world `planted` of the [yardstick](yardstick.md#delay), in small: with every",
    "setting at its default, and with a protection switched off.",
)

ACTS: Final = prose(
    "Of twelve agents one sells what customers send back, or leaves accounts unused. *Counted by*",
    "names what tells of the act, in the summary of `detect` and in metrics.",
)

WORLDS: Final = bullets(
    "The simulated contact centre of `aboveboard simulate`, with nobody planted, in its sizes: "
    + "; ".join(
        f"{size.name} ({size.agents} agents, {size.sales_per_day:g} sales a working day, "
        f"{size.days} days, {size.partitions} partition{'s' if size.partitions > 1 else ''})"
        for size in dict.fromkeys(SIZES)
    )
    + ".",
    "Every seed has one fault of the catalogue in its turn, two in five a second one, and some a "
    "third. They begin between a quarter and two thirds of the time.",
    "The product's own stages judge it with every setting at its default. There is one clock for "
    "all kinds of events, as in `aboveboard detect`.",
    "An upper bound is exact, at 95 %, as if warnings came independently.",
)

REPEATING: Final = """```sh
make edges                                      # writes this page, in half an hour
.venv/bin/python -m bench.edges --resume        # goes on where it was stopped
.venv/bin/python -m bench.edges --seed 7        # prints what came of one seed
```"""
