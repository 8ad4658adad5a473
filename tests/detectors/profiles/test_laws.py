"""Every kind of detector we have keeps every law."""

from typing import get_args

import pytest

from detectors.conformance.catalogue import LAWS
from detectors.profiles.any_config import AnyConfig
from detectors.profiles.rate import Rate
from detectors.profiles.shift import Shift

EXAMPLES: list[AnyConfig] = [
    Rate(),
    Rate(probability=0.3, between_agent_sd=0.6, threshold=1_000.0),
    Shift(),
    Shift(confidence=0.001, warm_up=60),
]
"""At least one of each kind."""


def test_every_kind_of_detector_has_an_example() -> None:
    assert {type(example) for example in EXAMPLES} == set(get_args(AnyConfig))


@pytest.mark.parametrize("law", LAWS)
@pytest.mark.parametrize("config", EXAMPLES, ids=repr)
def test_it_keeps_the_law(config: AnyConfig, law: str) -> None:
    LAWS[law](config)
