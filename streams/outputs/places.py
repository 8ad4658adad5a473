"""Where an output goes: a name, an open descriptor, and which file in truth stands behind it."""

import os
import re
import stat
from typing import Final

STDOUT: Final = "-"

_STREAMS: Final = {"/dev/stdin": 0, "/dev/stdout": 1, "/dev/stderr": 2}
_DESCRIPTOR: Final = re.compile(r"/(?:dev|proc/self)/fd/(\d+)")

Identity = tuple[str, int | str, int]
"""What two names of one file have in common; only for comparison."""


def descriptor_of(path: str) -> int | None:
    """Return the descriptor that a path such as ``/dev/stdout`` stands for, None for a plain one.

    To open such a path would begin the file behind it anew, beside whoever else writes to it: the
    descriptor itself is to be used.
    """
    if path in _STREAMS:
        return _STREAMS[path]
    found = _DESCRIPTOR.fullmatch(path)
    return None if found is None else int(found[1])


def identity_of(path: str | int) -> Identity | None:
    """Return which file a path or a descriptor leads to, by whatever name; None if it cannot clash.

    A path that leads nowhere yet is what it will be. Terminals and other devices of characters hold
    nothing that could be lost, and sockets go both ways.
    """
    try:
        status = os.stat(path)  # noqa: PTH116 - of a descriptor, too
    except FileNotFoundError:
        return ("name", os.path.realpath(f"{path}"), 0)
    except OSError:
        return None  # whoever opens it will be told why it cannot be opened
    if stat.S_ISBLK(status.st_mode):
        return ("device", status.st_rdev, 0)
    if stat.S_ISREG(status.st_mode) or stat.S_ISFIFO(status.st_mode):
        return ("inode", status.st_dev, status.st_ino)
    return None
