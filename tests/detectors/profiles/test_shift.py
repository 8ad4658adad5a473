"""The shift behind the contract: what ADWIN tells, told once."""

from statistics import median

import pytest
from river.drift import ADWIN

from detectors.basis.errors import IncompatibleSnapshot
from detectors.conformance.streams import Chance
from detectors.contract.observation import STRANGE, Observation
from detectors.profiles import shift_detector
from detectors.profiles.shift import Shift

DAY = 86_400.0


def test_the_state_of_another_river_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    snapshot = Shift().build().snapshot()
    monkeypatch.setattr(shift_detector, "FORM", "river 99")
    with pytest.raises(IncompatibleSnapshot, match="form"):
        Shift().build(snapshot)


def test_the_first_shift_is_the_one_that_adwin_tells() -> None:
    chance = Chance(3)
    values = [chance.normal() + (0.0 if place < 200 else 1.5) for place in range(300)]
    centre = median(values[:30])
    scale = 1.4826 * median(abs(value - centre) for value in values[:30])
    adwin = ADWIN(delta=0.01, clock=1)  # type: ignore[no-untyped-call]  # river declares no types
    detector = Shift().build()
    theirs, ours = [], []
    for place, value in enumerate(values):
        standard = min(max((value - centre) / scale, -4.0), 4.0)
        adwin.update(standard)  # type: ignore[no-untyped-call]  # as above
        x = Observation(place * DAY, (value,))
        theirs += [place] * adwin.drift_detected
        ours += [place] * (detector.score_one(x).value >= STRANGE)
        detector.learn_one(x)
    assert ours[0] == theirs[0] >= 200


def test_a_shift_within_the_warm_up_is_not_told_but_its_end_is() -> None:
    detector = Shift(confidence=0.2, warm_up=60).build()
    told = []
    for day in range(120):
        x = Observation(day * DAY, (float(day // 30 % 2 * 100 + day % 3),))
        if detector.score_one(x).value >= STRANGE:
            told.append(day)
        detector.learn_one(x)
    assert told
    assert told[0] >= 60


def test_a_shift_is_told_once_and_the_next_one_again() -> None:
    detector = Shift().build()
    told = []
    for day in range(300):
        level = (10.0, 20.0, 5.0)[day // 100]
        x = Observation(day * DAY, (level + day % 3,))
        if detector.score_one(x).value >= STRANGE:
            told.append(day)
        detector.learn_one(x)
    assert len(told) == 2
    assert 100 <= told[0] < 120
    assert 200 <= told[1] < 220
