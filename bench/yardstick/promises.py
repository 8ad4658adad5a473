"""What is promised of the detection, set beside what was measured."""

from collections.abc import Iterator, Mapping
from math import isnan

from bench.yardstick.figures import (
    Estimate,
    effects_held,
    false_alarms,
    false_discoveries,
    false_of_all_ever,
    found,
    let_go,
    mean,
    shadow_rate,
    share_cell,
    share_held,
)
from bench.yardstick.measuring import INSTANTS, Measured
from bench.yardstick.worlds import DISCOVERY, PLANTED, STANDARD, World

LONGEST_25, LONGEST_40 = 60.0, 26.0
"""Mean delays in sales from maturity."""

LONGEST_EARLY = 13.0
"""Mean days from the change to the first early warning, at 40 %."""

MOST_FALSE, LEAST_FOUND = 0.05, 0.85
MOST_LET_GO = 0.01
"""Of warned agents, those whose alert is resolved although they go on as before."""
LEAST_HELD, MOST_HELD = 0.85, 0.95
"""Share of 90 % intervals that hold the truth; a few more or less is no harm, far off is a lie."""

HONEST_FACTOR = 2.0
"""The shadow null tells the truth if it is right within this factor."""

Row = tuple[str, str, str, str]


def verdicts(worlds: Mapping[str, World], results: Mapping[str, Measured]) -> list[Row]:
    """Return a row for each promise: what it is, the bar, the measure, and whether it is kept."""
    return [
        *_alarm_rows(worlds, results),
        *_delay_rows(results[PLANTED]),
        *_discovery_rows(results[DISCOVERY]),
        _let_go_row(results[PLANTED]),
        *_effect_rows(results),
    ]


def _alarm_rows(worlds: Mapping[str, World], results: Mapping[str, Measured]) -> Iterator[Row]:
    for name, world in worlds.items():
        if world.bar is None:
            continue
        alarms = false_alarms(results[name])
        kept = alarms.value <= world.bar
        shadow = shadow_rate(results[name])
        verdict = _verdict(kept=kept)
        if not kept and shadow is not None:
            honest = alarms.value / HONEST_FACTOR <= shadow <= alarms.value * HONEST_FACTOR
            verdict += f"; the shadow null said {shadow:.1f}, " + ("truly" if honest else "wrongly")
        yield f"false alarms, `{name}`", f"≤ {world.bar:g}", str(alarms), verdict


def _delay_rows(planted: Measured) -> Iterator[Row]:
    for percent, bar in ((25, LONGEST_25), (40, LONGEST_40)):
        delay = mean(planted.delays.get(percent, []))
        yield (
            f"mean delay at {percent} %, sales",
            f"≤ {bar:g}",
            str(delay),
            _verdict(kept=delay.value <= bar),
        )
    early = mean(planted.early_days.get(40, []))
    yield (
        "early tier at 40 %, mean days from the change",
        f"≤ {LONGEST_EARLY:g}",
        str(early),
        _verdict(kept=early.value <= LONGEST_EARLY),
    )


def _discovery_rows(measured: Measured) -> Iterator[Row]:
    worst = max(false_discoveries(measured, instant) for instant in range(len(INSTANTS)))
    for what, share in (
        ("at the worst of three instants", worst),
        ("of all ever flagged", false_of_all_ever(measured)),
    ):
        name = f"false share of critical, {what}"
        yield name, f"≤ {MOST_FALSE}", f"{share:.3f}", _verdict(kept=share <= MOST_FALSE)
    share_found = found(measured)
    yield (
        "bad agents critical within a year",
        f"≥ {LEAST_FOUND}",
        share_cell(share_found),
        _verdict(kept=share_found.value >= LEAST_FOUND),
    )


def _let_go_row(planted: Measured) -> Row:
    share = let_go(planted)
    return (
        "warned agents whose alert was resolved, still bad",
        f"≤ {MOST_LET_GO}",
        f"{share.value:.3f} ± {share.error:.3f}",
        _verdict(kept=share.value <= MOST_LET_GO),
    )


def _effect_rows(results: Mapping[str, Measured]) -> Iterator[Row]:
    for who, share in (
        ("bad agents, alert opened", effects_held(results[PLANTED])),
        ("honest agents, any day", share_held([results[STANDARD].instants])),
    ):
        name = f"90 % interval of the multiple holds the truth, {who}"
        kept = LEAST_HELD <= share.value <= MOST_HELD
        yield name, f"{LEAST_HELD} to {MOST_HELD}", _share(share), _verdict(kept=kept)


def _share(share: Estimate) -> str:
    return "-" if isnan(share.value) else share_cell(share)


def _verdict(*, kept: bool) -> str:
    return "kept" if kept else "**not kept**"
