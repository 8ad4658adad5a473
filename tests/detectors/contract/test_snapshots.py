import msgspec
import pytest

from detectors.basis.errors import IncompatibleSnapshot
from detectors.contract.snapshots import seal, unseal
from detectors.profiles.shift import Shift
from tests.detectors.third_party.far_off import FarOff


class Sums(msgspec.Struct):
    total: float


class Other(msgspec.Struct):
    name: str


def test_state_comes_back_as_it_was() -> None:
    assert unseal(seal(Shift(), "1", Sums(0.1)), Shift(), "1", Sums) == Sums(0.1)


@pytest.mark.parametrize(
    ("config", "form", "words"),
    [(Shift(warm_up=60), "1", "of b'"), (FarOff(), "1", "of b'"), (Shift(), "2", "of the form")],
)
def test_another_config_or_form_is_refused(config: Shift | FarOff, form: str, words: str) -> None:
    snapshot = seal(Shift(), "1", Sums(0.1))
    with pytest.raises(IncompatibleSnapshot, match=words):
        unseal(snapshot, config, form, Sums)


def test_state_of_another_layout_is_refused() -> None:
    with pytest.raises(IncompatibleSnapshot, match="cannot be read"):
        unseal(seal(Shift(), "1", Sums(0.1)), Shift(), "1", Other)
