import subprocess
import sys

import pytest


@pytest.mark.integration
def test_the_demo_ends_by_itself_and_finds_the_planted_agents() -> None:
    """In small; `make demo` is the same with 200 agents and a year."""
    shown = subprocess.run(
        [
            *(sys.executable, "-m", "streams", "demo"),
            *("--agents", "40", "--days", "150", "--seed", "3", "--sales-per-day", "3"),
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
    assert "/metrics" in shown.stdout
    assert "dead-letters" in shown.stdout
