"""Where a report goes, and in which form: what its name ends in says so."""

import os
import sys
from typing import Final, Protocol

from streams.outputs.places import STDOUT
from streams.outputs.whole_files import WholeFiles
from streams.reports.contents import Contents
from streams.reports.page import page
from streams.reports.text import text

TEXT_ENDING: Final = ".txt"


class _Sink(Protocol):
    """What bytes are written to."""

    def write(self, data: bytes, /) -> int:
        """Write them."""


class ReportFile:
    """A report to be written: text to stdout or where the name ends in ``.txt``, else a page.

    Parameters
    ----------
    path
        Where it goes, `STDOUT` for stdout. It is tried at once, before anything is read.
    files
        What gives it its name when the run has ended well.
    """

    def __init__(self, path: str | os.PathLike[str], files: WholeFiles) -> None:
        name = os.fspath(path)
        self._sink: Final[_Sink] = sys.stdout.buffer if name == STDOUT else files.begin(name)
        is_text = name == STDOUT or name.lower().endswith(TEXT_ENDING)
        self._written: Final = text if is_text else page

    def write(self, contents: Contents) -> None:
        """Write it. Raises OSError that names the path."""
        self._sink.write(self._written(contents).encode())
