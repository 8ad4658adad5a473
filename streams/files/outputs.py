"""What `aboveboard detect` writes: the log of alerts, and the dead letters."""

import os
import sys
from collections.abc import Callable
from typing import Final, Protocol

import msgspec

from detectors.alerts.alert import Alert
from streams.errors import ConflictingOutputs
from streams.outputs.places import STDOUT, descriptor_of
from streams.outputs.whole_files import WholeFiles
from streams.wire.dead_letter import DeadLetter, to_json

_STDOUT: Final = 1


class _Sink(Protocol):
    """What bytes are written to."""

    def write(self, data: bytes, /) -> int:
        """Write them."""


def alert_output(out: str | None, form: str | None) -> str | None:
    """Return where the log of alerts goes: a path, `STDOUT`, or None for nowhere.

    `form` is what is to be printed: the log itself (``json``) needs no path.

    Raises
    ------
    ConflictingOutputs
        The log and the table both want stdout.
    """
    if out is not None and descriptor_of(out) == _STDOUT:
        out = STDOUT
    if out == STDOUT and form == "table":
        raise ConflictingOutputs("--out - and --format table both want stdout; give --out a file")
    return STDOUT if out is None and form == "json" else out


class DetectOutputs:
    """The two outputs of a run, either of which may be missing.

    Parameters
    ----------
    files
        What writes them, and gives them their names when the run has ended well.
    out, dead_letters
        Paths, `STDOUT` for stdout, None for nowhere.
    otherwise
        Takes the dead letters that have no file.
    """

    def __init__(
        self,
        files: WholeFiles,
        out: str | None,
        dead_letters: str | os.PathLike[str] | None,
        otherwise: Callable[[DeadLetter], None],
    ) -> None:
        self._files: Final = files
        self._alerts: Final = None if out is None or out == STDOUT else files.begin(out)
        log = sys.stdout.buffer if out == STDOUT else self._alerts
        self.alert: Final[Callable[[Alert], None]] = _nothing if log is None else _alerts_to(log)
        if dead_letters is None:
            self.reject = otherwise
        elif os.fspath(dead_letters) == STDOUT:
            self.reject = _letters_to(sys.stdout.buffer)
        else:
            self.reject = _letters_to(files.begin(dead_letters))

    def keep_last_log(self) -> None:
        """Let the last log of alerts stay: this run has found nothing out about any agent."""
        if self._alerts is not None:
            self._files.keep_old(self._alerts)


def _alerts_to(sink: _Sink) -> Callable[[Alert], None]:
    encode = msgspec.json.Encoder().encode

    def write(alert: Alert) -> None:
        sink.write(encode(alert) + b"\n")

    return write


def _letters_to(sink: _Sink) -> Callable[[DeadLetter], None]:
    def write(letter: DeadLetter) -> None:
        sink.write(to_json(letter) + b"\n")

    return write


def _nothing(_: Alert) -> None:
    """Write nothing: no log was asked for."""
