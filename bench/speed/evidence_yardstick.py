"""False alarms and delays of the evidence on a simulated sales force: minutes, not seconds."""

import numpy as np

from tests.detectors.evidence.sales_force import (
    FROM_5_TO_15,
    FROM_5_TO_25,
    FROM_5_TO_40,
    delays,
    discoveries_of_a_year,
    false_alarms_per_1000_agent_years,
    laplace,
    normal,
    student_t3,
)

THRESHOLD = 36_500.0


def run(agents: int = 24_000, bad_agents: int = 3_000, years: int = 12) -> None:
    """Print what section 11 of docs/statistics.md promises beside what is measured."""
    random = np.random.default_rng(11)
    print("false alarms per 1,000 agent-years (theory, where the spread is true: at most 10)")
    for name, levels, sd in (
        ("normal .25", normal(0.25), 0.25),
        ("normal .50", normal(0.50), 0.50),
        ("Laplace .25", laplace(0.25), 0.25),
        ("Student t3 .25", student_t3(0.25), 0.25),
        ("normal .25", normal(0.25), 0.40),
        ("Laplace .25", laplace(0.25), 0.40),
        ("Student t3 .25", student_t3(0.25), 0.40),
    ):
        alarms = false_alarms_per_1000_agent_years(agents, THRESHOLD, sd, random, levels)
        print(f"  honest levels {name:14s} judged with a spread of {sd:.2f}: {alarms:5.1f}")
    found = delays(bad_agents, THRESHOLD, 0.25, FROM_5_TO_25, random, from_the_first_sale=True)
    print(f"25 % from the first sale: mean {found.mean():.1f}, median {np.median(found):.0f} sales")
    for rate, odds_ratio, known in (
        (15, FROM_5_TO_15, 232),
        (25, FROM_5_TO_25, 56),
        (40, FROM_5_TO_40, 24),
    ):
        found = delays(bad_agents, THRESHOLD, 0.25, odds_ratio, random)
        print(
            f"5 % -> {rate} %: mean {found.mean():.1f}, median {np.median(found):.0f} sales "
            f"(known mean: {known})"
        )
    rates = (FROM_5_TO_15, FROM_5_TO_25, FROM_5_TO_40)
    tallies = [discoveries_of_a_year(2_000, 20, 0.25, rates, random) for _ in range(years)]
    false_share = sum(false / max(false + true, 1) for false, true, _, _ in tallies) / years
    found_share = sum(true for _, true, _, _ in tallies) / (20 * years)
    false_ever = sum(false for _, _, false, _ in tallies)
    true_ever = sum(true for _, _, _, true in tallies)
    print(
        f"e-BH at 0.10, year end: false {false_share:.4f} (known: 0.004, promised: < 0.03), "
        f"found {found_share:.2f} (known: 0.89, promised: > 0.85); false of all ever flagged "
        f"{false_ever / (false_ever + true_ever):.3f} (known: 0.014)"
    )


if __name__ == "__main__":
    run()
