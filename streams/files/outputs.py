"""What `aboveboard detect` writes: the log of alerts, and the file of dead letters."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

import msgspec

from detectors.alerts.alert import Alert
from streams.errors import ConflictingOutputs
from streams.wire.dead_letter import DeadLetter, to_json

STDOUT: Final = "-"


def alert_output(out: str | None, form: str | None) -> str | None:
    """Return where the log of alerts goes: a path, `STDOUT`, or None for nowhere.

    `form` is what is to be printed: the log itself (``json``) needs no path.

    Raises
    ------
    ConflictingOutputs
        The log and the table both want stdout.
    """
    if out == STDOUT and form == "table":
        raise ConflictingOutputs("--out - and --format table both want stdout; give --out a file")
    return STDOUT if out is None and form == "json" else out


@contextmanager
def alert_log(out: str | None) -> Iterator[Callable[[Alert], None]]:
    """Open the log of alerts; yield what writes one revision to it."""
    if out is None:
        yield lambda _: None
    elif out == STDOUT:
        yield _writer(sys.stdout.buffer)
        sys.stdout.buffer.flush()
    else:
        with Path(out).open("wb") as file:
            yield _writer(file)


@contextmanager
def dead_letter_file(
    path: Path | None, otherwise: Callable[[DeadLetter], None]
) -> Iterator[Callable[[DeadLetter], None]]:
    """Open the file of dead letters; yield what writes one to it, `otherwise` without a file."""
    if path is None:
        yield otherwise
        return
    with path.open("wb") as file:

        def write(letter: DeadLetter) -> None:
            file.write(to_json(letter) + b"\n")

        yield write


def _writer(file: IO[bytes]) -> Callable[[Alert], None]:
    encode = msgspec.json.Encoder().encode

    def write(alert: Alert) -> None:
        file.write(encode(alert) + b"\n")

    return write
