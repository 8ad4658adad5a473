"""The whole catalogue in simulated centres: what is counted, and what the section says of it."""

from datetime import timedelta
from math import inf

import numpy as np
import pytest
from msgspec import structs

from bench.yardstick.catalogue.__main__ import PAGE
from bench.yardstick.catalogue.measuring import Measured, measure
from bench.yardstick.catalogue.section import section
from bench.yardstick.catalogue.worlds import CONFIG, WORLDS, at_rate, run, sources_of
from bench.yardstick.sections import CATALOGUE, GOOD_SALES, kept_section, replaced
from detectors.alerts.alert import Alert, Subject
from detectors.basis.identifiers import AgentId, PatternName
from streams.files.settings import settings_from
from streams.simulation.centre import centre_of, simulate
from streams.simulation.people import People
from streams.simulation.planted import FORMS
from streams.simulation.settings import SimulationSettings
from tests.detectors.agents.test_stage import tried

CENTRE = SimulationSettings(agents=96, days=100, seed=3, also_planted=tuple(sorted(FORMS)))
YEARS = 365.0


def people() -> People:
    return centre_of(CENTRE)[0]


def about(agent: str | None, pattern: str, day: float) -> Alert:
    """Return an alert that opened on a day of the period."""
    alert, *_ = tried(range(8, 12), 14).alerts
    assert agent is not None
    opened = CENTRE.begins_at + timedelta(days=day)
    return structs.replace(
        alert,
        subject=Subject("agent", agent),
        agent_id=AgentId(agent),
        pattern=PatternName(pattern),
        opened_at=opened,
        updated_at=opened,
    )


def test_alerts_are_set_beside_who_was_planted() -> None:
    centre = people()
    planted = {one.pattern: one for one in centre.planted if one.pattern == "denied_sale"}
    one = planted["denied_sale"]
    honest = sorted({*range(CENTRE.agents)} - {each.agent for each in centre.planted})
    told = [
        about(centre.ids[one.agent], "denied_sale", one.change_day + 9),
        about(centre.ids[one.agent], "no_need", one.change_day + 2),
        about(centre.ids[honest[0]], "no_need", 30),
        about(centre.ids[honest[0]], "quick_cancellation_early", 31),
        about(centre.ids[honest[0]], "burst", 31),
    ]
    sources = sources_of(settings_from(CONFIG))
    measured = measure(told, centre, CENTRE.days, sources, CENTRE.begins_at)
    assert sorted(measured.delays["denied_sale"]) == [9.0, inf]
    assert measured.delays["no_need"] == [inf, inf]  # another pattern of a bad agent is none of it
    assert measured.false == {
        ("no_need", False): 1,
        ("quick_cancellation", True): 1,
        ("burst", False): 1,
    }
    assert measured.squares == {False: 4, True: 1}
    assert 0 < measured.honest_years <= len(honest) * CENTRE.days / YEARS


def test_who_was_warned_of_before_is_left_out_and_what_comes_after_the_period_is_late() -> None:
    centre = people()
    first, second = (one for one in centre.planted if one.pattern == "no_need")
    told = [
        about(centre.ids[first.agent], "no_need", first.change_day - 1),
        about(centre.ids[second.agent], "no_need", CENTRE.days + 1),
    ]
    measured = measure(told, centre, CENTRE.days, {}, CENTRE.begins_at)
    assert measured.open_before == {"no_need": 1}
    assert measured.delays["no_need"] == [inf]


def test_everybody_planted_has_the_rate_that_is_asked_for_and_nobody_else() -> None:
    centre = people()
    changed = at_rate(centre, 0.25)
    for pattern, planting in centre.more.items():
        assert np.array_equal(changed.more[pattern].change_day, planting.change_day)
        assert np.array_equal(changed.more[pattern].rate > 0, planting.rate > 0)
        assert set(changed.more[pattern].rate.tolist()) == {0.0, 0.25}
    assert np.array_equal(changed.unused_rate > 0, centre.unused_rate > 0)
    assert np.array_equal(changed.cancellation_change > 0, centre.cancellation_change > 0)
    small = structs.replace(CENTRE, days=3)
    drawn = list(simulate(small, people=centre_of(small)[0]))
    assert drawn == list(simulate(small))
    assert list(simulate(small, people=at_rate(centre_of(small)[0], 0.9))) != drawn


def test_a_small_run_goes_through() -> None:
    measured = run(structs.replace(WORLDS["nobody"], agents=6, days=5), 0)
    assert 0 < measured.honest_years <= 6 * 5 / YEARS
    assert measured.delays == {}


def results(found: float) -> dict[str, Measured]:
    return {
        name: Measured(honest_years=100.0, delays={"no_need": [20.0, found]}) for name in WORLDS
    }


@pytest.mark.parametrize(("found", "verdict"), [(30.0, "kept"), (inf, "**not kept**")])
def test_the_section_says_what_was_found(found: float, verdict: str) -> None:
    text = section(WORLDS, results(found), 600.0)
    said = "2 of 2, 25 d" if found < inf else "1 of 2, 20 d"
    assert f"| `no_need` | {said} | {said} | {said} | 0 |" in text
    assert text.count(verdict) >= 1
    assert f"| {verdict} |" in next(line for line in text.splitlines() if "in their own" in line)
    assert max(map(len, (line for line in text.splitlines() if line[0:1] != "|"))) <= 140


def test_worlds_that_were_not_measured_are_not_told_of() -> None:
    some = {name: WORLDS[name] for name in ("25 %", "40 %")}
    text = section(some, {name: results(30.0)[name] for name in some}, 600.0)
    assert "| pattern | found, 25 % | found, 40 % | false alarms |" in text
    assert "in their own form" not in text
    assert "Not measured: *its own*, *nobody*." in " ".join(text.split())
    assert "in 200 agent-years" in text


def test_a_pattern_that_is_younger_than_the_results_is_named_and_not_taken_for_found() -> None:
    text = section(WORLDS, results(30.0), 600.0)
    assert "| all 1 | 1 | kept |" in text
    younger = " ".join(text.split()).split("younger than these runs: ")[1].split(". ")[0]
    assert younger == ", ".join(sorted(f"`{name}`" for name in FORMS.keys() - {"no_need"}))


@pytest.mark.parametrize("heading", [CATALOGUE, GOOD_SALES])
def test_it_takes_the_place_of_the_section_that_stands_and_of_nothing_else(heading: str) -> None:
    page = PAGE.read_text(encoding="utf-8")
    text = f"{heading}\n\nnew"
    changed = replaced(page, heading, text)
    assert changed.count(heading) == 1
    assert text in changed
    assert replaced(changed, heading, kept_section(page, heading)) == page


def test_a_page_without_the_section_is_refused() -> None:
    with pytest.raises(ValueError, match="no section '## Good sales'"):
        replaced("# Page\n", GOOD_SALES, "")
