"""A detector of somebody else within the pipeline: one log of events, one log of alerts."""

from collections.abc import Sequence
from random import Random

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.agents.stage import Agents
from detectors.basis.errors import IncompatibleSnapshot
from detectors.events.event import AnyEvent
from detectors.pipeline import Pipeline
from detectors.profiles.profile import Profile
from detectors.settings import Settings
from tests.detectors.agents.profiles.broken_profiles import Broken, forget_what_is_shared
from tests.detectors.refutation import refuted
from tests.detectors.third_party.far_off import FarOff
from tests.detectors.worlds import END, SETTINGS, crowd, orders


def watching(*profiles: Profile) -> Settings:
    named = {f"profile_{number}": profile for number, profile in enumerate(profiles)}
    return msgspec.structs.replace(SETTINGS, profiles=named)


BOLD = watching(
    Profile(watches="sales", detector=FarOff(memory=0.2, far=0.5)),
    Profile(watches="amounts", detector=FarOff(memory=0.2, far=0.5)),
    Profile(watches="own_sales", detector=FarOff(memory=0.2, far=0.5)),
)
"""So many alarms that a few weeks are enough for some."""


def busy(random: Random) -> list[AnyEvent]:
    return crowd(random, number=300)


BUSY = st.randoms(use_true_random=True).map(busy)


def log_of(
    settings: Settings, events: Sequence[AnyEvent], cut_after: frozenset[int] = frozenset()
) -> list[bytes]:
    """Return the log; the pipeline is saved and replaced on the way."""
    pipeline = Pipeline(settings)
    log = []
    for number, event in enumerate(events):
        pipeline.apply(event)
        if number in cut_after:
            log += pipeline.alerts()
            saved = pipeline.snapshot()
            pipeline = Pipeline(settings)
            pipeline.restore(saved)
    log += pipeline.alerts()
    pipeline.advance(END)
    log += pipeline.alerts()
    return [msgspec.json.encode(alert) for alert in log]


def test_there_are_alerts_of_it() -> None:
    log = b"".join(log_of(BOLD, busy(Random(1))))  # noqa: S311 - a world, not a secret
    assert b'"pattern":"profile_0"' in log
    assert b'"pattern":"profile_2"' in log
    assert b"looked unusual to the detector `far_off`" in log


def law_of_the_log(subject: Settings, data: st.DataObject) -> None:
    forget_what_is_shared()
    events = data.draw(BUSY)
    cuts = data.draw(st.frozensets(st.integers(0, len(events) - 1), max_size=8))
    arrived = data.draw(orders(events))
    assert log_of(subject, arrived, cuts) == log_of(subject, events)


@settings(max_examples=5)
@given(data=st.data())
def test_order_and_restarts_change_no_byte(data: st.DataObject) -> None:
    law_of_the_log(BOLD, data)


@pytest.mark.parametrize("how", ["Forgetful", "Sharing", "Counting"])
def test_that_law_catches_a_detector_that_breaks_the_contract(how: str) -> None:
    broken = Broken(how=how, memory=0.2, far=0.5)
    assert refuted(law_of_the_log, watching(Profile(watches="sales", detector=broken)), examples=20)


def test_the_state_of_another_detector_is_refused() -> None:
    other = watching(Profile(watches="sales", detector=FarOff(memory=0.1)))
    with pytest.raises(IncompatibleSnapshot):
        Agents(other).restore(Agents(BOLD).snapshot())
