"""What was freed between objects that stay goes back to the system."""

import platform
import subprocess
import sys
from typing import Final

import pytest

_PROGRAM: Final = """
import os
from streams.memory import return_free_memory

def resident():
    return int(open("/proc/self/statm").read().split()[1]) * os.sysconf("SC_PAGESIZE") / 1e6

blocks, kept = [], []
block = b"x" * 30_000_000  # freed, it makes the C library take smaller ones from its heap
del block
for number in range(300):
    blocks.append(b"x" * 400_000)
    kept.append(b"y" * 2_000)
full = resident()
blocks.clear()
free = resident()
assert return_free_memory()
print(full, free, resident())
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="it is about GNU's C library")
def test_what_lies_between_objects_that_stay_is_given_back() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM], capture_output=True, text=True, check=True
    )
    full, free, trimmed = map(float, done.stdout.split())
    assert free > full - 20.0  # else there is nothing to do here any more
    assert trimmed < full - 100.0
