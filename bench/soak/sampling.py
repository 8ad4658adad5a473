"""What a process holds, as the kernel tells it."""

import os
import re
from contextlib import suppress
from pathlib import Path
from typing import Final

from msgspec import Struct

_STATUS: Final = re.compile(r"^(VmRSS|Threads):\s+(\d+)", re.MULTILINE)


class Held(Struct, frozen=True):
    """Memory in MB, open files and sockets (files without them), threads, seconds of CPU."""

    resident: float
    files: int
    sockets: int
    threads: int
    cpu: float


class Sample(Struct, frozen=True):
    """One look at the worker; ``at`` in seconds from the start of the load.

    ``unjudged``: days of event time that are complete and not judged. ``waiting``: records sent and
    not applied. ``uncommitted``: stored and not committed, of the topics of events; ``inner``: the
    same of those between the stages.
    """

    at: float
    held: Held
    accounts: float
    applied: float
    unjudged: float
    waiting: float
    uncommitted: int
    inner: int


def held_by(pid: int) -> Held:
    """Look at a process of this machine."""
    folder = Path(f"/proc/{pid}")
    numbers = dict(_STATUS.findall((folder / "status").read_text(encoding="ascii")))
    sockets = files = 0
    for descriptor in (folder / "fd").iterdir():
        with suppress(FileNotFoundError):  # closed while we looked
            if str(descriptor.readlink()).startswith("socket:"):
                sockets += 1
            else:
                files += 1
    # Fields 14 and 15 of `stat`; the name before them, in parentheses, may hold anything.
    times = (folder / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()[11:13]
    cpu = sum(map(int, times)) / os.sysconf("SC_CLK_TCK")
    return Held(int(numbers["VmRSS"]) / 1024, files, sockets, int(numbers["Threads"]), cpu)
