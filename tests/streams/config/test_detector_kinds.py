"""Kinds of detectors that installed packages bring: found, or refused with a sentence."""

from importlib.metadata import entry_points
from pathlib import Path

import pytest

from detectors.basis.errors import InvalidSettings
from detectors.basis.identifiers import PatternName
from detectors.profiles.kinds import BUILT_IN_KINDS
from detectors.profiles.shift import Shift
from streams.config.detector_kinds import GROUP, InstalledKinds
from streams.files.settings import settings_from
from tests.detectors.third_party.installed import FAR_OFF, installed, lay_out

SETTINGS = '[profiles.far_sales]\nkind = "far_off"\nwatches = "sales"\nmemory = 0.2\n'


def test_our_own_kinds_are_registered_as_those_of_others_are() -> None:
    ours = {
        point.name: point.load()
        for point in entry_points(group=GROUP)
        if point.dist is not None and point.dist.name == "aboveboard"
    }
    assert ours == BUILT_IN_KINDS
    assert dict(InstalledKinds()) == BUILT_IN_KINDS
    assert InstalledKinds().package("shift").startswith("aboveboard")


def test_a_package_brings_a_kind_that_settings_can_name(tmp_path: Path) -> None:
    config = tmp_path / "settings.toml"
    config.write_text(SETTINGS, encoding="utf-8")
    with installed(tmp_path, "far_off_detector", FAR_OFF, {"far_off": "FarOff"}):
        kinds = InstalledKinds()
        assert [*kinds] == ["far_off", "shift"]
        assert len(kinds) == 2
        assert kinds["far_off"].__module__ == "far_off_detector"
        assert kinds.package("far_off") == "far_off_detector 1.2"
        profile = settings_from(config).profiles[PatternName("far_sales")]
        assert isinstance(profile.detector, kinds["far_off"])
        assert repr(profile.detector) == "FarOff(memory=0.2, far=5.0)"
    with pytest.raises(InvalidSettings, match="'far_off' is no kind of detector"):
        settings_from(config)


def test_what_no_setting_names_is_not_imported(tmp_path: Path) -> None:
    config = tmp_path / "settings.toml"
    config.write_text("[profiles]\nvolume_shift.enabled = false\n", encoding="utf-8")
    module = "raise RuntimeError('must not be imported')\n"
    with installed(tmp_path, "explosive", module, {"boom": "Boom"}):
        assert not settings_from(config).profiles[PatternName("volume_shift")].enabled
        with pytest.raises(InvalidSettings, match=r"'boom' of explosive 1\.2 .*must not be imp"):
            InstalledKinds()["boom"]


CONFIGS = """
from msgspec import Struct

class NoStruct:
    pass

class Loose(Struct, tag="x"):
    pass

class Untagged(Struct, frozen=True):
    pass

class Other(Struct, frozen=True, tag="y"):
    pass

class NoVerbs(Struct, frozen=True, tag="x"):
    pass

class Taken(Struct, frozen=True, tag="x"):
    watches: str = ""
    def build(self, snapshot=None): ...
    def claim(self): ...
"""


@pytest.mark.parametrize(
    ("config", "complaint"),
    [
        ("Missing", "cannot be loaded"),
        ("NoStruct", "is not a msgspec Struct"),
        ("Loose", "is not frozen"),
        ("Untagged", "has the tag ''"),
        ("Other", "has the tag 'y', not the name of its entry point"),
        ("NoVerbs", "has no method `build`"),
        ("Taken", "has a parameter `watches`, which is a key of every profile"),
    ],
)
def test_what_is_no_config_of_a_detector_is_refused(
    config: str, complaint: str, tmp_path: Path
) -> None:
    with (
        installed(tmp_path, "odd", CONFIGS, {"x": config}),
        pytest.raises(InvalidSettings, match=rf"'x' of odd 1\.2 \(odd:{config}\)") as refusal,
    ):
        InstalledKinds()["x"]
    assert complaint in str(refusal.value)


def test_two_packages_cannot_bring_one_kind(tmp_path: Path) -> None:
    lay_out(tmp_path, "twin", FAR_OFF, {"far_off": "FarOff"})
    points = {"far_off": "FarOff", "shift": "FarOff"}
    with installed(tmp_path, "far_off_detector", FAR_OFF, points):
        kinds = InstalledKinds()
        with pytest.raises(InvalidSettings, match=r"far_off_detector 1\.2 and twin 1\.2: uninst"):
            kinds["far_off"]
        with pytest.raises(InvalidSettings, match=r"'shift' is brought by aboveboard .* and far_o"):
            kinds["shift"]


def test_a_kind_that_nobody_brings_is_a_missing_key() -> None:
    kinds = InstalledKinds()
    assert kinds["shift"] is Shift
    assert "far_off" not in kinds
    with pytest.raises(KeyError):
        kinds["far_off"]
