"""README's commands give what it shows: the sentence of its alert, the figures of its evidence.

After a change of the figure, `make pictures` draws both again.
"""

import re
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from streams.explain.figure_theme import THEMES, Theme

ROOT: Final = Path(__file__).parent.parent
README: Final = (ROOT / "README.md").read_text(encoding="utf-8")
PICTURES: Final = ROOT / "docs" / "pictures"
LIGHT: Final = PICTURES / "evidence-light.svg"
DARK: Final = PICTURES / "evidence-dark.svg"
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
    return folder


def test_the_alert_of_the_first_screen_is_the_one_that_its_command_explains(folder: Path) -> None:
    quoted = re.search(r"^> \*\*critical\*\* · \*(.*?)\*$", README, re.MULTILINE | re.DOTALL)
    assert quoted is not None
    sentence = " ".join(quoted.group(1).replace("\n>", " ").split())
    explained = (folder / "explained.txt").read_text(encoding="utf-8")
    assert explained.startswith(sentence)
    assert "AGREE" in explained
    assert commands()[-1][1] in README.split("```sh", 1)[0], "the command beside the figure"


def test_the_figure_is_the_one_that_its_command_draws(folder: Path) -> None:
    shown = "evidence-light.svg"
    assert f"docs/pictures/{shown}" in README
    assert (folder / "evidence.svg").read_bytes() == LIGHT.read_bytes(), "run: make pictures"


def test_the_dark_figure_is_the_light_one_in_other_colours() -> None:
    """To draw it by its command would read the events of a year twice more."""
    assert f"docs/pictures/{DARK.name}" in README
    assert colourless(DARK, THEMES["dark"]) == colourless(LIGHT, THEMES["light"]), "make pictures"
    assert colourless(DARK, THEMES["light"]) != colourless(LIGHT, THEMES["light"])


def colourless(figure: Path, theme: Theme) -> str:
    """Return a figure with the names of its colours, and its marks numbered.

    The ids of marks are hashes, also of their colours.
    """
    text = figure.read_text(encoding="utf-8")
    for name, colour in theme._asdict().items():
        if isinstance(colour, str):
            text = re.sub(colour, name, text, flags=re.IGNORECASE)
    text = text.replace(f"opacity: {theme.shade:g}", "opacity: shade")
    marks = dict.fromkeys(re.findall(r'id="(m[0-9a-f]{10})"', text))
    for number, mark in enumerate(marks):
        text = text.replace(mark, f"mark {number}")
    return text
