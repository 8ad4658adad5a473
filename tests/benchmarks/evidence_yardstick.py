"""False alarms and delays of the evidence on a simulated sales force: minutes, not seconds."""

import numpy as np

from tests.detectors.evidence.sales_force import (
    FROM_5_TO_15,
    FROM_5_TO_25,
    FROM_5_TO_40,
    delays,
    discoveries_of_a_year,
    false_alarms_per_1000_agent_years,
)

THRESHOLD = 36_500.0


def run(agents: int = 24_000, bad_agents: int = 3_000, years: int = 12) -> None:
    """Print what section 11 of the statistics notes promises beside what is measured."""
    random = np.random.default_rng(11)
    alarms = false_alarms_per_1000_agent_years(agents, THRESHOLD, 0.25, random)
    print(f"false alarms per 1,000 agent-years: {alarms:.1f} (theory: at most 10)")
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
