"""Events per second of detection, beside bare decoding of the same bytes in the same run."""

import tempfile
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from statistics import median
from time import process_time

import msgspec

from bench.speed.joining import SOURCE, join_all
from detectors.agents.stage import Agents
from detectors.decoding import EventDecoder
from detectors.events.event import AnyEvent
from detectors.ledger.clock import EventClock
from detectors.ledger.stage import Ledger
from detectors.peers.stage import Peers
from detectors.scanning.lines import LineScanner
from detectors.settings import Settings
from streams.files.detection import Detection
from streams.files.events import Block, Origin
from streams.memory import rare_collections
from streams.simulation.settings import SimulationSettings
from streams.simulation.writing import write_simulation
from streams.wire.dead_letter import DeadLetter

ROUNDS = 3
AIM = 8
_BATCH = 4_096
_BLOCK = 1_024


def run() -> None:
    """Print what an event costs, in time of the processor; three rounds in turn with decoding."""
    with tempfile.TemporaryDirectory() as folder:
        simulation = SimulationSettings(agents=200, days=320, seed=1)
        path, _ = write_simulation(simulation, Path(folder))
        records = path.read_bytes().splitlines()
    detection_of(records[:50_000], Settings())  # compiles, and fills the caches
    bare, whole = [], []
    for _ in range(ROUNDS):
        bare.append(bare_decoding(records))
        whole.append(detection_of(records, Settings()))
    decoding, detection = median(bare), median(whole)
    print(f"detect: {len(records):,} events, medians of {ROUNDS} rounds")
    for what, seconds in (("bare decoding", decoding), ("detection", detection)):
        each = 1e6 * seconds / len(records)
        print(f"  {what:16s} {len(records) / seconds:11,.0f} events/s {each:7.2f} µs each")
    print(f"  ratio {detection / decoding:.1f} (aim: at most {AIM})")
    for what, seconds in _breakdown(records).items():
        each = 1e6 * seconds / len(records)
        print(f"    {what:32s} {each:5.2f} µs an event {seconds / decoding:5.1f} x decoding")


def bare_decoding(records: Sequence[bytes]) -> float:
    """Return the seconds that msgspec takes to decode lines that are in memory."""
    decode = msgspec.json.Decoder(AnyEvent).decode
    began = process_time()
    for record in records:
        decode(record)
    return process_time() - began


def detection_of(records: Sequence[bytes], settings: Settings) -> float:
    """Return the seconds that `detect` takes for lines that are in memory, alerts as bytes."""
    blocks = [
        Block(records[start : start + _BLOCK], partial(Origin, "events.jsonl"))
        for start in range(0, len(records), _BLOCK)
    ]
    encode = msgspec.json.Encoder().encode
    with rare_collections():
        began = process_time()
        detection = Detection(settings, None, _refuse)
        for alerts in detection.alerts(iter(blocks)):
            for alert in alerts:
                encode(alert)
        return process_time() - began


def print_multiples(records: Sequence[bytes], named: Mapping[str, Settings]) -> None:
    """Print the median price of an event under each of some settings, in turn with decoding."""
    bare: list[float] = []
    whole: dict[str, list[float]] = {name: [] for name in named}
    for _ in range(ROUNDS):
        bare.append(bare_decoding(records))
        for name, settings in named.items():
            whole[name].append(detection_of(records, settings))
    print(f"  {len(records):,} events, medians of {ROUNDS} rounds")
    for name, seconds in whole.items():
        each = 1e6 * median(seconds) / len(records)
        print(f"  {name:42s} {each:6.2f} µs an event, {median(seconds) / median(bare):5.1f} x")


def _refuse(letter: DeadLetter) -> None:
    raise AssertionError(f"a simulated event was rejected: {letter.detail}")


def _breakdown(records: Sequence[bytes]) -> dict[str, float]:
    """Return the seconds of each step, run apart; holding the events makes it somewhat slower."""
    settings = Settings()
    decode = EventDecoder(settings.limits).decode
    clock, ledger = EventClock(settings.time, (SOURCE,)), Ledger(settings)
    scanner = LineScanner(settings.limits, numbers=ledger.numbers)
    agents, peers = Agents(settings), Peers(settings)
    seconds = dict.fromkeys(("scan", "join", "settle, tell", "judge, alert"), 0.0)
    for start in range(0, len(records), _BATCH):
        lines = records[start : start + _BATCH]
        marks = [process_time()]
        scanned = scanner.scan(lines)
        marks.append(process_time())
        join_all(ledger, clock, scanned, lines, decode)
        marks.append(process_time())
        output = ledger.drain_in_columns()
        marks.append(process_time())
        agents.receive(output.bundle, output.good)
        told = agents.drain()
        while told.reports:
            for report in told.reports:
                for review in peers.receive(report):
                    agents.review(review)
            told = agents.drain()
        marks.append(process_time())
        for number, what in enumerate(seconds):
            seconds[what] += marks[number + 1] - marks[number]
    return seconds


if __name__ == "__main__":
    run()
