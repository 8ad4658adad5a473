"""Where the broker is, and what to say when it is of no use: shared by the commands on Kafka."""

import argparse
import re
from collections.abc import Iterator
from contextlib import contextmanager

from kafka.admin import KafkaAdminClient
from kafka.errors import KafkaError, KafkaTimeoutError, SaslAuthenticationFailedError

from detectors.basis.errors import AboveboardError
from streams.broker.probe import BrokerWillNotServe, probe
from streams.broker.security import OPEN, BrokerSecurity
from streams.config.host import read_host_settings, variable

CONNECT_MILLISECONDS = 8_000
"""How long a client waits for a broker that listens and does not answer."""

_CONNECT_SECONDS = 5.0
_ALLOWED_PREFIX = re.compile(r"[A-Za-z0-9._-]{0,200}")
_LONGEST_MESSAGE = 300


class BrokerOfNoUse(AboveboardError):
    """The broker cannot be reached or cannot serve: the message names the place and the remedy."""


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
    """Give bootstrap address and topic prefix, from the arguments or else the environment.

    Raises
    ------
    BrokerOfNoUse
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
            raise BrokerOfNoUse(
                f"{address!r} is not the address of a broker. Give HOST:PORT with --broker or in "
                "ABOVEBOARD_BROKER, for example localhost:9092"
            )
    if not _ALLOWED_PREFIX.fullmatch(prefix):
        raise BrokerOfNoUse(
            f"{prefix!r} cannot be part of a topic name. Use letters, digits, '.', '_' and '-' in "
            "--topic-prefix or ABOVEBOARD_TOPIC_PREFIX"
        )
    return bootstrap, prefix


def chosen_security() -> BrokerSecurity:
    """Give how the broker is to be spoken to, from the environment alone: it may hold a secret.

    Raises
    ------
    InvalidSettings
        An environment variable, or a file that one names, holds what cannot be used.
    """
    return BrokerSecurity.of(read_host_settings())


@contextmanager
def explained(bootstrap: str) -> Iterator[None]:
    """Turn errors of the Kafka client inside the block into BrokerOfNoUse."""
    try:
        yield
    except SaslAuthenticationFailedError as error:
        raise BrokerOfNoUse(
            f"the Kafka broker at {bootstrap} refused user or password ({_short(error)}). Look at "
            f"{variable('sasl_username')}, {variable('sasl_mechanism')} and the password"
        ) from error
    except KafkaTimeoutError as error:
        raise _unreachable(bootstrap, _short(error)) from error
    except KafkaError as error:
        raise BrokerOfNoUse(
            f"the Kafka broker at {bootstrap} did not do as asked ({_short(error)}). Look into its "
            "log, or name another with --broker or ABOVEBOARD_BROKER"
        ) from error


def require_service(bootstrap: str, security: BrokerSecurity = OPEN) -> None:
    """Return if a broker at one of the addresses takes us as we are.

    The clients would try for long, and leave sockets open.

    Raises
    ------
    BrokerOfNoUse
        None of them does; says why of one that answers, if any does.
    """
    reason: BrokerOfNoUse | None = None
    for address in bootstrap.split(","):
        host, _, port = address.rpartition(":")
        try:
            probe(host.strip("[]"), int(port), security, _CONNECT_SECONDS)
        except OSError as error:
            reason = reason or _caused(_unreachable(bootstrap, str(error)), error)
        except BrokerWillNotServe as error:
            reason = _caused(
                BrokerOfNoUse(f"the Kafka broker at {address} will not serve: {error}"), error
            )
        else:
            return
    if reason is not None:
        raise reason


@contextmanager
def admin_client(bootstrap: str, security: BrokerSecurity = OPEN) -> Iterator[KafkaAdminClient]:
    """Give an admin client for the block; errors of Kafka in it become BrokerOfNoUse."""
    require_service(bootstrap, security)
    with explained(bootstrap):
        client = KafkaAdminClient(
            bootstrap_servers=bootstrap.split(","),
            bootstrap_timeout_ms=CONNECT_MILLISECONDS,
            **security.for_kafka_python(),
        )
        try:
            yield client
        finally:
            client.close()


def partition_counts(client: KafkaAdminClient) -> dict[str, int]:
    """Give the number of partitions of every topic there is.

    It asks for all topics, since some brokers create a topic that is asked for by name.
    """
    return {topic["name"]: len(topic["partitions"]) for topic in client.describe_topics()}


def require_topics(bootstrap: str, *names: str, security: BrokerSecurity = OPEN) -> dict[str, int]:
    """Give the numbers of partitions of these topics.

    Raises
    ------
    BrokerOfNoUse
        The broker does not answer, or topics are missing.
    """
    with admin_client(bootstrap, security) as client:
        found = partition_counts(client)
    missing = [name for name in names if name not in found]
    if missing:
        raise BrokerOfNoUse(
            f"the broker at {bootstrap} has no topic {', '.join(missing)}. Create all topics with: "
            f"aboveboard topics --broker {bootstrap} (and the same --topic-prefix)"
        )
    return {name: found[name] for name in names}


def _unreachable(bootstrap: str, reason: str) -> BrokerOfNoUse:
    return BrokerOfNoUse(
        f"no Kafka broker answers at {bootstrap} ({reason}). Start one there, or name another with "
        "--broker or ABOVEBOARD_BROKER"
    )


def _caused(error: BrokerOfNoUse, cause: Exception) -> BrokerOfNoUse:
    error.__cause__ = cause
    return error


def _short(error: KafkaError) -> str:
    text = str(error) or type(error).__name__
    return text if len(text) <= _LONGEST_MESSAGE else f"{text[:_LONGEST_MESSAGE]}..."
