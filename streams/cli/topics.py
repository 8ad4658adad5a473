"""`aboveboard topics`: creates every topic of the catalogue, or checks those that are there."""

import argparse
import sys

from streams.broker.admin import DEFAULT_PARTITIONS, counted, create_topics
from streams.cli.arguments import add_broker_arguments, at_least_one, chosen_broker, chosen_security


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command to its parser."""
    add_broker_arguments(parser)
    parser.add_argument(
        "--partitions",
        type=at_least_one,
        default=DEFAULT_PARTITIONS,
        metavar="N",
        help="partitions of the event topics, which limit the number of workers; cannot be changed "
        "later (default: %(default)s)",
    )
    parser.add_argument(
        "--agents-partitions",
        type=at_least_one,
        metavar="N",
        help="partitions of the topics about agents; few are enough, and each costs time; cannot "
        "be changed later (default: a quarter of --partitions)",
    )
    parser.add_argument(
        "--replication-factor",
        type=at_least_one,
        default=1,
        metavar="R",
        help="copies of every partition, not more than brokers; use 3 in production "
        "(default: %(default)s)",
    )
    parser.add_argument(
        "--dry-run", action="store_true", help="print what is missing, create nothing"
    )


def run(arguments: argparse.Namespace) -> int:
    """Create or check the topics, and list them; raises what `create_topics` raises."""
    bootstrap, prefix = chosen_broker(arguments)
    reports = create_topics(
        bootstrap,
        prefix,
        arguments.partitions,
        arguments.replication_factor,
        agents_partitions=arguments.agents_partitions,
        dry_run=arguments.dry_run,
        security=chosen_security(),
    )
    missing = "to create" if arguments.dry_run else "created"
    width = max(len(report.name) for report in reports)
    for report in reports:
        settings = " ".join(f"{name}={value}" for name, value in report.settings.items())
        sys.stdout.write(
            f"{missing if report.missing else 'there':<9}  {report.name:<{width}}  "
            f"{counted(report.partitions):<13}  {settings}\n"
        )
        sys.stdout.writelines(f"{'':<9}  note: {remark}\n" for remark in report.remarks)
    return 0
