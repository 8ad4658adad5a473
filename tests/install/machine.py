"""A new user's machine: a checkout, a Python, and an index with newer releases of everything."""

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from tests.install.newer_index import NewerIndex
from tools.install_uv import LOCK, Wheel, fetch, read_lock, unpack

ROOT: Final = LOCK.parent
CHECKED_OUT: Final = (
    *("Makefile", "pyproject.toml", "uv.lock", "README.md", "LICENSE"),
    *("detectors", "streams", "tools"),
)
"""What `make install` can have need of; a file that is missing here makes it fail."""

OTHERS_WISHES: Final = re.compile(r"PIP_|UV_|MAKE|MFLAGS|VIRTUAL_ENV|PYTHON")
VERSIONS: Final = """
import importlib.metadata, json
print(json.dumps({d.name: d.version for d in importlib.metadata.distributions()}))
"""


class Tools:
    """The locked uv, as the checkout has it or newly fetched, with its wheel and its cache."""

    def __init__(self, folder: Path) -> None:
        ours = ROOT / ".uv"
        self.folder: Final = ours if (ours / "uv").exists() else folder
        self.folder.mkdir(exist_ok=True)
        self.wheel: Final[Wheel] = fetch(read_lock(LOCK), self.folder)
        self.uv: Final = self.folder / "uv"
        if not self.uv.exists():
            unpack(self.folder / self.wheel.name, self.folder)
        self.cache: Final = _run([self.uv, "cache", "dir"], ROOT, os.environ).strip()


class Machine:
    """A checkout in a folder, and what a new user's shell has in its environment."""

    def __init__(self, folder: Path, tools: Tools, index: NewerIndex) -> None:
        self.checkout: Final = folder / "checkout"
        self.python: Final = folder / "python"
        self._tools: Final = tools
        self._index: Final = index
        home = folder / "home"
        home.mkdir()
        kept = {n: value for n, value in os.environ.items() if not OTHERS_WISHES.match(n)}
        self._environment: Final = kept | {
            "HOME": str(home),
            "XDG_CONFIG_HOME": str(home),
            "PIP_CONFIG_FILE": os.devnull,
            "PIP_INDEX_URL": index.address,
            "UV_DEFAULT_INDEX": index.address,
            "UV_CACHE_DIR": tools.cache,  # what CI has just installed is not fetched again
        }
        for name in CHECKED_OUT:
            if (ROOT / name).is_dir():
                leave = shutil.ignore_patterns("__pycache__")
                shutil.copytree(ROOT / name, self.checkout / name, ignore=leave)
            else:
                self.checkout.mkdir(exist_ok=True)
                shutil.copy(ROOT / name, self.checkout)

    def edit(self, name: str, old: str, new: str) -> None:
        """Replace words that a file of the checkout has once."""
        path = self.checkout / name
        text = path.read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{name} has {old!r} {text.count(old)} times"
        path.write_text(text.replace(old, new), encoding="utf-8")

    def provide_python(self, *, with_pip: bool) -> None:
        """Set up a Python like the one that runs this, with its very first pip or with none.

        Without pip the file of uv comes from where the lock says, so that is made this machine.
        """
        self._uv("venv", self.python, "--python", sys.executable)
        if with_pip:
            self._uv("sync", "--frozen", "--no-install-project", "--only-group", "first-pip")
        else:
            wheel = self._tools.wheel
            self.edit("uv.lock", wheel.url, self._index.place(wheel.name))

    def make(self, target: str) -> str:
        """Run make with that Python; what it said, whether it succeeds or not, is in the answer."""
        python = f"PYTHON={self.python / 'bin' / 'python'}"
        return _run(["make", target, python], self.checkout, self._environment)

    def aboveboard(self, *words: str) -> str:
        """Run the console script of the environment that was built."""
        script = self.checkout / ".venv" / "bin" / "aboveboard"
        return _run([script, *words], self.checkout, self._environment)

    def _uv(self, *words: str | Path) -> None:
        environment = self._environment | {"UV_PROJECT_ENVIRONMENT": str(self.python)}
        _run([self._tools.uv, "--quiet", *words], self.checkout, environment)

    def unlocked(self) -> list[str]:
        """List what was installed in another version than the lock's."""
        python = self.checkout / ".venv" / "bin" / "python"
        installed = json.loads(_run([python, "-c", VERSIONS], self.checkout, self._environment))
        assert "rich" in installed, "nothing was installed"
        lock = tomllib.loads((self.checkout / "uv.lock").read_text(encoding="utf-8"))
        locked = {(package["name"], package["version"]) for package in lock["package"]}
        return [
            f"{name} {version}"
            for name, version in sorted(installed.items())
            # Some packages write their version with a `v` before it.
            if (re.sub("[-_.]+", "-", name).lower(), version.removeprefix("v")) not in locked
        ]


def _run(words: Sequence[str | Path], folder: Path, environment: Mapping[str, str]) -> str:
    ended = subprocess.run(
        words, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, f"{words}:\n{ended.stdout}{ended.stderr}"
    return ended.stdout
