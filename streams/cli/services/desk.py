"""`aboveboard desk`: shows alerts and cases to people, and takes their decisions."""

import argparse
import signal
from pathlib import Path
from threading import Event

import msgspec

from streams.broker.rights_check import require_rights
from streams.cli.arguments import add_broker_arguments, chosen_broker, chosen_security
from streams.config.desk import read_desk_settings
from streams.config.host import read_host_settings
from streams.desk.service import DeskService
from streams.files.settings import settings_from
from streams.wire.rights import Role
from streams.worker.log import set_up_log


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command to its parser."""
    add_broker_arguments(parser)
    parser.add_argument(
        "--host", metavar="HOST", help="where to listen (default: ABOVEBOARD_DESK_HOST, 127.0.0.1)"
    )
    parser.add_argument(
        "--port",
        type=int,
        metavar="PORT",
        help="default: ABOVEBOARD_DESK_PORT, or 8464; 0 takes a free one",
    )
    parser.add_argument(
        "--config", type=Path, metavar="FILE", help="settings file (TOML) of worker and cases"
    )
    parser.add_argument(
        "--metrics-port",
        type=int,
        metavar="PORT",
        help="default: ABOVEBOARD_METRICS_PORT, or 9464; 0 takes a free one",
    )
    parser.epilog = (
        "Without ABOVEBOARD_DESK_MODE nobody is asked who they are, and it listens on this machine "
        "alone: docs/access.md."
    )


def run(arguments: argparse.Namespace) -> int:
    """Serve the desk; 0 when it was asked to stop, 1 when the broker was away for too long.

    Raises
    ------
    AboveboardError
        If it cannot begin: the broker, the topics or the settings cannot be used.
    """
    set_up_log()
    host, settings = read_host_settings(), read_desk_settings()
    bootstrap, prefix = chosen_broker(arguments)
    host = msgspec.structs.replace(host, broker=bootstrap, topic_prefix=prefix)
    if arguments.metrics_port is not None:
        host = msgspec.structs.replace(host, metrics_port=arguments.metrics_port)
    if arguments.host is not None:
        settings = msgspec.structs.replace(settings, desk_host=arguments.host)
    if arguments.port is not None:
        settings = msgspec.structs.replace(settings, desk_port=arguments.port)
    security = chosen_security()
    service = DeskService(settings, host, security, settings_from(arguments.config))
    require_rights(bootstrap, Role.DESK, prefix, security, group=host.group)
    stop = Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    return service.run(stop)
