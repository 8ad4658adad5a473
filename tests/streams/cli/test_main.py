"""The command `aboveboard`: its commands, its help, and how it ends."""

import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import pytest

from streams.cli.main import COMMANDS, main

COMMAND: Final = Path(sys.executable).with_name("aboveboard")


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([name, "--help"]) == 0
    captured = capsys.readouterr()
    assert captured.out.startswith(f"usage: aboveboard {name} ")
    assert captured.err == ""


@pytest.mark.parametrize("words", [[], ["--help"], ["-h"]])
def test_the_overview_names_every_command(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words) == 0
    out = capsys.readouterr().out
    width = max(map(len, COMMANDS))
    for name, entry in COMMANDS.items():
        assert f"  {name:{width}}  {entry.help}" in out


def test_the_version_is_that_of_the_package() -> None:
    done = subprocess.run([COMMAND, "--version"], capture_output=True, check=True, text=True)
    assert done.stdout == "aboveboard 0.1.0\n"


def test_an_unknown_command_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["detekt"]) == 2
    assert "invalid choice: 'detekt' (choose from" in capsys.readouterr().err


@pytest.mark.parametrize("words", [["detect"], ["explain", "id"], ["schema", "invoice"]])
def test_bad_usage_of_a_command_ends_with_2(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words) == 2
    assert capsys.readouterr().err.startswith(f"usage: aboveboard {words[0]} ")


@pytest.mark.parametrize("words", ["detect missing.jsonl", "schema sale", "explain id missing"])
def test_commands_over_files_load_no_client_of_a_broker(words: str) -> None:
    program = (
        "import sys; from streams.cli.main import main; "
        f"main({words.split()!r}); "
        "found = {'faust', 'kafka', 'aiokafka', 'prometheus_client'} & set(sys.modules); "
        "sys.exit(str(found) if found else 0)"
    )
    subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)


JUDGES: Final = frozenset({"detect", "digest", "explain", "forget", "worker", "demo"})
"""Commands that judge agents, or read what was kept for it: they need the compiled parts."""


def loads_the_compiler(commands: Iterable[str]) -> bool:
    """Return whether importing all of these commands loads what compiles, or river."""
    modules = [COMMANDS[name].module for name in commands]
    program = (
        "import sys, importlib; "
        f"[importlib.import_module(module) for module in {modules!r}]; "
        "print(bool({'numba', 'river'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    return done.stdout.strip() == b"True"


def test_commands_that_judge_nobody_load_no_compiler() -> None:
    """It would take 70 MB of every desk, of every fold of cases and of every notifier."""
    assert not loads_the_compiler(COMMANDS.keys() - JUDGES)


def test_that_would_be_seen() -> None:
    assert loads_the_compiler(["detect"])


MISSING_PACKAGE: Final = """
import sys
sys.modules[{module!r}] = None
import streams.cli.main
streams.cli.main.COMMANDS["broken"] = streams.cli.main.CommandEntry({entry!r}, "is broken")
sys.exit(streams.cli.main.main({words!r}))
"""


@pytest.mark.parametrize(("words", "code"), [(["broken"], 2), (["broken", "--help"], 0)])
def test_a_missing_package_is_named(words: list[str], code: int) -> None:
    program = MISSING_PACKAGE.format(
        module="kafka", entry="streams.demo.embedded_broker", words=words
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, check=False, text=True
    )
    assert done.returncode == code
    said = " ".join((done.stdout + done.stderr).split())
    assert "the Python package 'kafka" in said
    assert "Traceback" not in said


def test_an_interrupt_ends_quietly() -> None:
    program = (
        "import sys, streams.cli.main as c\n"
        "class Interrupted:\n"
        "    def add_arguments(parser): pass\n"
        "    def run(arguments): raise KeyboardInterrupt\n"
        "sys.modules['interrupted'] = Interrupted\n"
        "c.COMMANDS['stop'] = c.CommandEntry('interrupted', '')\n"
        "sys.exit(c.main(['stop']))\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (130, b"", b"")
