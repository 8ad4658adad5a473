"""The types of ids, days and moments are told apart by the type checker."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
SNIPPET = """\
from detectors.basis.event_time import Day, Seconds, day_name, moment
from detectors.basis.identifiers import AccountId, AgentId, Cell, PatternName, SaleId


def of_agent(agent_id: AgentId) -> None: ...
def of_pattern(name: PatternName) -> None: ...


day, seconds = Day(20_000), Seconds(1.7e9)
day_name(day + 1)
moment(seconds - 3_600.0)
window: float = seconds - Seconds(0.0)
days: int = day - Day(0)
of_agent(SaleId("s-1"))  # wrong
of_agent(AccountId("a-1"))  # wrong
of_agent("anna")  # wrong
of_pattern(Cell("card/phone"))  # wrong
day_name(seconds)  # wrong
day_name(day - Day(0))  # wrong
moment(day)  # wrong
moment(seconds - Seconds(0.0))  # wrong
moment(3_600.0)  # wrong
"""


def test_what_is_of_another_kind_is_an_error_and_nothing_else_is(tmp_path: Path) -> None:
    snippet = tmp_path / "snippet.py"
    snippet.write_text(SNIPPET)
    checked = subprocess.run(
        [
            *(sys.executable, "-m", "mypy", "--strict", "--explicit-package-bases"),
            *("--no-error-summary", "--cache-dir", tmp_path / "cache", snippet),
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    found = [int(line.split(":")[1]) for line in checked.stdout.splitlines() if ": error:" in line]
    wrong = [at for at, line in enumerate(SNIPPET.splitlines(), 1) if line.endswith("# wrong")]
    assert found == wrong, checked.stdout + checked.stderr
