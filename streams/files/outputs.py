"""What `aboveboard detect` writes: alerts, cases, other records, and dead letters."""

import os
import sys
from collections.abc import Callable, Iterable
from io import BufferedWriter
from typing import Final, Protocol

import msgspec

from detectors.alerts.alert import Alert
from detectors.alerts.commendation import Commendation
from detectors.alerts.verification_request import VerificationRequest
from detectors.cases.case import Case
from detectors.commission.action import CommissionAction
from streams.errors import ConflictingOutputs
from streams.outputs.places import STDOUT, descriptor_of
from streams.outputs.whole_files import WholeFiles
from streams.wire.dead_letter import DeadLetter, to_json

_STDOUT: Final = 1


_Told = Alert | Case | Commendation | CommissionAction | VerificationRequest
_Take = Callable[[_Told], None]


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
    out, cases, commission, dead_letters, verifications, commendations
        Paths, `STDOUT` for stdout, None for nowhere.
    otherwise
        Takes the dead letters that have no file.
    """

    def __init__(
        self,
        files: WholeFiles,
        out: str | None,
        cases: str | os.PathLike[str] | None,
        commission: str | os.PathLike[str] | None,
        dead_letters: str | os.PathLike[str] | None,
        otherwise: Callable[[DeadLetter], None],
        verifications: str | os.PathLike[str] | None = None,
        commendations: str | os.PathLike[str] | None = None,
    ) -> None:
        self._files: Final = files
        self._alerts: Final = None if out is None or out == STDOUT else files.begin(out)
        log = sys.stdout.buffer if out == STDOUT else self._alerts
        self.alert: Final[_Take] = _nothing if log is None else _json_to(log)
        self._cases, self.case = self._begun(cases)
        self._requests, self._request = self._begun(verifications)
        self._paid, self.pay = self._begun(commission)
        self._commended, self._commend = self._begun(commendations)
        if dead_letters is None:
            self.reject = otherwise
        elif os.fspath(dead_letters) == STDOUT:
            self.reject = _letters_to(sys.stdout.buffer)
        else:
            self.reject = _letters_to(files.begin(dead_letters))

    def _begun(self, path: str | os.PathLike[str] | None) -> tuple[BufferedWriter | None, _Take]:
        """Return the file of an output (None for stdout or nowhere), and what writes a line."""
        if path is None:
            return None, _nothing
        if os.fspath(path) == STDOUT:
            return None, _json_to(sys.stdout.buffer)
        file = self._files.begin(path)
        return file, _json_to(file)

    def requests(self, requests: Iterable[VerificationRequest]) -> None:
        """Write requests to verify sales."""
        for request in requests:
            self._request(request)

    def commend(self, revisions: Iterable[Commendation]) -> None:
        """Write all revisions of commendations."""
        for one in revisions:
            self._commend(one)

    def keep_last_log(self) -> None:
        """Let what the last run told stay: this one has found nothing out about any agent."""
        files = self._alerts, self._cases, self._paid, self._requests, self._commended
        for file in files:
            if file is not None:
                self._files.keep_old(file)


def _json_to(sink: _Sink) -> _Take:
    encode = msgspec.json.Encoder().encode

    def write(told: _Told) -> None:
        sink.write(encode(told) + b"\n")

    return write


def _letters_to(sink: _Sink) -> Callable[[DeadLetter], None]:
    def write(letter: DeadLetter) -> None:
        sink.write(to_json(letter) + b"\n")

    return write


def _nothing(_: _Told) -> None:
    """Write nothing: it was not asked for."""
