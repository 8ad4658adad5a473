"""Programs in JavaScript, installed by npm once into a cache, and the Node.js that runs them.

The cache is ``~/.cache/aboveboard/FOLDER-DIGEST``, named after what is installed.
"""

import fcntl
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from hashlib import blake2b
from pathlib import Path
from typing import Final

import pytest

from tests.brokers.selection import kafka_is_required

_ROOT: Final = Path(__file__).parent.parent.parent
_SECONDS: Final = 300


@pytest.fixture(scope="session")
def asyncapi_parser() -> Path:
    """Return a folder in which ``node check.mjs`` judges AsyncAPI documents."""
    return _installed(_ROOT / "tests" / "contract" / "node", ())


@pytest.fixture(scope="session")
def login_provider() -> Path:
    """Return a folder in which ``node provider.mjs`` is an OpenID Connect provider."""
    return _installed(_ROOT / "tests" / "streams" / "access" / "provider", ())


@pytest.fixture(scope="session")
def node_subscriber() -> Path:
    """Return a folder in which ``node open_alerts.js`` prints alerts."""
    return _installed(_ROOT / "examples" / "subscriber", ("npm", "run", "build"))


def _installed(source: Path, build: Sequence[str]) -> Path:
    """Install what is locked beside a copy of the files; where Kafka is demanded, so is npm."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        lacking = "Node.js is not here; on Debian the packages nodejs and npm bring it"
        if kafka_is_required():
            pytest.fail(lacking, pytrace=False)
        pytest.skip(lacking)
    digest = blake2b(digest_size=8)
    files = sorted(path for path in source.iterdir() if path.suffix in {".json", ".mjs", ".ts"})
    for path in files:
        digest.update(path.read_bytes())
    folder = Path.home() / ".cache" / "aboveboard" / f"{source.name}-{digest.hexdigest()}"
    folder.parent.mkdir(parents=True, exist_ok=True)
    with (folder.parent / f".{folder.name}.lock").open("wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # tests may run in several processes
        if not folder.exists():
            _fill(folder, files, build)
    return folder


def _fill(folder: Path, files: Sequence[Path], build: Sequence[str]) -> None:
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}-") as temporary:
        fresh = Path(temporary) / folder.name
        fresh.mkdir()
        for path in files:
            shutil.copyfile(path, fresh / path.name)
        _run(fresh, ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"])
        if build:
            _run(fresh, build)
        fresh.rename(folder)


def _run(folder: Path, command: Sequence[str]) -> None:
    answer = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, timeout=_SECONDS, check=False
    )
    assert answer.returncode == 0, answer.stdout[-2000:] + answer.stderr[-2000:]
