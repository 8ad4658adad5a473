"""Child processes that end in every case: when they are asked to, and when their parent is killed.

A child gets a session of its own, so that Ctrl-C in a terminal reaches only the program that uses
it, which can then stop its clients first. A guard is the price. It reads from a pipe the signals to
send, and the pipe closes however the parent ends, even by SIGKILL; and since the guard waits for
the child, a port of the child is free again once the guard has ended. POSIX only.
"""

import contextlib
import os
import signal
import subprocess
from collections.abc import Sequence
from typing import IO, Final

_GUARD: Final = """\
exec 3<&0 </dev/null
"$@" 3<&- &
child=$!
{
    while read -r signal; do kill -$signal $child; done
    kill -TERM $child
    sleep 5
    kill -KILL $child
} <&3 2>/dev/null &
watcher=$!
exec 3<&-
wait $child
status=$?
kill $watcher 2>/dev/null
exit $status
"""

_TAIL_LINES: Final = 25
_TAIL_BYTES: Final = 16_384


def guarded(name: str, command: Sequence[str]) -> list[str]:
    """Return the command that runs `command` under a guard.

    It is to be started in a session of its own, with a pipe as its standard input.
    """
    return ["/bin/sh", "-c", _GUARD, name, *command]


def send(process: subprocess.Popen[bytes], signal_name: str, seconds: float) -> bool:
    """Have the guard send a signal to its child; return whether that has then ended in time."""
    if process.stdin is not None:
        # The guard has ended already if it does not listen any more.
        with contextlib.suppress(BrokenPipeError):
            process.stdin.write(f"{signal_name}\n".encode())
            process.stdin.flush()
    try:
        process.wait(timeout=seconds)
    except subprocess.TimeoutExpired:
        return False
    return True


def end_group(process: subprocess.Popen[bytes]) -> None:
    """End whatever is left of guard and child, which is nothing unless the guard was killed."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    if process.stdin is not None:
        with contextlib.suppress(BrokenPipeError):
            process.stdin.close()


def tail(log: IO[bytes]) -> str:
    """Return the last lines of a file that a child writes."""
    # The child writes at the shared position of this file, so it must not be moved here.
    descriptor = log.fileno()
    start = max(0, os.fstat(descriptor).st_size - _TAIL_BYTES)
    text = os.pread(descriptor, _TAIL_BYTES, start).decode("utf-8", errors="replace")
    return "\n".join(text.splitlines()[-_TAIL_LINES:])
