"""`aboveboard simulate`: a contact centre with planted misconduct, as files."""

import argparse
import sys
from datetime import date
from pathlib import Path

from streams.simulation.planted import FORMS
from streams.simulation.settings import SimulationSettings
from streams.simulation.writing import TRUTH_FILE, write_simulation


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command to its parser."""
    parser.add_argument("--agents", type=int, required=True, help="number of agents")
    parser.add_argument("--days", type=int, required=True, help="length of the period in days")
    parser.add_argument(
        "--seed", type=int, required=True, help="the same seed gives the same files"
    )
    parser.add_argument(
        "--out",
        type=Path,
        required=True,
        metavar="DIR",
        help="folder for events.jsonl and truth.json; created if missing",
    )
    parser.add_argument(
        "--sales-per-day",
        type=float,
        default=3.0,
        metavar="X",
        help="mean sales of an agent on a working day (default: %(default)s)",
    )
    parser.add_argument(
        "--start",
        type=date.fromisoformat,
        default=date(2025, 1, 1),
        metavar="DATE",
        help="first day of the period, YYYY-MM-DD (default: %(default)s)",
    )
    parser.add_argument(
        "--planted-share",
        type=float,
        default=0.03,
        metavar="SHARE",
        help="share of agents with planted misconduct, 0 for none (default: %(default)s)",
    )
    parser.add_argument(
        "--also-plant",
        "--plant",
        action="append",
        default=[],
        choices=("all", *sorted(FORMS)),
        metavar="PATTERN",
        help="plant a pattern that is off by default, too, or all of them; may be given more than "
        f"once. One of {', '.join(sorted(FORMS))}",
    )
    parser.add_argument("--gzip", action="store_true", help="write events.jsonl.gz instead")
    parser.add_argument(
        "--force",
        action="store_true",
        help="also replace files in DIR that no simulation wrote",
    )


def run(arguments: argparse.Namespace) -> int:
    """Write the simulation; return 0, or 2 when the arguments cannot be used.

    Raises
    ------
    AboveboardError, OSError
        If the folder cannot be used, or holds what no simulation wrote.
    """
    try:
        settings = SimulationSettings(
            agents=arguments.agents,
            days=arguments.days,
            seed=arguments.seed,
            sales_per_day=arguments.sales_per_day,
            start=arguments.start,
            planted_share=arguments.planted_share,
            also_planted=_planted(arguments.also_plant),
        )
    except ValueError as error:
        sys.stderr.write(f"aboveboard simulate: {error}\n")
        return 2
    events_path, truth = write_simulation(
        settings, arguments.out, compressed=arguments.gzip, force=arguments.force
    )
    counts = ", ".join(f"{number:,} {kind}" for kind, number in truth.events.items())
    sys.stderr.write(
        f"{events_path}: {sum(truth.events.values()):,} events ({counts})\n"
        f"{events_path.with_name(TRUTH_FILE)}: {len(truth.planted)} planted and "
        f"{truth.honest_agents} honest agents\n"
    )
    return 0


def _planted(asked: list[str]) -> tuple[str, ...]:
    """Return each pattern that is asked for once; those of ``all`` by their names."""
    return tuple(sorted(FORMS)) if "all" in asked else tuple(dict.fromkeys(asked))
