import re
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.integration
def test_the_demo_ends_by_itself_and_finds_the_planted_agents(tmp_path: Path) -> None:
    """In small; `make demo` is the same with 200 agents and a year."""
    report = tmp_path / "report.html"
    shown = subprocess.run(
        [
            *(sys.executable, "-m", "streams", "demo"),
            *("--agents", "40", "--days", "150", "--seed", "3", "--sales-per-day", "3"),
            *("--report", str(report)),
        ],
        capture_output=True,
        text=True,
        timeout=120,
        stdin=subprocess.DEVNULL,
        check=False,
    )
    assert shown.returncode == 0, shown.stderr
    assert "Found 2 of 2 planted agents. Of 38 honest agents, 0 accused at critical" in " ".join(
        shown.stdout.split()
    )
    assert "proposed to close it as confirmed; tomas approved" in shown.stdout
    assert "none of them about the closed case" in shown.stdout
    assert str(report) in shown.stdout
    assert "is closed by maria" in report.read_text(encoding="utf-8")
    assert "/metrics" in shown.stdout
    address = re.search(r"The desk: (http://127\.0\.0\.1:\d+/)", shown.stdout)
    assert address is not None
    assert f"Desk          {address[1]}" in shown.stdout
    assert " reopen --note " in shown.stdout
