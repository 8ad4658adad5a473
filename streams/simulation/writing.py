"""A simulation as files: its events and its truth."""

import gzip
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

import msgspec

from streams.errors import NotSimulated
from streams.outputs.clashes import refuse_clashes
from streams.outputs.whole_files import WholeFiles, orderly_ending
from streams.simulation.centre import simulate
from streams.simulation.counts import EventCounts
from streams.simulation.settings import SimulationSettings
from streams.simulation.truth import Truth, truth

EVENTS_FILE: Final = "events.jsonl"
TRUTH_FILE: Final = "truth.json"
COMPRESSION_LEVEL: Final = 3


def write_simulation(
    settings: SimulationSettings, folder: Path, *, compressed: bool = False, force: bool = False
) -> tuple[Path, Truth]:
    """Write the events and `truth.json` into `folder`, which is made when missing.

    Returns the path of the events, `events.jsonl` or `events.jsonl.gz`, and the truth. The files of
    an earlier simulation are replaced, both at once; equal settings give equal files.

    Raises
    ------
    NotSimulated
        If there are files of these names that no simulation wrote; `force` replaces them.
    ConflictingOutputs
        If both names lead to one file.
    OSError
        If a file cannot be written.
    """
    events_path = folder / (f"{EVENTS_FILE}.gz" if compressed else EVENTS_FILE)
    truth_path = folder / TRUTH_FILE
    refuse_clashes((), {"--out": events_path, "its truth": truth_path}, prints=False)
    if not force:
        _refuse_to_replace(events_path, truth_path)
    folder.mkdir(parents=True, exist_ok=True)
    counts = EventCounts()
    with orderly_ending(), WholeFiles() as files:
        with _packed(files.begin(events_path), compressed=compressed) as file:
            file.writelines(line + b"\n" for line in simulate(settings, counts))
        found = truth(settings, counts)
        written = msgspec.json.format(msgspec.json.encode(found), indent=2) + b"\n"
        files.begin(truth_path).write(written)
    return events_path, found


def _refuse_to_replace(events_path: Path, truth_path: Path) -> None:
    """Raise unless what is there comes from a simulation, which writes its truth beside it."""
    there = [path for path in (events_path, truth_path) if path.exists()]
    if not there:
        return
    try:
        msgspec.json.decode(truth_path.read_bytes(), type=Truth)
    except (FileNotFoundError, msgspec.MsgspecError, UnicodeDecodeError):
        raise NotSimulated(
            f"{there[0]} is there, and no simulation wrote it: it would be lost; give --out "
            "another folder, or --force to replace it"
        ) from None


@contextmanager
def _packed(file: IO[bytes], *, compressed: bool) -> Iterator[IO[bytes] | gzip.GzipFile]:
    if not compressed:
        yield file
        return
    # Neither a name nor a time in the header: equal settings give equal files.
    with gzip.GzipFile(
        filename="", mode="wb", fileobj=file, mtime=0, compresslevel=COMPRESSION_LEVEL
    ) as packed:
        yield packed
