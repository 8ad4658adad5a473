"""Every law bites, and a sound detector keeps them all."""

import pytest

from detectors.basis.errors import LawBroken
from detectors.conformance.catalogue import LAWS, check
from detectors.conformance.streams import Chance
from detectors.contract.detector import DetectorConfig
from tests.detectors.conformance.broken import BROKEN, SOUND


def name_of(parameter: object) -> str:
    return (
        parameter
        if isinstance(parameter, str)
        else getattr(parameter, "how", type(parameter).__name__)
    )


def test_a_sound_detector_keeps_all_laws() -> None:
    check(SOUND)


def test_every_law_has_a_detector_that_breaks_it() -> None:
    assert {law for law, _ in BROKEN} == LAWS.keys()


@pytest.mark.parametrize(("law", "config"), BROKEN, ids=name_of)
def test_a_law_catches_the_detector_that_breaks_it(law: str, config: DetectorConfig) -> None:
    with pytest.raises(LawBroken) as caught:
        LAWS[law](config)
    assert caught.value.law == law
    assert caught.value.detector == type(config).__name__
    assert caught.value.place
    assert caught.value.remedy in str(caught.value)


def test_a_check_names_the_first_law_that_is_broken() -> None:
    with pytest.raises(LawBroken):
        check(dict(BROKEN)["sees_what_it_claims"])


def test_the_streams_of_the_laws_are_the_same_everywhere() -> None:
    chance = Chance(1)
    assert chance.uniform() == 0.5665615751722809
    assert chance.normal() == pytest.approx(0.0, abs=5.0)


def test_uniform_numbers_are_uniform_and_normal_ones_normal() -> None:
    chance, number = Chance(7), 20_000
    uniform = [chance.uniform() for _ in range(number)]
    normal = [chance.normal() for _ in range(number)]
    assert sum(uniform) / number == pytest.approx(0.5, abs=0.01)
    assert sum(normal) / number == pytest.approx(0.0, abs=0.03)
    assert sum(value * value for value in normal) / number == pytest.approx(1.0, abs=0.05)
