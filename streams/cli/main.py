"""The command `aboveboard`: finds the module of a subcommand, and ends every error in one line."""

import argparse
import importlib
import os
import sys
from importlib.metadata import PackageNotFoundError, version
from typing import Final, NamedTuple, Protocol

from detectors.alerts.alert import ENGINE_VERSION
from detectors.basis.errors import AboveboardError
from streams.cli.standard_streams import (
    discard_stdout,
    fill_closed_streams,
    is_of_stdout,
    say_last,
)
from streams.memory import rare_collections
from streams.printable import printable

UNUSABLE: Final = 2
INTERRUPTED: Final = 130
READER_GONE: Final = 141


class CommandEntry(NamedTuple):
    """Where a subcommand lives. Its module is imported only when it is called."""

    module: str
    help: str


COMMANDS: Final = {
    "detect": CommandEntry("streams.cli.detect", "find alerts in files of events; needs no broker"),
    "explain": CommandEntry(
        "streams.cli.explain",
        "recompute an alert, a commission or a commendation from files of events",
    ),
    "simulate": CommandEntry(
        "streams.cli.simulation.simulate", "write a simulated contact centre to files"
    ),
    "answer": CommandEntry(
        "streams.cli.simulation.answer",
        "answer requests to call customers back, as the truth of a simulation has it",
    ),
    "schema": CommandEntry("streams.cli.schema", "print the JSON Schema of events and alerts"),
    "detectors": CommandEntry(
        "streams.cli.detectors", "list the kinds of detectors, and hold one to its laws"
    ),
    "worker": CommandEntry("streams.cli.worker", "find alerts in Kafka topics, as a service"),
    "cases": CommandEntry(
        "streams.cli.cases", "fold alerts and decisions in Kafka into cases, as a service"
    ),
    "topics": CommandEntry("streams.cli.topics", "create the Kafka topics"),
    "replay": CommandEntry("streams.cli.replay", "send files of events to the Kafka topics"),
    "copy-events": CommandEntry(
        "streams.cli.reading.copy_events",
        "copy the events of one prefix to another, without some records",
    ),
    "alerts": CommandEntry(
        "streams.cli.alerts.command",
        "list, show and follow alerts from Kafka, and decide about them",
    ),
    "digest": CommandEntry(
        "streams.cli.reading.digest", "report on the alerts in Kafka, to a file or by mail"
    ),
    "desk": CommandEntry(
        "streams.cli.services.desk", "show alerts and cases to people, and take their decisions"
    ),
    "notify": CommandEntry("streams.cli.notify", "tell Alertmanager of the alerts in Kafka"),
    "dead-letters": CommandEntry(
        "streams.cli.dead_letters", "list, show and replay refused records"
    ),
    "forget": CommandEntry(
        "streams.cli.privacy.forget", "erase an account, and look where its id still stands"
    ),
    "pseudonymise": CommandEntry(
        "streams.cli.privacy.pseudonymise", "hide the ids of customers and accounts under a key"
    ),
    "reveal": CommandEntry(
        "streams.cli.privacy.reveal", "turn pseudonyms back, for those who hold the key"
    ),
    "demo": CommandEntry("streams.cli.demo", "show a simulated year live, on an embedded broker"),
}


class Command(Protocol):
    """What the module of a subcommand offers."""

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Add the arguments of the command to its parser."""

    def run(self, arguments: argparse.Namespace) -> int:
        """Do what the command is for; give its exit code."""


def main(argv: list[str] | None = None) -> int:
    """Run the command that `argv` (without the program's name; default: `sys.argv`) asks for.

    Gives the exit code: that of the command, or 2 for bad usage and for input, settings or packages
    that cannot be used, 130 after an interrupt, 141 when nobody reads the output any more.
    """
    fill_closed_streams()
    words = sys.argv[1:] if argv is None else argv
    name = words[0] if words else ""
    try:
        if name not in COMMANDS:
            _overview().parse_args(words or ["--help"])
            return UNUSABLE
        code = _run(name, words[1:])
        sys.stdout.flush()
        sys.stderr.flush()
    except SystemExit as ending:
        return ending.code if isinstance(ending.code, int) else UNUSABLE
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        discard_stdout()
        return READER_GONE
    except (AboveboardError, OSError) as error:
        if isinstance(error, OSError) and is_of_stdout(error):
            discard_stdout()
        say_last(f"aboveboard {name}: {printable(_sentence(error))}\n")
        return UNUSABLE
    return code


def _run(name: str, words: list[str]) -> int:
    entry = COMMANDS[name]
    parser = argparse.ArgumentParser(prog=f"aboveboard {name}", description=entry.help)
    try:
        # What is imported stays: looking through it for garbage takes a seventh of the time.
        with rare_collections():
            command: Command = importlib.import_module(entry.module)
    except ModuleNotFoundError as error:
        missing = f"the Python package {error.name!r} is not installed here"
        parser.epilog = f"This command cannot run: {missing}."
        parser.parse_known_args(words)
        sys.stderr.write(
            f"aboveboard {name}: {missing}; install what is missing with "
            "pip install aboveboard, or in a checkout with make install\n"
        )
        return UNUSABLE
    command.add_arguments(parser)
    return command.run(parser.parse_args(words))


def _overview() -> argparse.ArgumentParser:
    width = max(map(len, COMMANDS))
    parser = argparse.ArgumentParser(
        prog="aboveboard",
        description="Watches a sales force over event streams and raises explainable, replayable "
        "alerts.",
        epilog="commands:\n"
        + "\n".join(f"  {name:{width}}  {entry.help}" for name, entry in COMMANDS.items())
        + "\n\nHelp on a command: aboveboard COMMAND --help",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"aboveboard {_version()}")
    parser.add_argument(
        "command", metavar="COMMAND", choices=COMMANDS, help="one of the commands below"
    )
    return parser


def _version() -> str:
    try:
        return version("aboveboard")
    except PackageNotFoundError:  # run from a checkout that was never installed
        return ENGINE_VERSION


def _sentence(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror is not None:
        if error.filename is not None:
            return f"{os.fsdecode(error.filename)}: {error.strerror}"
        if is_of_stdout(error):
            return f"stdout: {error.strerror}"
    return " ".join(str(error).split()) or type(error).__name__
