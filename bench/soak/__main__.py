"""`make soak`: one worker at full load with a million open accounts stays as it is.

Usage: ``python -m bench.soak [--minutes M] [--accounts N] [--store STORE] [--report FILE]``
"""

import argparse
import signal
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import msgspec

from bench.soak.run import Outcome, Soak, SoakFailed
from bench.soak.sampling import Sample
from bench.soak.verdict import FEWEST_BLOCKS, Slope, complaints, rate, slope


def main(words: list[str]) -> int:
    """Soak, and print what was seen; 1 if anything grows that should not."""
    parser = argparse.ArgumentParser(prog="make soak")
    parser.add_argument("--minutes", type=float, default=20.0, help="once the state is full")
    parser.add_argument("--accounts", type=int, default=1_000_000)
    parser.add_argument("--store", choices=("memory", "rocksdb"), default="memory")
    parser.add_argument("--report", type=Path, metavar="FILE", help="write all samples as JSON")
    arguments = parser.parse_args(words)
    if arguments.minutes < FEWEST_BLOCKS + 1:
        parser.error(f"a slope needs at least {FEWEST_BLOCKS + 1} minutes")
    # Told to stop, leave nothing running: what was started ends as this function does.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    with tempfile.TemporaryDirectory(prefix="aboveboard-soak-") as folder:
        soak = Soak(arguments.accounts, arguments.minutes, arguments.store, Path(folder), _say)
        try:
            outcome = soak.run()
        except SoakFailed as reason:
            _say(f"RED: {reason}")
            return 1
        wrong = [*complaints(outcome.samples, arguments.accounts), *outcome.complaints()]
    _tell(outcome, arguments.accounts, wrong)
    if arguments.report is not None:
        arguments.report.write_bytes(msgspec.json.encode(outcome.samples) + b"\n")
    return 1 if wrong else 0


def _tell(outcome: Outcome, accounts: int, wrong: Sequence[str]) -> None:
    samples = outcome.samples
    minutes = (samples[-1].at - samples[0].at) / 60.0
    cpu = samples[-1].held.cpu - samples[0].held.cpu
    applied = samples[-1].applied - samples[0].applied
    _say(f"soak: {accounts:,} open accounts, full after {outcome.filled_after:.0f} s")
    _say(f"  then {minutes:.1f} min, {rate(samples):,.0f} events/s, {applied:,.0f} events")
    each = cpu / applied * 1e6
    _say(f"  CPU of the worker: {cpu / minutes / 60.0:.0%} of a core, {each:.1f} µs an event")
    _say(f"  memory in MB: {_slope(slope(samples, lambda s: s.held.resident))}")
    _say(f"  uncommitted records of events: {_slope(slope(samples, lambda s: s.uncommitted))}")
    _say(f"  uncommitted records between stages: {_slope(slope(samples, lambda s: s.inner))}")
    _say(f"  days not judged: {_slope(slope(samples, lambda s: s.unjudged))}")
    for what in ("files", "sockets", "threads"):
        _say(f"  {what}: {_range(samples, what)}")
    _say("GREEN: nothing grows" if not wrong else "RED:")
    for sentence in wrong:
        _say(f"  {sentence}")


def _slope(found: Slope) -> str:
    return f"mean {found.mean:,.0f}, slope {found.per_minute:+,.2f} ± {found.error:,.2f} a minute"


def _range(samples: Sequence[Sample], what: str) -> str:
    values = [getattr(sample.held, what) for sample in samples]
    return f"{min(values)} to {max(values)}, {values[0]} at first, {values[-1]} in the end"


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
