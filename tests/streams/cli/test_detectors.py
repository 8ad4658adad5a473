"""`aboveboard detectors`: what can be named in settings, and whether a detector keeps the laws."""

from pathlib import Path

import pytest

from detectors.conformance.catalogue import LAWS
from detectors.profiles.numbers import NUMBERS
from tests.detectors.third_party.installed import FAR_OFF, installed
from tests.streams.small_centre import run

POINTS = {"far_off": "FarOff"}
SETTINGS = (
    '[profiles.far_sales]\nkind = "far_off"\nwatches = "own_sales"\nmemory = 0.2\nenabled = false\n'
)


def written(folder: Path, text: str = SETTINGS) -> Path:
    path = folder / "settings.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_what_settings_can_name_is_listed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with installed(tmp_path, "far_off_detector", FAR_OFF, POINTS):
        assert run("detectors", "--config", written(tmp_path)) == 0
    lines = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    assert (
        "far_off far_off_detector 1.2 How far a number is from where numbers have been lately."
        in lines
    )
    for name, number in NUMBERS.items():
        assert f"{name} {number.described}" in lines
    assert "volume_shift `shift` over `sales`" in lines
    assert "far_sales `far_off` over `own_sales` (not enabled)" in lines


def test_a_kind_and_a_profile_are_held_to_all_laws(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with installed(tmp_path, "far_off_detector", FAR_OFF, POINTS):
        assert run("detectors", "--check", "far_off") == 0
        said = capsys.readouterr().out
        assert "as FarOff(memory=0.05, far=5.0)" in said
        assert run("detectors", "--check", "far_sales", "--config", written(tmp_path)) in (0, 1)
        assert "as FarOff(memory=0.2, far=5.0)" in capsys.readouterr().out
    assert [line.split() for line in said.splitlines()[1:]] == [["kept", law] for law in LAWS]


def test_a_law_that_is_broken_is_told_with_its_remedy(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = FAR_OFF.replace('seal(self.config, "1", self.state)', "b'nothing'")
    assert broken != FAR_OFF
    with installed(tmp_path, "forgetful", broken, POINTS):
        assert run("detectors", "--check", "far_off") == 1
    said = capsys.readouterr().out
    assert "BROKEN  restart_is_invisible: it raised IncompatibleSnapshot" in said
    assert "remedy: put everything that a later score depends on into the snapshot" in said
    assert "kept    scores_before_it_has_learned" in said


def test_a_kind_of_no_use_is_listed_as_such(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with installed(tmp_path, "explosive", "raise RuntimeError('\x1b[31mbang')\n", {"boom": "Boom"}):
        assert run("detectors") == 1
    out = capsys.readouterr().out
    assert "cannot be used: the detector 'boom' of explosive 1.2" in out
    assert "\x1b" not in out


def test_what_cannot_be_checked_is_explained(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("detectors", "--check", "no_such") == 2
    assert "neither a profile (volume_shift, amount_shift) nor a kind of detector (shift)" in (
        capsys.readouterr().err
    )
    needy = FAR_OFF.replace("memory: float = 0.05", "memory: float").replace(
        "far: float = 5.0", "far: float"
    )
    with installed(tmp_path, "needy", needy, POINTS):
        assert run("detectors", "--check", "far_off") == 2
    assert "cannot be made without parameters" in capsys.readouterr().err
