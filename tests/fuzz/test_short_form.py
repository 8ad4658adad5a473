"""The corpus and some thousand changes of it, as often as the tests run."""

from itertools import cycle, islice
from random import Random

import pytest

from detectors.basis.errors import InvalidEvent
from detectors.decoding import EventDecoder
from detectors.events.event import AnyEvent
from tests.fuzz.target import Target
from tests.fuzz.targets import TARGETS, event

CHANGES = 3_000


@pytest.mark.parametrize("target", TARGETS.values(), ids=TARGETS)
def test_every_input_of_the_corpus_is_read_or_refused(target: Target) -> None:
    names = []
    for name, data in target.corpus():
        target.run(data)
        names.append(name)
    assert names


@pytest.mark.parametrize("target", TARGETS.values(), ids=TARGETS)
def test_what_is_near_the_corpus_is_read_or_refused(target: Target) -> None:
    _fuzz(target, CHANGES)


class _CrashesOnSurrogates(EventDecoder):
    """Lets an error out that no caller expects."""

    def decode(self, record: bytes) -> AnyEvent:
        if b"\\ud800" in record:
            raise UnicodeEncodeError("utf-8", "\ud800", 0, 1, "surrogates not allowed")
        return super().decode(record)


class _RepairsWhatItRefuses(EventDecoder):
    """Tells of a refusal what was not sent."""

    def decode(self, record: bytes) -> AnyEvent:
        try:
            return super().decode(record)
        except InvalidEvent as error:
            raise InvalidEvent(error.reason, "\ud800") from None


@pytest.mark.parametrize("broken", [_CrashesOnSurrogates, _RepairsWhatItRefuses])
def test_a_broken_reader_is_found(
    monkeypatch: pytest.MonkeyPatch, broken: type[EventDecoder]
) -> None:
    monkeypatch.setattr(event, "_DECODERS", (broken(event.SETTINGS.limits),))
    with pytest.raises((UnicodeEncodeError, AssertionError)):
        _fuzz(event.TARGET, CHANGES)


def _fuzz(target: Target, changes: int) -> None:
    chance = Random(1)  # noqa: S311 - chance, not a secret
    inputs = [data for _, data in target.corpus()]
    for data in islice(cycle(inputs), changes):
        changed = data
        for _ in range(chance.randint(1, 3)):
            changed = target.mutate(changed, chance)
        target.run(changed)
