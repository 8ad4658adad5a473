"""What grows is told, and what does not is not."""

import os
import random
from collections.abc import Callable

import msgspec
import pytest

from bench.soak.sampling import Held, Sample, held_by
from bench.soak.verdict import complaints, slope

ACCOUNTS = 1_000

Change = Callable[[Sample, float], Sample]


def steady(minutes: float = 20.0, noise: float = 20.0) -> list[Sample]:
    """Return samples of a worker that stays as it is, every five seconds, with some noise."""
    chance = random.Random(3)  # noqa: S311 - a test that is the same every time
    return [
        Sample(
            at=at,
            held=Held(2_000.0 + chance.gauss(0.0, noise), 40, 30, 9, at),
            accounts=ACCOUNTS + chance.randrange(-5, 5),
            applied=20_000.0 * at,
            unjudged=chance.uniform(0.0, 9.0),
            waiting=chance.uniform(1_000, 40_000),
            uncommitted=int(chance.uniform(20_000, 100_000)),
            inner=int(chance.uniform(0, 2_000)),
        )
        for at in (5.0 * number for number in range(int(minutes * 12)))
    ]


def replace_held(sample: Sample, **changes: float) -> Sample:
    held = msgspec.structs.replace(sample.held, **changes)
    return msgspec.structs.replace(sample, held=held)


def test_a_steady_worker_passes() -> None:
    assert complaints(steady(), ACCOUNTS) == []


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda s, m: replace_held(s, resident=s.held.resident + 10.0 * m), "memory grows"),
        (lambda s, m: replace_held(s, files=s.held.files + int(m)), "files grow"),
        (lambda s, m: replace_held(s, sockets=s.held.sockets + int(m)), "sockets grow"),
        (lambda s, m: replace_held(s, threads=s.held.threads + int(m)), "threads grow"),
        (
            lambda s, m: msgspec.structs.replace(s, uncommitted=s.uncommitted + int(8_000 * m)),
            "the lag of events grows",
        ),
        (
            lambda s, m: msgspec.structs.replace(s, inner=s.inner + int(500 * m)),
            "the lag of inner topics grows",
        ),
        (
            lambda s, m: msgspec.structs.replace(s, unjudged=s.unjudged + m),
            "the lag of judging in days grows",
        ),
        (lambda s, m: msgspec.structs.replace(s, applied=s.applied * (1 - m / 50)), "slows down"),
        (lambda s, _: msgspec.structs.replace(s, waiting=-1.0), "not at full load"),
        (lambda s, m: msgspec.structs.replace(s, accounts=s.accounts - 10 * m), "was not full"),
    ],
)
def test_what_grows_is_told(change: Change, told: str) -> None:
    samples = [change(sample, sample.at / 60.0) for sample in steady()]
    assert any(told in sentence for sentence in complaints(samples, ACCOUNTS))


def test_a_growth_too_small_to_matter_is_let_pass() -> None:
    samples = [replace_held(s, resident=2_000.0 + s.at / 60.0) for s in steady()]
    assert slope(samples, lambda s: s.held.resident).is_rising
    assert complaints(samples, ACCOUNTS) == []


def test_what_cannot_be_told_is_said() -> None:
    told = complaints(steady(minutes=5.0, noise=600.0), ACCOUNTS)
    assert any("cannot be told" in sentence for sentence in told)


def test_a_slope_is_that_of_the_line() -> None:
    samples = [replace_held(s, resident=100.0 + 3.0 * s.at / 60.0) for s in steady(10.0)]
    found = slope(samples, lambda s: s.held.resident)
    assert found.per_minute == pytest.approx(3.0)
    assert found.error == pytest.approx(0.0, abs=1e-9)


def test_the_error_covers_the_truth() -> None:
    """Of lines with noise, about one in twenty is further off than two standard errors."""
    misses = 0
    chance = random.Random(4)  # noqa: S311 - a test that is the same every time
    flat = steady()
    for _ in range(200):
        samples = [replace_held(s, resident=chance.gauss(2_000.0, 50.0)) for s in flat]
        found = slope(samples, lambda s: s.held.resident)
        misses += abs(found.per_minute) > 2.0 * found.error
    assert 2 <= misses <= 22


def test_too_few_samples_are_refused() -> None:
    with pytest.raises(ValueError, match="too few"):
        slope(steady(minutes=1.0), lambda s: s.held.resident)


def test_a_process_can_be_looked_at() -> None:
    held = held_by(os.getpid())
    assert held.resident > 10
    assert held.threads >= 1
    assert held.files >= 1
    assert held.cpu > 0
