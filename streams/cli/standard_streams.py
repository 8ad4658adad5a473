"""stdin, stdout and stderr, when they are closed, full, or nobody reads them."""

import errno
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import Final

_DISK: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO})


def fill_closed_streams() -> None:
    """Let a stream that the caller has closed lead to nowhere.

    Else the next file that is opened would get its number, and be written to as stdout.
    """
    if sys.stdout is None:
        sys.stdout = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - to the end
    if sys.stderr is None:
        sys.stderr = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - to the end


def is_of_stdout(error: OSError) -> bool:
    """Return whether an error is of writing to stdout: all other files name theirs."""
    return error.filename is None and error.errno in _DISK


def discard_stdout() -> None:
    """Redirect stdout to nowhere: the interpreter would write what is left of it when it ends."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())


def say_last(text: str) -> None:
    """Write to stderr, if that is possible: the exit code says it too."""
    with suppress(OSError):
        sys.stderr.write(text)
        sys.stderr.flush()
