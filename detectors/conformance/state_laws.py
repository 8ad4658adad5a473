"""Laws of state: what a snapshot holds, who may read it, and how large it grows."""

from collections.abc import Iterator
from typing import Final

import msgspec
from msgspec import Struct

from detectors.basis.errors import IncompatibleSnapshot
from detectors.conformance.law import law
from detectors.conformance.streams import Chance, changed, hostile, ordinary
from detectors.contract.claim import Claim
from detectors.contract.detector import DetectorConfig
from detectors.contract.observation import Observation
from detectors.contract.snapshots import seal

EARLY: Final = 1_000
LATE: Final = 5_000
GROWTH: Final = 1.25
"""How much larger a snapshot may be after `LATE` observations than after `EARLY`."""

BRIEF: Final = 60
FLIPPED: Final = 32
"""Places at which one bit of a snapshot is turned over."""


class Stranger(Struct, frozen=True, tag="nobody's"):
    """A config that no detector has."""


@law("keep state in the instance, never in the class, the module or a default argument")
def instances_share_nothing(config: DetectorConfig) -> Iterator[str]:
    """Score as if no other detector of the config were there."""
    claim = config.claim()
    stream = _with_a_change(claim)
    alone = config.build()
    expected = []
    for x in stream:
        expected.append(alone.score_one(x))
        alone.learn_one(x)
    disturbing, disturbed = config.build(), config.build()
    noise = [*hostile(claim, BRIEF), *changed(claim, len(stream))]
    for place, (x, other) in enumerate(zip(stream, noise, strict=False)):
        disturbing.score_one(other)
        disturbing.learn_one(other)
        score = disturbed.score_one(x)
        disturbed.learn_one(x)
        if score != expected[place]:
            yield f"observation {place} scored {score} beside another, {expected[place]} alone"


@law("put everything that a later score depends on into the snapshot")
def restart_is_invisible(config: DetectorConfig) -> Iterator[str]:
    """Score the same after a restart at any observation, and save the same state."""
    straight, restarted = config.build(), config.build()
    stream = _with_a_change(config.claim())
    for place, x in enumerate(stream):
        if place < BRIEF or len(stream) - place < 2 * BRIEF or place % 7 == 0:
            restarted = config.build(restarted.snapshot())
        expected, score = straight.score_one(x), restarted.score_one(x)
        if score != expected:
            yield f"observation {place} scored {score} after a restart, {expected} without"
        straight.learn_one(x)
        restarted.learn_one(x)
    if straight.snapshot() != restarted.snapshot():
        yield "the snapshots with and without restarts differ at the end"


@law("write with contract.snapshots.seal, read with unseal, let no other error out")
def foreign_snapshot_is_refused(config: DetectorConfig) -> Iterator[str]:
    """Raise IncompatibleSnapshot for every snapshot but its own, whole."""
    detector = config.build()
    for x in ordinary(config.claim(), BRIEF):
        detector.learn_one(x)
    for what, snapshot in _foreign(detector.snapshot()):
        try:
            config.build(snapshot)
        except IncompatibleSnapshot:
            continue
        yield f"it was built from {what}"


@law("keep sums, not observations; bound every list")
def state_is_bounded(config: DetectorConfig) -> Iterator[str]:
    """Grow by at most a quarter from a thousand observations to five thousand."""
    detector = config.build()
    stream = ordinary(config.claim(), LATE)
    for x in stream[:EARLY]:
        detector.learn_one(x)
    early = len(detector.snapshot())
    for x in stream[EARLY:]:
        detector.learn_one(x)
    late = len(detector.snapshot())
    if late > GROWTH * early:
        yield f"{early} bytes after {EARLY} observations, {late} after {LATE}"


@law("make it a frozen Struct with a tag and forbid_unknown_fields, all of it plain data")
def config_is_data(config: DetectorConfig) -> Iterator[str]:
    """Be what is read back after the config is written, and refuse a misspelt field."""
    if isinstance(config, Struct) and config.__struct_config__.frozen:
        yield from _faults_of_data(config)
    else:
        yield "it is not a frozen Struct"


def _faults_of_data(config: Struct) -> Iterator[str]:
    if config.__struct_config__.tag is None:
        yield "it has no tag, so no reader can tell it from other configs"
    table = msgspec.to_builtins(config)
    if msgspec.convert(table, type(config)) != config:
        yield f"{table} does not read as what was written"
    try:
        msgspec.convert({**table, "no_such_field": 1}, type(config))
    except msgspec.ValidationError:
        return
    yield "it takes a field that it does not know"


def _with_a_change(claim: Claim) -> list[Observation]:
    warm = claim.ready_after + BRIEF
    return [*ordinary(claim, warm), *changed(claim, 2 * BRIEF, first=warm)]


def _foreign(own: bytes) -> Iterator[tuple[str, bytes]]:
    yield "no bytes", b""
    yield "a single zero", b"\0"
    chance = Chance(len(own))
    yield "noise", bytes(int(256.0 * chance.uniform()) for _ in range(200))
    yield "a stranger's snapshot", seal(Stranger(), "stranger 1", {"mean": 0.0})
    yield "half of its own", own[: len(own) // 2]
    yield "its own and one byte more", own + b"\0"
    for number in range(FLIPPED):
        place = number * len(own) // FLIPPED
        turned = own[place] ^ (1 << number % 8)
        yield f"its own with byte {place} damaged", own[:place] + bytes([turned]) + own[place + 1 :]
