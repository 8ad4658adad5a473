"""The sentences of the page; figures come in from the worlds and from what was measured."""

from collections.abc import Sequence
from textwrap import fill
from typing import Final

from bench.yardstick.bounds import BUDGET
from bench.yardstick.contest import RIVER_AGENTS, TREE_AGENTS
from bench.yardstick.figures import missed
from bench.yardstick.measuring import MISSED, MISSED_DAYS, Measured
from bench.yardstick.worlds import PERCENTS, PLANTED, STANDARD, World

WIDTH: Final = 140


def prose(*lines: str) -> str:
    """Fill a paragraph to the width of the page."""
    return fill(" ".join(lines), WIDTH, break_long_words=False, break_on_hyphens=False)


def bullets(*items: str) -> str:
    """Fill a list to the width of the page, an item each."""
    return "\n".join(
        fill(
            f"- {item}",
            WIDTH,
            subsequent_indent="  ",
            break_long_words=False,
            break_on_hyphens=False,
        )
        for item in items
    )


INTRODUCTION: Final = prose(
    "This page measures the detection: false alarms, delay and wrong accusations, beside other",
    "methods. It is for those who tune the detectors, and for those who doubt them.",
    "`make yardstick` writes it.",
)

SECTIONS: Final = bullets(
    "[Promised and measured](#promised-and-measured)",
    "[False alarms](#false-alarms)",
    "[Delay](#delay)",
    "[The critical tier](#the-critical-tier)",
    "[Sizes of effects](#sizes-of-effects)",
    "[The whole catalogue](#the-whole-catalogue)",
    "[Good sales](#good-sales)",
    "[The worlds](#the-worlds)",
    "[How to repeat it](#how-to-repeat-it)",
)


def promises(verdicts: Sequence[Sequence[str]]) -> str:
    """Count the promises that are kept."""
    kept = sum(verdict[-1] == "kept" for verdict in verdicts)
    return prose(
        f"{kept} of {len(verdicts)} promises are kept. False alarms are per 1,000 agent-years.",
        "± is twice the standard error.",
    )


FALSE_ALARMS: Final = prose(
    "A false alarm is a warning about an agent who is honest for ever. The rates are per 1,000",
    "agent-years. Warnings about one agent depend on each other, and the error allows for that.",
)

FALSE_ALARM_COLUMNS: Final = bullets(
    "*Of these early*: the false alarms of the early tier among them.",
    "*False critical*: honest agents who were ever accused.",
    "*Shadow null said*: the rate that the product itself reports at the end, from outcomes dealt "
    "out at random.",
    "*Sd* and *tempering*: the product's estimates, as in the last alert of a run.",
    "A column is left out if the product has nothing to say for it.",
)

DELAYS: Final = prose(
    "A delay is counted in sales whose window has passed. It runs from the sale with which an",
    "agent turns bad to the warning of the mature tier. Each cell shows mean/median. *P* is the",
    "share of bad agents found within 30, 60 and 90 sales. The product stands there as it comes,",
    "and once more tuned to the same rate of false alarms as the others:",
)


def delays_measured(world: World, measured: Measured) -> str:
    """Return how the delays were measured."""
    turned = ", ".join(f"{len(measured.delays.get(p, []))} to {p} %" for p in PERCENTS)
    lost = ", ".join(f"{missed(measured.delays.get(p, []))} at {p} %" for p in PERCENTS)
    return bullets(
        f"**World.** `{PLANTED}`, in {world.runs} runs of {world.days} days. Agents turned bad: "
        f"{turned}. Agents under an alert at that time are left out: {measured.unmeasured}.",
        "**End.** Each bad agent was followed for 1,095 sales or more. One not found by then "
        f"counts as {MISSED:,}. The product did not find {lost}.",
        "**Looks.** The product speaks at the end of a day. At equal false alarms it is looked at "
        "after every sale, as the others are.",
        "**Rivals** are given the same outcomes in the same order, with the product's own "
        "expectations.",
        "**The oracle** is given the truth. It has a threshold for each rate; the table shows the "
        "one for 25 %.",
        f"**Tuning.** Each is tuned to {BUDGET:g} false alarms per 1,000 agent-years in the world "
        f"`{STANDARD}`. River's detectors are tuned on {RIVER_AGENTS:,} agents of it, "
        f"HalfSpaceTrees on {TREE_AGENTS}. HalfSpaceTrees learn from these agents alone and are "
        "then frozen.",
        "**After an alarm** a detector begins anew.",
    )


UNTUNED: Final = prose(
    "The same with the thresholds that theory, their authors or the library give the detectors:"
)

DAYS: Final = prose(
    "The delays of the product in days from the change, mean and median. They include the ten days",
    f"for which the mature tier waits. Without a warning, the delay is {MISSED_DAYS:.0f} days:",
)

DISCOVERIES: Final = prose(
    "*¼ year*, *½ year* and *1 year*: the share of honest agents among those whose alert is",
    "critical at that time, mean over runs. *Ever*: the same among all who ever were critical. The",
    "settings ask for at most .10. *Found*: the share of bad agents who were critical within the",
    "year, then by rate. Some of them turned bad when the year was nearly over.",
)


def the_worlds(standard: World) -> list[str]:
    """Describe the standard setting, from which the other worlds differ."""
    return [
        prose(
            "Simulated sales forces go event by event through the stages that `aboveboard detect`",
            "runs: ledger, agents and peers. Every setting has its default, and only",
            "`quick_cancellation` is enabled. The standard setting:",
        ),
        bullets(
            f"{standard.agents:,} agents make 3 sales a day for a year.",
            "There are four products. They are cancelled within 10 days in 2, 4, 6 and 13 % of "
            "cases, 4.9 % overall. Each agent sells a mix of their own.",
            "Honest agents differ by u ~ N(0, .25²) on the logit.",
            "Of the cancellations, 30 % come on the first two days.",
            "A bad agent's odds are multiplied from some sale on, any of their 90th to 820th. The "
            "factor takes 5 % to 15, 25 or 40 %.",
        ),
        "The other worlds differ from it as the table of false alarms says.",
    ]


EFFECTS: Final = prose(
    "The share of 90 % intervals that hold the true multiple of the peers, and of how many. It is",
    "looked at when an alert of the mature tier opens, by the rate of the agent. *Any day*: since",
    "the likely start as of one random sale of an honest agent, with an alert or without. An",
    "honest agent who is warned was picked for their bad luck, so few of these intervals can hold.",
)

REPEATING: Final = """\
```sh
make yardstick                                                # writes this page, in minutes
.venv/bin/python -m bench.yardstick standard --agents 1000    # prints a line about one world
.venv/bin/python -m bench.yardstick --small                   # everything in seconds
```

""" + prose(
    "Every run has a fixed seed, so the page comes out the same. `--small` has too few agents to",
    "mean anything.",
)
