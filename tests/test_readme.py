"""README's commands give what it shows: the sentence of its alert, the figures of its evidence.

After a change of the figure, `make pictures` draws both again.
"""

import re
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parent.parent
README: Final = (ROOT / "README.md").read_text(encoding="utf-8")
PICTURES: Final = ROOT / "docs" / "pictures"
COMMAND: Final = re.compile(r"^\.venv/bin/aboveboard (.*)$", re.MULTILINE)


def commands() -> list[list[str]]:
    """Return the commands of the section about files, as lists of arguments."""
    _, section = README.split("## Use it on files", 1)
    return [line.split() for line in COMMAND.findall(section.split("\n## ", 1)[0])]


def aboveboard(arguments: list[str], folder: Path) -> str:
    run = subprocess.run(
        [sys.executable, "-m", "streams", *arguments],
        cwd=folder,
        env={"PYTHONPATH": str(ROOT), "COLUMNS": "1000"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    return run.stdout


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder in which README's commands on files have run, in their order."""
    folder = tmp_path_factory.mktemp("readme")
    printed = [aboveboard(arguments, folder) for arguments in commands()]
    (folder / "explained.txt").write_text(printed[-1], encoding="utf-8")
    aboveboard([*commands()[-1][:-1], "dark.svg", "--theme", "dark"], folder)
    return folder


def test_the_alert_of_the_first_screen_is_the_one_that_its_command_explains(folder: Path) -> None:
    quoted = re.search(r"^> \*\*critical\*\* · \*(.*?)\*$", README, re.MULTILINE | re.DOTALL)
    assert quoted is not None
    sentence = " ".join(quoted.group(1).replace("\n>", " ").split())
    explained = (folder / "explained.txt").read_text(encoding="utf-8")
    assert explained.startswith(sentence)
    assert "AGREE" in explained
    assert commands()[-1][1] in README.split("```sh", 1)[0], "the command beside the figure"


@pytest.mark.parametrize(
    ("drawn", "shown"), [("evidence.svg", "evidence-light.svg"), ("dark.svg", "evidence-dark.svg")]
)
def test_the_figures_are_those_that_its_command_draws(drawn: str, shown: str, folder: Path) -> None:
    assert f"docs/pictures/{shown}" in README
    assert (folder / drawn).read_bytes() == (PICTURES / shown).read_bytes(), "run: make pictures"
