"""`aboveboard worker`: the stages over Kafka, until it is asked to stop."""

import argparse
import asyncio
import os
from pathlib import Path
from typing import Final

import msgspec

from detectors.basis.durations import seconds_of
from detectors.basis.event_time import seconds_at
from detectors.settings import Settings
from streams.broker.batches.needed import require_codecs
from streams.broker.rights_check import require_rights
from streams.broker.security import BrokerSecurity
from streams.broker.topic_check import find_partitions
from streams.cli.arguments import until_time
from streams.config.host import read_host_settings
from streams.files.settings import settings_from
from streams.memory import rare_collections
from streams.stages.losses import accepted_losses
from streams.wire.rights import Role
from streams.worker.log import set_up_log
from streams.worker.service import Worker
from streams.worker.shutdown import run_to_end
from streams.worker.warm_up import warm_up

_OWNER_ONLY: Final = 0o077
"""Takes all rights from everybody else: the copy of the state names people."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command to its parser."""
    parser.add_argument(
        "--broker", metavar="HOST:PORT", help="default: ABOVEBOARD_BROKER, or localhost:9092"
    )
    parser.add_argument("--config", type=Path, metavar="FILE", help="settings file (TOML)")
    parser.add_argument(
        "--until",
        metavar="TIME",
        help="backfill: read everything, judge up to TIME (2025-06-30T00:00:00Z), leave out later "
        "events, and end",
    )
    parser.add_argument(
        "--accept-loss",
        metavar="TOPIC:PARTITION:FROM-TO",
        action="append",
        default=[],
        help="go on without these records of events, which the broker has deleted before they were "
        "read; may be given several times",
    )
    parser.add_argument(
        "--metrics-port",
        type=int,
        metavar="PORT",
        help="default: ABOVEBOARD_METRICS_PORT, or 9464; 0 takes a free one",
    )


def run(arguments: argparse.Namespace) -> int:
    """Run a worker; 0 when it was asked to stop, 1 when it could not go on.

    Raises
    ------
    AboveboardError
        If it cannot begin: the broker, the topics, the settings or the state cannot be used.
    """
    set_up_log()
    require_codecs()
    os.umask(_OWNER_ONLY)
    host = read_host_settings()
    if arguments.broker is not None:
        host = msgspec.structs.replace(host, broker=arguments.broker)
    if arguments.metrics_port is not None:
        host = msgspec.structs.replace(host, metrics_port=arguments.metrics_port)
    settings = settings_from(arguments.config)
    until = until_time(arguments.until, settings.limits)
    security = BrokerSecurity.of(host)
    require_rights(host.broker, Role.WORKER, host.topic_prefix, security, group=host.group)
    needed = 1_000 * _seconds_a_replay_needs(settings)
    partitions = find_partitions(host, security, needed)
    worker = Worker(
        settings,
        host,
        security,
        partitions,
        until=None if until is None else seconds_at(until),
        accepted=accepted_losses(arguments.accept_loss, host.topic_prefix, partitions.accounts),
    )
    warm_up(settings)
    with rare_collections():
        return asyncio.run(run_to_end(worker.run(), worker.shutdown))


def _seconds_a_replay_needs(settings: Settings) -> float:
    """Return for how long events must be kept for a replay to judge every sale as it was judged."""
    longest = max((seconds_of(one.window) for one in settings.settled()), default=0.0)
    times = settings.time
    return longest + seconds_of(times.allowed_lateness) + seconds_of(times.corrections_for)
