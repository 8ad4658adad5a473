"""A package that unpacks batches and is not there is named before anything is read."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from streams.broker.batches.codecs import CODECS
from streams.broker.batches.needed import require_codecs

COMMANDS = (["worker"], ["alerts"], ["dead-letters", "list"])
"""No broker answers them: what is missing is said before one is asked."""

PROGRAM = "import sys; from streams.cli.main import main; sys.exit(main())"


def run(words: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"PYTHONPATH": str(folder), "ABOVEBOARD_BROKER": "127.0.0.1:1"}
    return subprocess.run(
        [sys.executable, "-c", PROGRAM, *words],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_with_all_packages_every_codec_is_read() -> None:
    require_codecs()
    assert {codec.name for codec in CODECS.values()} == {"gzip", "snappy", "lz4", "zstd"}


@pytest.mark.parametrize(
    ("package", "words"),
    [("cramjam", COMMANDS[0]), ("lz4", COMMANDS[1]), ("zstandard", COMMANDS[2])],
)
def test_a_missing_package_ends_the_command_by_its_name(
    package: str, words: list[str], tmp_path: Path
) -> None:
    (tmp_path / f"{package}.py").write_text('raise ImportError("not here")\n', encoding="utf-8")
    ended = run(words, tmp_path)
    assert ended.returncode == 2
    assert f"pip install {package}" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_package_that_gives_other_bytes_is_found_too(tmp_path: Path) -> None:
    broken = """\
import io
class ZstdDecompressor:
    def __init__(self, **_): ...
    def stream_reader(self, *_, **__):
        return io.BytesIO(b"")
"""
    (tmp_path / "zstandard.py").write_text(broken, encoding="utf-8")
    ended = run(COMMANDS[2], tmp_path)
    assert ended.returncode == 2
    assert "compressed with zstd cannot be read" in ended.stderr
