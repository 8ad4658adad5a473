"""The page about detectors: its example keeps the laws, and it names all of them."""

import re
import subprocess
import sys
from pathlib import Path
from typing import get_args

from detectors.conformance.catalogue import LAWS
from detectors.profiles.any_config import AnyConfig

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs/detectors.md").read_text(encoding="utf-8")


def test_the_detector_of_the_page_keeps_every_law_as_the_page_runs_them(tmp_path: Path) -> None:
    detector, test = re.findall(r"```python\n(.*?)```", PAGE, flags=re.DOTALL)
    assert len([line for line in detector.splitlines() if line]) <= 42
    (tmp_path / "test_far_off.py").write_text(detector + test, encoding="utf-8")
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", tmp_path],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert f"{len(LAWS)} passed" in run.stdout, run.stdout + run.stderr


def test_the_page_names_every_law_and_every_kind() -> None:
    told = set(re.findall(r"^\| `(\w+)` \|", PAGE, flags=re.MULTILINE))
    kinds = {kind.__struct_config__.tag for kind in get_args(AnyConfig)}
    assert told == LAWS.keys() | kinds
