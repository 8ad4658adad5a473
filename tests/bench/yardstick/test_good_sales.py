"""Commendations in simulated centres: what is counted, and what the section says of it."""

from dataclasses import replace
from datetime import timedelta
from math import inf, log

import numpy as np
import pytest
from msgspec import structs

from bench.yardstick.good_sales.measuring import BY, Measured, Soon, measure
from bench.yardstick.good_sales.section import section
from bench.yardstick.good_sales.worlds import FACTORS, WORLDS, run, with_better
from detectors.agents.mature.best_levels import Standing, Tempered, standing
from detectors.alerts.commendation import Commendation, Ground
from detectors.basis.identifiers import AgentId, PatternName
from streams.simulation.centre import centre_of
from streams.simulation.people import People
from streams.simulation.settings import SimulationSettings

CENTRE = SimulationSettings(agents=40, days=100, seed=3, planted_share=0.0)


def people() -> People:
    """Return agents of whom the first four differ as their names here say."""
    drawn, _ = centre_of(CENTRE)
    kept, used = drawn.cancellation_offset.copy(), drawn.unused_offset.copy()
    kept[:4], used[:4] = (-1.0, -1.0, 0.0, 0.5), (-1.0, 0.0, -1.0, 0.0)
    return replace(
        drawn,
        cancellation_offset=kept,
        unused_offset=used,
        first_day=np.zeros_like(drawn.first_day),
        last_day=np.full_like(drawn.last_day, CENTRE.days),
    )


BOTH, KEPT, USED, NEITHER = range(4)


def commended(row: int, day: float, revision: int = 1) -> Commendation:
    """Return a commendation of an agent that began on a day of the period."""
    ground = Ground(
        pattern=PatternName("unused_account"),
        window="30d",
        outcome="not used",
        since="2025-01-01",
        matured=120,
        observed=1,
        expected=9.0,
        peers="peers",
        probability=0.8,
        best_share=0.02,
        rate_ratio=0.4,
        rate_ratio_low=0.3,
        rate_ratio_high=0.6,
        between_agent_sd=0.25,
        tempering=1.0,
    )
    began = CENTRE.begins_at + timedelta(days=day)
    return Commendation(
        commendation_id=f"{row} {day}",
        revision=revision,
        status="open" if revision == 1 else "ended",
        agent_id=AgentId(f"agent-{row + 1:04d}"),
        opened_at=began,
        updated_at=began,
        summary="",
        value=21.0,
        threshold=20.0,
        grounds=(ground, structs.replace(ground, matured=150)),
        config_hash="0" * 16,
    )


def test_commendations_are_set_beside_who_is_better() -> None:
    told = [
        commended(KEPT, 50),
        commended(KEPT, 50, revision=2),  # its end is none
        commended(NEITHER, 60),
        commended(NEITHER, 90),
    ]
    measured = measure(told, people(), {}, CENTRE.days, CENTRE.begins_at)
    assert measured.told == {"neither": 2, "one": 1, "both": 0}
    assert measured.squares == {"neither": 4, "one": 1, "both": 0}
    assert sum(measured.years.values()) == pytest.approx(CENTRE.agents * CENTRE.days / 365)
    only = structs.replace(CENTRE, agents=4)
    four = replace(people(), nobody=only.agents)
    years = measure([], four, {}, CENTRE.days, CENTRE.begins_at).years
    assert years == pytest.approx({by: n * 100 / 365 for by, n in zip(BY, (1, 2, 1), strict=True)})


def test_who_is_truly_better_counts_apart_with_the_first_that_was_told_of_them() -> None:
    told = [commended(USED, 50), commended(USED, 70)]
    better = {USED: "half", BOTH: "half"}
    measured = measure(told, people(), better, CENTRE.days, CENTRE.begins_at)
    assert measured.soon == {"half": [Soon(), Soon(50.0, 150)]}
    assert not any(measured.told.values())


def test_who_is_made_better_is_so_by_both_patterns_and_stays() -> None:
    drawn, _ = centre_of(CENTRE)
    changed, better = with_better(drawn, 3)
    assert sorted(better) == list(range(6))
    assert [*better.values()].count("half") == 3
    for row, kind in better.items():
        assert changed.cancellation_offset[row] == log(FACTORS[kind]) == changed.unused_offset[row]
        assert (changed.first_day[row], changed.last_day[row] > CENTRE.days) == (0, True)
    for column in ("cancellation_offset", "unused_offset", "first_day", "last_day", "volume"):
        assert np.array_equal(getattr(changed, column)[6:], getattr(drawn, column)[6:])
    same, nobody = with_better(drawn, 0)
    assert nobody == {}
    assert np.array_equal(same.unused_offset, drawn.unused_offset)


def test_a_small_run_goes_through() -> None:
    measured = run(structs.replace(WORLDS["differ"], agents=6, days=5, better=1), 0)
    assert measured.soon == {"half": [Soon()], "a third": [Soon()]}
    assert 0 < sum(measured.years.values()) <= 4 * 5 / 365


def without_chance(tempered: Tempered, between_agent_sd: float, share: float) -> Standing:
    """Say that who has fewer bad outcomes is among the best, whatever chance may have done."""
    found = standing(tempered, between_agent_sd, share)
    return found._replace(probability=1.0, e_value=1.0 / share)


def test_who_is_commended_by_chance_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """Agents who are all alike: nobody is commended, unless chance is taken for merit."""
    small = structs.replace(WORLDS["alike"], agents=40, days=130)
    assert not any(run(small, 0).told.values())
    monkeypatch.setattr("detectors.agents.commending.standing", without_chance)
    monkeypatch.setattr(
        "detectors.agents.commending.e_values",
        lambda outcomes, _, share: np.full(outcomes.bad.shape, 1.0 / share),
    )
    broken = run(small, 0)
    assert broken.told["neither"] > 0
    text = section({"alike": small}, {"alike": broken}, 60.0)
    assert "| **not kept** |" in text


def results(told: float) -> dict[str, Measured]:
    """Return what was measured in each world, in which so many were commended falsely."""
    return {
        name: Measured(
            dict.fromkeys(BY, 100.0),
            dict.fromkeys(BY, 0.0) | {"neither": told},
            dict.fromkeys(BY, 0.0) | {"neither": told},
            {"half": [Soon(400.0, 900), Soon(300.0, 700), Soon(), Soon()]} if one.better else {},
        )
        for name, one in WORLDS.items()
    }


@pytest.mark.parametrize(
    ("told", "cells"),
    [
        (4, "300 | 13.3 ± 13.3 | 40.0 ± 40.0 | 0.0 ± 20.0 | 0.0 ± 20.0 | kept |"),
        (16, "300 | 53.3 ± 26.7 | 160.0 ± 80.0 | 0.0 ± 20.0 | 0.0 ± 20.0 | kept |"),
        (64, "300 | 213.3 ± 53.3 | 640.0 ± 160.0 | 0.0 ± 20.0 | 0.0 ± 20.0 | **not kept** |"),
        (0, "300 | 0.0 ± 6.7 | 0.0 ± 20.0 | 0.0 ± 20.0 | 0.0 ± 20.0 | kept |"),
    ],
)
def test_the_section_says_how_often_who_is_no_better_is_commended(told: int, cells: str) -> None:
    text = section(WORLDS, results(told), 600.0)
    assert f"| `alike` | {WORLDS['alike'].title} | {cells}" in text
    broken = {16: 1, 64: 5}  # fewer are allowed in one of them
    assert text.count("| **not kept** |") == broken.get(told, 0)
    joined = " ".join(text.split())
    said = f"{4 * told} in 400 agent-years of agents who are no better, {10 * told:.1f} per 1,000"
    assert f"{said}{'' if told else '; 95 % sure: at most 7.5'}." in joined
    assert max(map(len, text.splitlines())) <= 140


def test_the_section_says_how_soon_the_better_are_commended() -> None:
    text = section(WORLDS, results(0), 600.0)
    assert "| `differ` | half | 4 | 0.25 | 0.50 | 350 | 800 |" in text
    assert "| `busy` | half | 4 | 0.25 | - | 350 | 800 |" in text
    none = {name: structs.replace(one, soon={"half": [Soon()]}) for name, one in results(0).items()}
    assert "| `differ` | half | 1 | 0.00 | 0.00 | - | - |" in section(WORLDS, none, 600.0)
    assert Soon().days == inf
