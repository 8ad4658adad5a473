"""What is told of a measure: rates, means and their errors."""

from collections.abc import Sequence

import numpy as np
from msgspec import Struct

from bench.yardstick.effects import Held
from bench.yardstick.measuring import MISSED, Measured
from bench.yardstick.worlds import PERCENTS

NOTHING = "-"


class Estimate(Struct, frozen=True):
    """A number and twice its standard error."""

    value: float
    error: float

    def __str__(self) -> str:
        """Write both with one decimal."""
        return f"{self.value:.1f} ± {self.error:.1f}"


def false_alarms(measured: Measured) -> Estimate:
    """Return warnings about honest agents per 1,000 agent-years, of all tiers together.

    Warnings about one agent hang together, so the error is that of a sum over agents; where there
    was none, it is that of one.
    """
    scale = 1_000 / measured.honest_years
    alarms = sum(measured.false_alarms.values())
    return Estimate(scale * alarms, 2 * scale * max(1, measured.squares) ** 0.5)


def mean(values: Sequence[float]) -> Estimate:
    """Return the mean of some independent values."""
    if not values:
        return Estimate(float("nan"), float("nan"))
    return Estimate(float(np.mean(values)), 2 * float(np.std(values)) / len(values) ** 0.5)


def delay_cell(delays: Sequence[float]) -> str:
    """Write mean and median."""
    if not delays:
        return NOTHING
    return f"{np.mean(delays):.0f}/{np.median(delays):.0f}"


def within_cell(delays: Sequence[float]) -> str:
    """Write the shares found within 30, 60 and 90 sales."""
    if not delays:
        return NOTHING
    return " ".join(f"{(np.array(delays) <= sales).mean():.2f}" for sales in (30, 60, 90))


def missed(delays: Sequence[float]) -> int:
    """Count those never found."""
    return sum(delay == MISSED for delay in delays)


def false_discoveries(measured: Measured, instant: int) -> float:
    """Return the mean over runs of the share of false ones among the flags that are up."""
    return float(
        np.mean(
            [
                run.false_up[instant] / max(1, run.false_up[instant] + run.true_up[instant])
                for run in measured.discoveries
            ]
        )
    )


def false_of_all_ever(measured: Measured) -> float:
    """Return the share of honest agents among all who were ever flagged."""
    false = sum(run.false_ever for run in measured.discoveries)
    true = sum(run.true_ever for run in measured.discoveries)
    return false / max(1, false + true)


def found(measured: Measured, percents: Sequence[int] = PERCENTS) -> Estimate:
    """Return the share of bad agents that were critical within a year."""
    bad = max(1, sum(measured.bad[percent] for percent in percents))
    share = sum(measured.found[percent] for percent in percents) / bad
    return Estimate(share, 2 * (share * (1 - share) / bad) ** 0.5)


def let_go(measured: Measured) -> Estimate:
    """Return the share of warned agents whose alert was resolved although they were still bad."""
    warned = max(1, sum(measured.warned.values()))
    share = sum(measured.let_go.values()) / warned
    return Estimate(share, 2 * (share * (1 - share) / warned) ** 0.5)


def effects_held(measured: Measured, percents: Sequence[int] = PERCENTS) -> Estimate:
    """Return how often the interval of an alert that opened held the truth, of some rates."""
    return share_held([measured.effects.get(percent, Held()) for percent in percents])


def share_held(counts: Sequence[Held]) -> Estimate:
    """Return the share of intervals that held the truth; not a number where none was told."""
    told = sum(count.told for count in counts)
    if not told:
        return Estimate(float("nan"), float("nan"))
    share = sum(count.held for count in counts) / told
    return Estimate(share, 2 * (share * (1 - share) / told) ** 0.5)


def held_cell(held: Held | None) -> str:
    """Write the share of intervals that held the truth, and of how many."""
    if held is None or not held.told:
        return NOTHING
    return f"{held.held / held.told:.2f} of {held.told}"


def share_cell(share: Estimate) -> str:
    """Write a share with its error."""
    return f"{share.value:.2f} ± {share.error:.2f}"


def shadow_rate(measured: Measured) -> float | None:
    """Return the rate of the shadow null per 1,000 agent-years, all tiers; None if it is off.

    Tiers watch the same agents on the same days, so their rates add up.
    """
    if not measured.shadow:
        return None
    return sum(
        365_000 * shadow.alarms / max(1, shadow.agent_days) for shadow in measured.shadow.values()
    )


def shadow_cell(measured: Measured) -> str:
    """Write `shadow_rate`."""
    rate = shadow_rate(measured)
    return NOTHING if rate is None else f"{rate:.1f}"


def spread_cell(values: Sequence[float], decimals: int) -> str:
    """Write the mean of what the runs estimated."""
    return f"{np.mean(values):.{decimals}f}" if values else NOTHING


def one_line(name: str, measured: Measured) -> str:
    """Sum a world up for whoever tunes."""
    alarms = sum(measured.false_alarms.values())
    parts = [
        f"{name}: {false_alarms(measured)} false alarms per 1,000 agent-years ("
        + ", ".join(f"{tier} {number}" for tier, number in measured.false_alarms.items())
        + f"; {alarms} in {measured.honest_years:,.0f} agent-years)"
    ]
    for percent, delays in measured.delays.items():
        parts.append(
            f"{percent} %: {mean(delays)} sales, median {np.median(delays):.0f}, "
            f"n {len(delays)}, missed {missed(delays)}, within {within_cell(delays)}, "
            f"early {mean(measured.early_days[percent])} days, "
            f"first {mean(measured.first_days[percent])} days"
        )
    if any(measured.bad.values()):
        up = " ".join(f"{false_discoveries(measured, instant):.3f}" for instant in range(3))
        shares = ", ".join(
            f"{p} % {found(measured, [p]).value:.2f}" for p in PERCENTS if measured.bad[p]
        )
        parts.append(
            f"critical: FDP {up}, ever {false_of_all_ever(measured):.3f}, "
            f"found {found(measured).value:.2f} ({shares}), unmeasured {measured.unmeasured}, "
            f"resolved though still bad {sum(measured.let_go.values())} of "
            f"{sum(measured.warned.values())}"
        )
    elif any(run.false_ever for run in measured.discoveries):
        parts.append(f"critical: {sum(run.false_ever for run in measured.discoveries)} false")
    parts += [
        f"90 % intervals held the truth: {percent or 'honest, warned'} "
        f"{share_cell(share_held([held]))} of {held.told}"
        for percent, held in sorted(measured.effects.items())
    ]
    if measured.instants.told:
        parts.append(f"honest at random instants {share_cell(share_held([measured.instants]))}")
    parts.append(
        f"shadow null {shadow_cell(measured)}, sd {spread_cell(measured.between_agent_sd, 2)}, "
        f"tempering {spread_cell(measured.tempering, 2)}"
    )
    return "; ".join(parts)
