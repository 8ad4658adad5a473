"""What `aboveboard detect` writes: alerts, commendations, cases, and dead letters."""

import os
import sys
from collections.abc import Callable, Iterable
from typing import Final, Protocol

import msgspec

from detectors.alerts.alert import Alert
from detectors.alerts.commendation import Commendation
from detectors.cases.case import Case
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
    """The outputs of a run, each of which may be missing.

    Parameters
    ----------
    files
        What writes them, and gives them their names when the run has ended well.
    out, cases, dead_letters, commendations
        Paths, `STDOUT` for stdout, None for nowhere.
    otherwise
        Takes the dead letters that have no file.
    """

    def __init__(
        self,
        files: WholeFiles,
        out: str | None,
        cases: str | os.PathLike[str] | None,
        dead_letters: str | os.PathLike[str] | None,
        otherwise: Callable[[DeadLetter], None],
        commendations: str | None = None,
    ) -> None:
        self._files: Final = files
        self._alerts: Final = None if out is None or out == STDOUT else files.begin(out)
        log = sys.stdout.buffer if out == STDOUT else self._alerts
        self.alert: Final[Callable[[Alert], None]] = _nothing if log is None else _json_to(log)
        prints = commendations == STDOUT
        self._commended: Final = (
            None if commendations is None or prints else files.begin(commendations)
        )
        said = sys.stdout.buffer if prints else self._commended
        self._commendation: Final[Callable[[Commendation], None]] = (
            _nothing if said is None else _json_to(said)
        )
        prints_cases = cases is not None and os.fspath(cases) == STDOUT
        self._cases: Final = None if cases is None or prints_cases else files.begin(cases)
        told = sys.stdout.buffer if prints_cases else self._cases
        self.case: Final[Callable[[Case], None]] = _nothing if told is None else _json_to(told)
        if dead_letters is None:
            self.reject = otherwise
        elif os.fspath(dead_letters) == STDOUT:
            self.reject = _letters_to(sys.stdout.buffer)
        else:
            self.reject = _letters_to(files.begin(dead_letters))

    def commend(self, revisions: Iterable[Commendation]) -> None:
        """Write all revisions of commendations."""
        for one in revisions:
            self._commendation(one)

    def keep_last_log(self) -> None:
        """Let the last alerts, commendations and cases stay: this run has found out nothing."""
        for file in (self._alerts, self._cases, self._commended):
            if file is not None:
                self._files.keep_old(file)


def _json_to(sink: _Sink) -> Callable[[Alert | Case | Commendation], None]:
    encode = msgspec.json.Encoder().encode

    def write(told: Alert | Case | Commendation) -> None:
        sink.write(encode(told) + b"\n")

    return write


def _letters_to(sink: _Sink) -> Callable[[DeadLetter], None]:
    def write(letter: DeadLetter) -> None:
        sink.write(to_json(letter) + b"\n")

    return write


def _nothing(_: Alert | Case | Commendation) -> None:
    """Write nothing: it was not asked for."""
