from math import inf, nan

import pytest

from detectors.basis.errors import InvalidObservation
from detectors.contract.observation import Observation


@pytest.mark.parametrize("number", [nan, inf, -inf])
def test_an_observation_refuses_what_is_not_finite_and_names_it(number: float) -> None:
    with pytest.raises(InvalidObservation, match="`at`"):
        Observation(number, (1.0,))
    with pytest.raises(InvalidObservation, match=r"`values\[1\]`"):
        Observation(0.0, (1.0, number))


def test_an_observation_holds_at_least_one_number() -> None:
    with pytest.raises(InvalidObservation, match="at least one"):
        Observation(0.0, ())


def test_values_are_given_to_those_who_expect_as_many() -> None:
    x = Observation(0.0, (1.0, 2.0))
    assert x.of_width(2) == (1.0, 2.0)
    with pytest.raises(InvalidObservation, match="hold 3 numbers, not 2"):
        x.of_width(3)
