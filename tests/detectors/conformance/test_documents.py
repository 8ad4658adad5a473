"""The page about detectors: its example can be plugged in and keeps the laws, and it names all."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from detectors.basis.identifiers import PatternName
from detectors.conformance.catalogue import LAWS
from detectors.profiles.kinds import BUILT_IN_KINDS
from detectors.profiles.numbers import NUMBERS
from streams.files.settings import settings_from
from tests.detectors.third_party.installed import FAR_OFF, installed
from tests.streams.small_centre import run

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs/detectors.md").read_text(encoding="utf-8")

DETECTOR, TEST = re.findall(r"```python\n(.*?)```", PAGE, flags=re.DOTALL)
PYPROJECT, SETTINGS = re.findall(r"```toml\n(.*?)```", PAGE, flags=re.DOTALL)


def test_the_detector_of_the_page_is_the_one_that_the_laws_of_the_whole_are_asked_of() -> None:
    assert DETECTOR == FAR_OFF
    assert len([line for line in DETECTOR.splitlines() if line]) <= 46


def test_it_keeps_every_law_as_the_page_runs_them(tmp_path: Path) -> None:
    (tmp_path / "test_far_off.py").write_text(DETECTOR + TEST, encoding="utf-8")
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", tmp_path],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert f"{len(LAWS)} passed" in run.stdout, run.stdout + run.stderr


def test_it_is_plugged_in_as_the_page_says(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    points = tomllib.loads(PYPROJECT)["project"]["entry-points"]["aboveboard.detectors"]
    config = tmp_path / "settings.toml"
    config.write_text(SETTINGS, encoding="utf-8")
    named = {kind: place.partition(":")[2] for kind, place in points.items()}
    with installed(tmp_path, "far_off_detector", DETECTOR, named):
        assert points == {"far_off": "far_off_detector:FarOff"}
        assert settings_from(config).profiles[PatternName("far_sales")].kind == "far_off"
        for command in re.findall(r"aboveboard (detectors[^`\n]*)", PAGE):
            words = [str(config) if word == config.name else word for word in command.split()]
            assert run(*words) == 0, command
    assert "BROKEN" not in capsys.readouterr().out


def test_the_page_names_every_law_every_kind_and_every_number() -> None:
    told = set(re.findall(r"^\| `(\w+)` \|", PAGE, flags=re.MULTILINE))
    assert told == LAWS.keys() | BUILT_IN_KINDS.keys() | NUMBERS.keys() | {"watches"}
