"""State folders that can be taken away: on a small disk of their own where root allows it."""

import os
import shutil
import subprocess
from contextlib import suppress
from pathlib import Path
from typing import Final

DISK_BYTES: Final = 256 * 2**20
_CHUNK: Final = 2**16


class StateFolder:
    """A folder for a worker's local state, on a disk that can be filled if we may mount one."""

    def __init__(self, path: Path, *, own_disk: bool) -> None:
        self.path: Final = path
        self._aside: Final = path.with_name(f"{path.name}-aside")
        path.mkdir()
        self.has_own_disk: Final = own_disk and _mounted(path)

    def fill(self) -> None:
        """Leave no room on the disk; without one of its own the folder is lost instead."""
        if not self.has_own_disk:
            self.lose()
            return
        with (self.path / "filler").open("ab", buffering=0) as filler, suppress(OSError):
            while True:
                filler.write(b"\0" * _CHUNK)

    def empty(self) -> None:
        """Free the room again."""
        if not self.has_own_disk:
            self.give_back()
            return
        (self.path / "filler").unlink(missing_ok=True)

    def lose(self) -> None:
        """Put a file in the place of the folder; what was in it is kept aside."""
        self.path.rename(self._aside)
        self.path.write_bytes(b"")

    def give_back(self) -> None:
        """Put the folder back as it was."""
        self.path.unlink()
        self._aside.rename(self.path)

    def close(self) -> None:
        """Unmount and delete."""
        if self.has_own_disk:
            subprocess.run(["umount", "--lazy", self.path], check=False)  # noqa: S607 - as found
        shutil.rmtree(self.path, ignore_errors=True)


def _mounted(path: Path) -> bool:
    """Mount a small disk in memory, if we may."""
    if os.geteuid() != 0:
        return False
    command = ["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES}", "aboveboard-chaos", str(path)]
    return subprocess.run(command, check=False, capture_output=True).returncode == 0
