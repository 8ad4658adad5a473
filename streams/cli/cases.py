"""`aboveboard cases`: folds alerts and people's decisions into cases, over Kafka."""

import argparse
import signal
from pathlib import Path
from threading import Event

import msgspec

from streams.broker.rights_check import require_rights
from streams.broker.security import BrokerSecurity
from streams.cases.service import CaseService
from streams.config.host import read_host_settings
from streams.files.settings import settings_from
from streams.wire.rights import Role
from streams.worker.log import set_up_log


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command to its parser."""
    parser.add_argument(
        "--broker", metavar="HOST:PORT", help="default: ABOVEBOARD_BROKER, or localhost:9092"
    )
    parser.add_argument("--config", type=Path, metavar="FILE", help="settings file (TOML)")
    parser.add_argument(
        "--metrics-port",
        type=int,
        metavar="PORT",
        help="default: ABOVEBOARD_METRICS_PORT, or 9464; 0 takes a free one",
    )
    parser.add_argument(
        "--once",
        action="store_true",
        help="end when everything that stands in the topics was read, and the cases are told",
    )
    parser.epilog = (
        "It keeps nothing of its own, and several may run beside each other: they tell the same."
    )


def run(arguments: argparse.Namespace) -> int:
    """Keep the cases; 0 when it was asked to stop, 1 when the broker was away for too long.

    Raises
    ------
    AboveboardError
        If it cannot begin: the broker, the topics or the settings cannot be used.
    """
    set_up_log()
    host = read_host_settings()
    if arguments.broker is not None:
        host = msgspec.structs.replace(host, broker=arguments.broker)
    if arguments.metrics_port is not None:
        host = msgspec.structs.replace(host, metrics_port=arguments.metrics_port)
    settings = settings_from(arguments.config)
    security = BrokerSecurity.of(host)
    require_rights(host.broker, Role.CASES, host.topic_prefix, security, group=host.group)
    stop = Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    service = CaseService(settings, host, security, until_read=arguments.once)
    return service.run(stop)
