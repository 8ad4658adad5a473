"""A simulation as files: its events and its truth."""

import gzip
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

import msgspec

from streams.simulation.centre import simulate
from streams.simulation.counts import EventCounts
from streams.simulation.settings import SimulationSettings
from streams.simulation.truth import Truth, truth

EVENTS_FILE: Final = "events.jsonl"
TRUTH_FILE: Final = "truth.json"
COMPRESSION_LEVEL: Final = 3


def write_simulation(
    settings: SimulationSettings, folder: Path, *, compressed: bool = False
) -> tuple[Path, Truth]:
    """Write the events and `truth.json` into `folder`, which is made when missing.

    Returns the path of the events, `events.jsonl` or `events.jsonl.gz`, and the truth. Existing
    files are replaced; equal settings give equal files. The truth is written last, so that where it
    stands the events are whole. Raises OSError when a file cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    truth_path = folder / TRUTH_FILE
    truth_path.unlink(missing_ok=True)
    events_path = folder / (f"{EVENTS_FILE}.gz" if compressed else EVENTS_FILE)
    counts = EventCounts()
    with _opened(events_path, compressed=compressed) as file:
        file.writelines(line + b"\n" for line in simulate(settings, counts))
    found = truth(settings, counts)
    truth_path.write_bytes(msgspec.json.format(msgspec.json.encode(found), indent=2) + b"\n")
    return events_path, found


@contextmanager
def _opened(path: Path, *, compressed: bool) -> Iterator[IO[bytes] | gzip.GzipFile]:
    with path.open("wb") as file:
        if not compressed:
            yield file
            return
        # Neither a name nor a time in the header: equal settings give equal files.
        with gzip.GzipFile(
            filename="", mode="wb", fileobj=file, mtime=0, compresslevel=COMPRESSION_LEVEL
        ) as packed:
            yield packed
