"""Every kind of detector we have keeps every law, and so does the one of the documentation."""

import pytest

from detectors.conformance.catalogue import LAWS
from detectors.contract.detector import DetectorConfig
from detectors.profiles.kinds import BUILT_IN_KINDS
from detectors.profiles.shift import Shift
from tests.detectors.third_party.far_off import FarOff

EXAMPLES: list[DetectorConfig] = [Shift(), Shift(confidence=0.001, warm_up=60), FarOff()]
"""At least one of each kind."""


def test_every_kind_of_detector_has_an_example() -> None:
    assert {type(example) for example in EXAMPLES} >= set(BUILT_IN_KINDS.values())


@pytest.mark.parametrize("law", LAWS)
@pytest.mark.parametrize("config", EXAMPLES, ids=repr)
def test_it_keeps_the_law(config: DetectorConfig, law: str) -> None:
    LAWS[law](config)
