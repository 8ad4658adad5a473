"""`[profiles.NAME]`: which detector watches which number, or a sentence about why not."""

import tomllib
from typing import Any

import pytest
from msgspec import Struct

from detectors.basis.errors import InvalidSettings
from detectors.basis.identifiers import PatternName
from detectors.contract.claim import Claim, Levels
from detectors.profiles.kinds import BUILT_IN_KINDS, Kinds, kind_of
from detectors.profiles.profile import Profile, default_profiles
from detectors.profiles.shift import Shift
from detectors.settings import Settings, read_settings
from tests.detectors.third_party.far_off import FarOff, FarOffDetector


class Pair(Struct, frozen=True, tag_field="kind", tag="pair"):
    """Looks at two numbers at once."""

    def build(self, snapshot: bytes | None = None) -> FarOffDetector:
        return FarOffDetector(FarOff(), snapshot)

    def claim(self) -> Claim:
        both = Levels((0.0, 0.0), (1.0, 1.0))
        return Claim(ordinary=both, changed=both, ready_after=1, seen_within=1)


KINDS: Kinds = {**BUILT_IN_KINDS, "far_off": FarOff, "pair": Pair}

FAR = '[profiles.far_sales]\nkind = "far_off"\nwatches = "own_sales"\n'


def read(text: str) -> Settings:
    return read_settings(tomllib.loads(text), KINDS)


def test_without_a_word_there_are_the_two_shifts() -> None:
    assert read("").profiles == default_profiles() == Settings().profiles
    shifts = [(one.kind, one.watches, one.enabled) for one in Settings().profiles.values()]
    assert shifts == [("shift", "sales", True), ("shift", "amounts", True)]


def test_a_profile_of_ones_own_stands_beside_them() -> None:
    profiles = read(FAR + "memory = 0.2\nfar = 3\n").profiles
    assert [*profiles] == ["volume_shift", "amount_shift", "far_sales"]
    expected = FarOff(memory=0.2, far=3.0)
    assert profiles[PatternName("far_sales")] == Profile(watches="own_sales", detector=expected)
    assert profiles[PatternName("far_sales")].kind == kind_of(FarOff) == "far_off"


def test_what_is_not_said_of_a_default_profile_stays() -> None:
    profiles = read("[profiles]\nvolume_shift.enabled = false\namount_shift.warm_up = 40").profiles
    assert profiles[PatternName("volume_shift")] == Profile(
        watches="sales", detector=Shift(smallest_scale=0.05), enabled=False
    )
    assert profiles[PatternName("amount_shift")].detector == Shift(smallest_scale=0.01, warm_up=40)


def test_another_kind_has_its_own_defaults() -> None:
    profile = read('[profiles.volume_shift]\nkind = "far_off"').profiles[
        PatternName("volume_shift")
    ]
    assert profile == Profile(watches="sales", detector=FarOff())


def test_the_order_in_the_file_changes_nothing() -> None:
    other = '[profiles.another]\nkind = "shift"\nwatches = "amounts"\n'
    both, turned = read(FAR + other), read(other + FAR)
    assert [*both.profiles] == [*turned.profiles]
    assert both.config_hash == turned.config_hash


@pytest.mark.parametrize("line", ["", "memory = 0.2", 'watches = "sales"'])
def test_every_word_of_it_is_in_the_id_of_the_settings(line: str) -> None:
    lines = FAR if "watches" not in line else FAR.replace('watches = "own_sales"\n', "")
    ids = {read(text).config_hash for text in ("", FAR + "far = 4.0", f"{lines}{line}\n")}
    assert len(ids) == 3


def test_the_kind_is_in_the_id_of_the_settings_and_a_profile_that_is_off_is_not() -> None:
    class Twin(FarOff, frozen=True, tag_field="kind", tag="twin"):
        """Another kind, with the parameters of the first."""

    twin = tomllib.loads(FAR.replace("far_off", "twin"))
    assert read_settings(twin, {**KINDS, "twin": Twin}).config_hash != read(FAR).config_hash
    assert read(f"{FAR}enabled = false\n").config_hash == read("").config_hash


@pytest.mark.parametrize(
    ("text", "complaints"),
    [
        ("profiles = 3", ["`profiles` must be a table"]),
        ("[profiles]\nmine = 3", ["`profiles.mine` must be a table"]),
        ("[profiles.mine]\nwatches = 'sales'", ["`profiles.mine.kind` must be given", "`far_off`"]),
        ("[profiles.mine]\nkind = 'shift'", ["`profiles.mine.watches` must be given", "`amounts`"]),
        ("[profiles.mine]\nkind = 3", ["`profiles.mine.kind` must be a string"]),
        ("[profiles.volume_shift]\nenabled = 1", ["`profiles.volume_shift.enabled` must be true"]),
        (
            "[profiles.mine]\nkind = 'shfit'\nwatches = 'sales'",
            ["`profiles.mine.kind`", "'shfit'", "the nearest is `shift`", "`far_off`, `pair`"],
        ),
        (
            "[profiles.mine]\nkind = 'shift'\nwatches = 'amount'",
            ["`profiles.mine.watches`", "`amounts`", "`amounts`, `own_sales`, `sales`"],
        ),
        (
            f"{FAR}memry = 1",
            ["`profiles.far_sales.memry` is not a setting", "`profiles.far_sales.memory`"],
        ),
        (f"{FAR}memory = 'long'", ["`profiles.far_sales.memory`", "detector `far_off`"]),
        ("[profiles.volume_shift]\nwarm_up = 1", ["`profiles.volume_shift.warm_up`", ">= 5"]),
        (
            "[profiles.mine]\nkind = 'pair'\nwatches = 'sales'",
            ["'pair' looks at 2 numbers at once", "a profile watches one"],
        ),
        ("[profiles.burst]", ["`profiles.burst` has the name of a pattern"]),
        ("[profiles.'My profile']", ["`profiles.My profile`", "begins with a letter"]),
        ("[profiles.sales_early]", ["does not end in '_early'"]),
        (f"[profiles.{'a' * 41}]", ["up to 40"]),
    ],
)
def test_what_cannot_be_obeyed_is_explained(text: str, complaints: list[str]) -> None:
    with pytest.raises(InvalidSettings) as refusal:
        read(text)
    for complaint in complaints:
        assert complaint in str(refusal.value)


def test_the_kinds_are_those_that_are_handed_in() -> None:
    table: dict[str, Any] = tomllib.loads(FAR)
    with pytest.raises(InvalidSettings, match="no kind of detector"):
        read_settings(table)
