"""The law of compiled code: what runs is what the sources say, whatever lies in the cache on disk.

It is tested in processes of their own, over a package of two files that is changed between runs.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from detectors.evidence.compilation import compiled

ROOT = Path(__file__).parents[3]

OURS = "from detectors.evidence.compilation import compiled"
BARE = "from numba import njit\ncompiled = njit(cache=True)"
"""The same without fingerprints: the broken implementation."""

CALLED = """{compiled}
from typing import NamedTuple
class {kind}(NamedTuple):
    value: float
@compiled
def called(x: {kind}) -> float:
    return x.value + {added}
"""
CALLER = """{compiled}
import called as other
from called import called
@compiled
def caller(x):
    return called(x)
Kind = next(kind for kind in vars(other).values() if hasattr(kind, "_fields"))
print(caller(Kind(1.0)))
"""


def result(folder: Path, compiled: str, *, kind: str = "Kind", added: float = 1.0) -> str:
    """Return what the caller prints, whose own file is written once and never touched again."""
    folder.mkdir(exist_ok=True)
    (folder / "called.py").write_text(CALLED.format(compiled=compiled, kind=kind, added=added))
    if not (folder / "caller.py").exists():
        (folder / "caller.py").write_text(CALLER.format(compiled=compiled))
    run = subprocess.run(
        [sys.executable, "-B", "caller.py"],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    return run.stdout.strip() or run.stderr.strip().splitlines()[-1]


def test_a_change_of_a_called_function_reaches_its_caller_in_another_file(tmp_path: Path) -> None:
    assert result(tmp_path, OURS) == "2.0"
    assert result(tmp_path, OURS, added=10.0) == "11.0"


def test_a_type_that_has_another_name_now_is_no_error(tmp_path: Path) -> None:
    assert result(tmp_path, OURS, kind="State") == "2.0"
    assert result(tmp_path, OURS, kind="EvidenceState") == "2.0"


@pytest.mark.parametrize(
    ("change", "wrong"),
    [({"added": 10.0}, "2.0"), ({"kind": "Renamed"}, "AttributeError")],
    ids=["another sum", "another name"],
)
def test_without_fingerprints_the_cache_is_believed(
    tmp_path: Path, change: dict[str, str | float], wrong: str
) -> None:
    assert result(tmp_path, BARE) == "2.0"
    kind, added = str(change.get("kind", "Kind")), float(change.get("added", 1.0))
    assert wrong in result(tmp_path, BARE, kind=kind, added=added)


def test_a_function_must_stand_below_those_that_it_calls() -> None:
    """Else its fingerprint would not know of them, and the old machine code would stay for ever."""
    space: dict[str, object] = {"compiled": compiled}
    with pytest.raises(NameError, match="called must be defined above caller"):
        exec("@compiled\ndef caller(x):\n    return called(len(x))\n", space)  # noqa: S102 - of two lines above
