"""Small simulated contact centres, made once: about 49,000 events, or 14,000."""

from collections.abc import Iterable
from functools import cache
from pathlib import Path

import msgspec

from detectors.alerts.alert import Alert
from streams.cli.main import main
from streams.simulation.centre import simulate
from streams.simulation.counts import EventCounts
from streams.simulation.settings import SimulationSettings


@cache
def event_lines() -> tuple[bytes, ...]:
    """Return the events in time order, without line breaks."""
    settings = SimulationSettings(agents=60, days=200, seed=5, planted_share=0.05)
    return tuple(simulate(settings, EventCounts()))


@cache
def fewer_lines() -> tuple[bytes, ...]:
    """Return a third as many, with alerts of the same patterns: for what reads them many times."""
    settings = SimulationSettings(agents=24, days=130, seed=6, planted_share=0.15)
    return tuple(simulate(settings, EventCounts()))


def write_lines(path: Path, lines: Iterable[bytes]) -> Path:
    path.write_bytes(b"".join(line + b"\n" for line in lines))
    return path


def run(*words: str | Path) -> int:
    """Run the command in this process."""
    return main([str(word) for word in words])


def read_alerts(log: bytes) -> list[Alert]:
    return [msgspec.json.decode(line, type=Alert) for line in log.splitlines()]
