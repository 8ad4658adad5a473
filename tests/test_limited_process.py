"""A process that never ends by itself keeps no test waiting."""

import signal
import subprocess
import sys

import pytest

from tests.limited_process import limited

_STUBBORN = """
import signal, time
signal.signal(signal.SIGINT, signal.SIG_IGN)
print("begun", flush=True)
time.sleep(3_600)
"""


def stubborn() -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-c", _STUBBORN], stdout=subprocess.PIPE, text=True)


def test_a_test_that_fails_ends_it() -> None:
    process = stubborn()

    def failing() -> None:
        with limited(process):
            assert process.stdout is not None
            assert process.stdout.readline() == "begun\n"
            process.send_signal(signal.SIGINT)
            process.wait(timeout=0.1)

    with pytest.raises(subprocess.TimeoutExpired):
        failing()
    assert process.returncode == -signal.SIGKILL


def test_a_line_that_never_comes_is_empty() -> None:
    with limited(stubborn(), 2) as process:
        assert process.stdout is not None
        assert process.stdout.read() in {"begun\n", ""}
        assert process.wait() == -signal.SIGKILL
