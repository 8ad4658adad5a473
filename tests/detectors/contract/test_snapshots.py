import msgspec
import pytest

from detectors.basis.errors import IncompatibleSnapshot
from detectors.contract.snapshots import seal, unseal
from detectors.profiles.rate import Rate
from detectors.profiles.shift import Shift


class Sums(msgspec.Struct):
    total: float


class Other(msgspec.Struct):
    name: str


def test_state_comes_back_as_it_was() -> None:
    assert unseal(seal(Rate(), "1", Sums(0.1)), Rate(), "1", Sums) == Sums(0.1)


@pytest.mark.parametrize(
    ("config", "form", "words"),
    [(Rate(threshold=5.0), "1", "of b'"), (Shift(), "1", "of b'"), (Rate(), "2", "of the form")],
)
def test_another_config_or_form_is_refused(config: Rate | Shift, form: str, words: str) -> None:
    snapshot = seal(Rate(), "1", Sums(0.1))
    with pytest.raises(IncompatibleSnapshot, match=words):
        unseal(snapshot, config, form, Sums)


def test_state_of_another_layout_is_refused() -> None:
    with pytest.raises(IncompatibleSnapshot, match="cannot be read"):
        unseal(seal(Rate(), "1", Sums(0.1)), Rate(), "1", Other)
