import re
from pathlib import Path

import numpy as np
import pytest
from msgspec import structs

from bench.yardstick.__main__ import PAGE, main
from bench.yardstick.running import PATTERN, run, run_with_trials, settings_of
from bench.yardstick.worlds import STANDARD, WORLDS, Bad, smaller


def test_one_pattern_alone_is_watched_and_teams_are_peers_where_there_are_teams() -> None:
    assert [p.name for p in settings_of(WORLDS[STANDARD]).patterns.enabled()] == [PATTERN]
    assert settings_of(WORLDS["teams"]).peers.cell == ("product", "team")


def test_every_sale_of_a_run_is_judged_once_with_an_expectation_near_its_rate() -> None:
    world = smaller(WORLDS["planted"], 40)
    honest = structs.replace(world, bad=Bad(), days=200)
    _, trials = run_with_trials(honest, 1)
    assert trials.bad.size == 40 * 3 * honest.days
    assert np.diff(trials.starts).tolist() == [3 * honest.days] * 40
    second_half = np.arange(trials.bad.size) % (3 * honest.days) > 300
    assert trials.expected[second_half].mean() == pytest.approx(0.05, abs=0.02)


def test_bad_agents_are_measured_and_the_others_are_honest() -> None:
    world = smaller(WORLDS["planted"], 40)
    measured, trials = run_with_trials(world, 1)
    assert set(measured.delays) == {15, 25, 40}
    assert measured.honest_agents == 40 - sum(measured.bad.values())
    assert (trials.percent > 0).sum() == sum(measured.bad.values())


def test_the_whole_in_small_writes_the_page_in_docs_with_other_figures(tmp_path: Path) -> None:
    page = tmp_path / "yardstick.md"
    main(["--agents", "12", "--runs", "1", "--page", str(page)])
    text = page.read_text(encoding="utf-8")
    for name in WORLDS:
        assert f"`{name}`" in text
    assert "nan" not in text
    assert words(text) == words(PAGE.read_text(encoding="utf-8"))


def words(page: str) -> list[str]:
    """Return the words outside the tables, every figure as a ``#``."""
    kept = (line for line in page.splitlines() if not line.startswith("|"))
    return re.sub(r"\d[\d.,]*\d|\d", "#", " ".join(kept)).split()


def test_a_run_with_the_same_seed_gives_the_same_measures() -> None:
    world = structs.replace(smaller(WORLDS["corrupt"], 20), days=100)
    assert run(world, 5) == run(world, 5)


def test_one_world_gives_a_line_and_no_page(capsys: pytest.CaptureFixture[str]) -> None:
    main(["season", "--agents", "10", "--runs", "2"])
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith("season: ")
    assert "false alarms per 1,000 agent-years" in line


def test_a_world_that_does_not_exist_is_refused() -> None:
    with pytest.raises(SystemExit):
        main(["elsewhere"])
