"""`aboveboard topics`: creates every topic of the catalogue, or checks those that are there.

With ``--acl`` it asks no broker: it prints who needs which right.
"""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

from streams.broker.admin import DEFAULT_PARTITIONS, apply_settings, counted, create_topics
from streams.broker.retention import read_retention
from streams.cli.arguments import add_broker_arguments, at_least_one, chosen_broker, chosen_security
from streams.cli.tables.access_table import ANY_ROLE, DEFAULT_PRINCIPAL, command_lines, table_lines
from streams.config.host import read_host_settings
from streams.files.settings import settings_from
from streams.wire.rights import Role


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
    parser.add_argument(
        "--apply-settings",
        action="store_true",
        help="give topics that are there the settings that they should have; without it a note "
        "names those that differ",
    )
    parser.add_argument(
        "--config",
        type=Path,
        metavar="FILE",
        help="settings file (TOML), whose windows a retention of the event topics must not be "
        "shorter than",
    )
    access = parser.add_argument_group("rights", "who needs which right; no broker is asked")
    access.add_argument(
        "--acl",
        nargs="?",
        choices=("table", "commands"),
        const="table",
        help="print the rights that each role needs and end: a table for people (the default), or "
        "commands of kafka-acls.sh that grant them",
    )
    access.add_argument(
        "--role",
        action="append",
        choices=[role.value for role in Role],
        help="only this role; may be repeated (default: all)",
    )
    access.add_argument(
        "--principal",
        default=DEFAULT_PRINCIPAL,
        metavar="PRINCIPAL",
        help=f"to whom the commands grant them; {ANY_ROLE} stands for the role (default: "
        "%(default)s)",
    )


def run(arguments: argparse.Namespace) -> int:
    """Create or check the topics, and list them; raises what `create_topics` raises."""
    bootstrap, prefix = chosen_broker(arguments)
    if arguments.acl is not None:
        sys.stdout.writelines(f"{line}\n" for line in _access_lines(arguments, bootstrap, prefix))
        return 0
    reports = create_topics(
        bootstrap,
        prefix,
        arguments.partitions,
        arguments.replication_factor,
        agents_partitions=arguments.agents_partitions,
        dry_run=arguments.dry_run,
        retention=read_retention(settings_from(arguments.config)),
        security=chosen_security(),
    )
    applied = arguments.apply_settings and not arguments.dry_run
    if applied:
        apply_settings(bootstrap, reports, chosen_security())
    missing = "to create" if arguments.dry_run else "created"
    width = max(len(report.name) for report in reports)
    for report in reports:
        settings = " ".join(f"{name}={value}" for name, value in report.settings.items())
        sys.stdout.write(
            f"{missing if report.missing else 'there':<9}  {report.name:<{width}}  "
            f"{counted(report.partitions):<13}  {settings}\n"
        )
        word = "changed" if applied else "note"
        sys.stdout.writelines(f"{'':<9}  {word}: {remark}\n" for remark in report.remarks)
    return 0


def _access_lines(arguments: argparse.Namespace, bootstrap: str, prefix: str) -> Iterator[str]:
    roles = [Role(name) for name in arguments.role or Role]
    group = read_host_settings().group
    if arguments.acl == "table":
        return table_lines(roles, prefix, group)
    return command_lines(roles, prefix, group, bootstrap, arguments.principal)
