"""What several commands take from the command line: numbers, times, and where the broker is.

The parsers of numbers are for argparse, which puts what they raise into words.
"""

import argparse
import re
import time
from datetime import datetime
from typing import Final

import msgspec

from detectors.basis.durations import seconds_of
from detectors.events.event import Moment
from detectors.limit_settings import Limits
from streams.broker.security import BrokerSecurity
from streams.config.host import read_host_settings
from streams.errors import BrokerError, InvalidTime
from streams.files.shortfall import MOST_REFUSED

_WHOLE: Final = 100.0

_DURATION: Final = re.compile(r"[0-9]+(\.[0-9]+)?[smhd]")
_ALLOWED_PREFIX: Final = re.compile(r"[A-Za-z0-9._-]{0,200}")


def at_least_one(text: str) -> int:
    """Return a number that is 1 or more."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is not at least 1")
    return number


def not_negative(text: str) -> int:
    """Return a number that is 0 or more."""
    number = int(text)
    if number < 0:
        raise argparse.ArgumentTypeError(f"{text} is negative")
    return number


def positive(text: str) -> float:
    """Return a number above 0."""
    number = float(text)
    if not number > 0:
        raise argparse.ArgumentTypeError(f"{text} is not greater than 0")
    return number


def since_time(text: str) -> int:
    """Return a time in the past in milliseconds since 1970: RFC 3339, or a duration before now."""
    if _DURATION.fullmatch(text):
        return round(1_000 * (time.time() - seconds_of(text)))
    try:
        return round(1_000 * msgspec.convert(text, Moment).timestamp())
    except msgspec.ValidationError:
        raise argparse.ArgumentTypeError(
            f"{text} is neither a date and time with an offset, such as 2025-06-30T00:00:00Z, nor "
            "a duration, such as 2h"
        ) from None


def share(text: str) -> float:
    """Return the share that a text such as ``1%`` says; the sign is asked for, 1 could be 100 %."""
    number, sign, rest = text.partition("%")
    if not sign or rest or not 0 <= float(number) <= _WHOLE:
        raise argparse.ArgumentTypeError(f"{text} is no share; write it as 1% or 0.5%")
    return float(number) / _WHOLE


def add_most_refused(parser: argparse.ArgumentParser) -> None:
    """Add ``--most-refused``, a share of the records."""
    parser.add_argument(
        "--most-refused",
        type=share,
        default=MOST_REFUSED,
        metavar="SHARE",
        help="end with exit code 1 if more of the records than this are refused (default: 1%%)",
    )


def until_time(text: str | None, limits: Limits) -> datetime | None:
    """Read the value of ``--until``: RFC 3339 with an offset or Z, within the credible times.

    It is read as the times of events are, and once the settings are known: a time at which no event
    can be is a mistake.

    Raises
    ------
    InvalidTime
        If it is neither; None, for no such option, stays None.
    """
    if text is None:
        return None
    try:
        moment = msgspec.convert(text, Moment)
    except msgspec.ValidationError:
        raise InvalidTime(
            f"--until {text}: not a date and time with an offset; write it as 2025-06-30T00:00:00Z"
        ) from None
    if not limits.earliest_event <= moment <= limits.latest_event:
        raise InvalidTime(
            f"--until {text}: outside limits.earliest_event = {limits.earliest_event.isoformat()} "
            f"to limits.latest_event = {limits.latest_event.isoformat()}"
        )
    return moment


def add_broker_arguments(parser: argparse.ArgumentParser) -> None:
    """Add ``--broker`` and ``--topic-prefix``, which `chosen_broker` reads."""
    parser.add_argument(
        "--broker",
        metavar="HOST:PORT",
        help="Kafka bootstrap server, several separated by commas (default: the environment "
        "variable ABOVEBOARD_BROKER, else localhost:9092)",
    )
    parser.add_argument(
        "--topic-prefix",
        metavar="PREFIX",
        help="put before every topic name (default: ABOVEBOARD_TOPIC_PREFIX, else none)",
    )


def chosen_broker(arguments: argparse.Namespace) -> tuple[str, str]:
    """Return bootstrap address and topic prefix, from the arguments or else the environment.

    Raises
    ------
    BrokerError
        The address is not HOST:PORT, or the prefix cannot be part of a topic name.
    InvalidSettings
        An environment variable holds a value that cannot be used.
    """
    settings = read_host_settings()
    bootstrap = settings.broker if arguments.broker is None else arguments.broker
    prefix = settings.topic_prefix if arguments.topic_prefix is None else arguments.topic_prefix
    bootstrap = bootstrap.removeprefix("kafka://")
    for address in bootstrap.split(","):
        host, _, port = address.rpartition(":")
        if not host or not port.isdecimal():
            raise BrokerError(
                f"{address!r} is not the address of a broker. Give HOST:PORT with --broker or in "
                "ABOVEBOARD_BROKER, for example localhost:9092"
            )
    if not _ALLOWED_PREFIX.fullmatch(prefix):
        raise BrokerError(
            f"{prefix!r} cannot be part of a topic name. Use letters, digits, '.', '_' and '-' in "
            "--topic-prefix or ABOVEBOARD_TOPIC_PREFIX"
        )
    return bootstrap, prefix


def chosen_security() -> BrokerSecurity:
    """Return how the broker is to be addressed, from the environment alone: it may hold a secret.

    Raises
    ------
    InvalidSettings
        An environment variable, or a file that one names, holds what cannot be used.
    """
    return BrokerSecurity.of(read_host_settings())
