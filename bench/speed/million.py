"""The law of replay on a million events: seven ways to read them, one log of alerts."""

import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Final

import msgspec
import numpy as np

from detectors.decoding import EventDecoder
from detectors.pipeline import Pipeline
from detectors.settings import Settings
from streams.simulation.settings import SimulationSettings
from streams.simulation.writing import write_simulation
from tests.streams.simulation.disturbance import duplicate, shuffle_within, timed

SETTINGS: Final = SimulationSettings(agents=600, days=365, seed=11)
LATENESS: Final = timedelta(hours=1)
PARTS: Final = 3
CUTS: Final = 5


def run() -> None:
    """Print the digest of the log for each way; raise SystemExit if two differ."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        events, truth = write_simulation(SETTINGS, folder)
        print(f"{sum(truth.events.values()):,} events")
        digests = {
            "time order": _detect(folder, [events]),
            "shuffled within 1 h": _detect(folder, [_shuffled(events)]),
            "5 % duplicates": _detect(folder, [_with_duplicates(events)]),
            "both": _detect(folder, [_shuffled(_with_duplicates(events))]),
            "split by turns": _detect(folder, _split_by_turns(events)),
            "split by period": _detect(folder, _split_by_period(events)),
            f"cut and restored {CUTS} times": _cut_and_restored(events),
        }
    for way, digest in digests.items():
        print(f"  {way:26} {digest}")
    if len(set(digests.values())) != 1:
        raise SystemExit("the logs differ")


def _detect(folder: Path, paths: list[Path]) -> str:
    log = folder / "alerts.jsonl"
    subprocess.run(
        [
            *(sys.executable, "-m", "streams", "detect", *map(str, paths)),
            *("--out", str(log), "--format", "json"),
        ],
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    return _digest(log.read_bytes().splitlines())


def _cut_and_restored(events: Path) -> str:
    settings = Settings()
    decode = EventDecoder(settings.limits).decode
    lines = events.read_bytes().splitlines()
    cuts = sorted(np.random.default_rng(5).choice(len(lines), CUTS, replace=False).tolist())
    pipeline = Pipeline(settings)
    log: list[bytes] = []
    for begin, end in zip([0, *cuts], [*cuts, len(lines)], strict=True):
        for line in lines[begin:end]:
            pipeline.apply(decode(line))
        log += [msgspec.json.encode(alert) for alert in pipeline.alerts()]
        snapshot = pipeline.snapshot()
        pipeline = Pipeline(settings)
        pipeline.restore(snapshot)
    return _digest(log)


def _digest(log: Iterable[bytes]) -> str:
    whole = sha256()
    number = 0
    for line in log:
        whole.update(line + b"\n")
        number += 1
    return f"{whole.hexdigest()[:16]} ({number:,} revisions)"


def _shuffled(events: Path) -> Path:
    return _written(
        events.with_suffix(".shuffled.jsonl"), shuffle_within(timed(_lines(events)), LATENESS, 1)
    )


def _with_duplicates(events: Path) -> Path:
    return _written(events.with_suffix(".doubled.jsonl"), duplicate(_lines(events), 0.05, 2))


def _split_by_turns(events: Path) -> list[Path]:
    lines = list(_lines(events))
    return [
        _written(events.with_suffix(f".turn{part}.jsonl"), lines[part::PARTS])
        for part in range(PARTS)
    ]


def _split_by_period(events: Path) -> list[Path]:
    lines = list(_lines(events))
    size = len(lines) // PARTS + 1
    parts = [
        _written(events.with_suffix(f".period{part}.jsonl"), lines[part * size : (part + 1) * size])
        for part in range(PARTS)
    ]
    return parts[::-1]


def _lines(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        for line in file:
            yield line.rstrip(b"\n")


def _written(path: Path, lines: Iterable[bytes]) -> Path:
    with path.open("wb") as file:
        file.writelines(line + b"\n" for line in lines)
    return path
