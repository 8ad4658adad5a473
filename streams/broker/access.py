"""Access to the broker for the commands: checked first, and its errors in words of ours."""

import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, Final

from kafka.admin import KafkaAdminClient
from kafka.errors import (
    ClusterAuthorizationFailedError,
    GroupAuthorizationFailedError,
    KafkaError,
    KafkaTimeoutError,
    SaslAuthenticationFailedError,
    TopicAuthorizationFailedError,
)

from streams.broker.probe import probe
from streams.broker.security import OPEN, BrokerSecurity
from streams.config.host import variable
from streams.errors import (
    BrokerError,
    BrokerRefused,
    BrokerUnreachable,
    MissingRights,
    MissingTopics,
)

CONNECT_MILLISECONDS = 8_000
"""How long a client waits for a broker that listens and does not answer."""

RECONNECT_MILLISECONDS: Final = 2_000
"""The longest pause before a client tries a broker again that was gone. With what kafka-python does
by itself, the pauses grow to half a minute: after a broker's restart, the desk took a decision and
the keeper of cases read it only half a minute later."""

_CHATTY: Final = ("kafka.admin._groups", "kafka.net.selector")
"""Print every member whose bytes they cannot read, in full, at every look, and that it took long
while the worker's loop was at work."""

_CONNECT_SECONDS = 5.0
_LONGEST_MESSAGE = 300


@contextmanager
def explained(bootstrap: str) -> Iterator[None]:
    """Turn errors of the Kafka client inside the block into `BrokerError`."""
    try:
        yield
    except SaslAuthenticationFailedError as error:
        raise BrokerRefused(
            f"the Kafka broker at {bootstrap} refused user or password ({_short(error)}). Look at "
            f"{variable('sasl_username')}, {variable('sasl_mechanism')} and the password"
        ) from error
    except (
        ClusterAuthorizationFailedError,
        GroupAuthorizationFailedError,
        TopicAuthorizationFailedError,
    ) as error:
        raise MissingRights(
            f"the Kafka broker at {bootstrap} does not grant this user what is needed "
            f"({type(error).__name__}: {_short(error)}). The rights of every command: aboveboard "
            "topics --acl"
        ) from error
    except KafkaTimeoutError as error:
        raise _unreachable(bootstrap, _short(error)) from error
    except KafkaError as error:
        raise BrokerRefused(
            f"the Kafka broker at {bootstrap} did not do as asked ({_short(error)}). Look into its "
            "log, or name another with --broker or ABOVEBOARD_BROKER"
        ) from error


def require_service(bootstrap: str, security: BrokerSecurity = OPEN) -> None:
    """Return if a broker at one of the addresses serves us under these settings.

    Asked before any client is made: a client would try for long, and leave sockets open.

    Raises
    ------
    BrokerError
        None of them does; says why of one that answers, if any does.
    """
    reason: BrokerError | None = None
    for address in bootstrap.split(","):
        host, _, port = address.rpartition(":")
        try:
            probe(host.strip("[]"), int(port), security, _CONNECT_SECONDS)
        except OSError as error:
            reason = reason or _caused(_unreachable(bootstrap, str(error)), error)
        except BrokerRefused as error:
            reason = _caused(
                BrokerRefused(f"the Kafka broker at {address} will not serve: {error}"), error
            )
        else:
            return
    if reason is not None:
        raise reason


def answers(bootstrap: str, milliseconds: int = CONNECT_MILLISECONDS) -> bool:
    """Return whether an open broker there answers a request for metadata in time."""
    try:
        client = KafkaAdminClient(
            bootstrap_servers=bootstrap,
            request_timeout_ms=milliseconds,
            bootstrap_timeout_ms=milliseconds,
        )
    except KafkaError:
        return False
    try:
        return bool(client.describe_cluster()["brokers"])
    except KafkaError:
        return False
    finally:
        client.close()


def connection(bootstrap: str, security: BrokerSecurity) -> dict[str, Any]:
    """Return the arguments by which any client of kafka-python finds its broker, and comes back.

    They hold the password.
    """
    return {
        "bootstrap_servers": bootstrap.split(","),
        "bootstrap_timeout_ms": CONNECT_MILLISECONDS,
        "reconnect_backoff_max_ms": RECONNECT_MILLISECONDS,
        **security.for_kafka_python(),
    }


@contextmanager
def admin_client(bootstrap: str, security: BrokerSecurity = OPEN) -> Iterator[KafkaAdminClient]:
    """Yield an admin client for the block; errors of Kafka in it become BrokerError."""
    require_service(bootstrap, security)
    for name in _CHATTY:
        logging.getLogger(name).setLevel(logging.ERROR)
    with explained(bootstrap):
        client = KafkaAdminClient(**connection(bootstrap, security))
        try:
            yield client
        finally:
            client.close()


def partition_counts(client: KafkaAdminClient) -> dict[str, int]:
    """Return the number of partitions of every topic there is.

    It asks for all topics, since some brokers create a topic that is asked for by name.
    """
    return {topic["name"]: len(topic["partitions"]) for topic in client.describe_topics()}


def require_topics(bootstrap: str, *names: str, security: BrokerSecurity = OPEN) -> dict[str, int]:
    """Return the numbers of partitions of these topics.

    Raises
    ------
    BrokerError
        The broker does not answer, or topics are missing.
    """
    with admin_client(bootstrap, security) as client:
        found = partition_counts(client)
    missing = [name for name in names if name not in found]
    if missing:
        raise missing_topics(bootstrap, missing)
    return {name: found[name] for name in names}


def missing_topics(bootstrap: str, names: Iterable[str]) -> MissingTopics:
    """Return the error that names topics which are not there, and the remedy."""
    return MissingTopics(
        f"the broker at {bootstrap} has no topic {', '.join(names)}. Create all topics with: "
        f"aboveboard topics --broker {bootstrap} (and the same --topic-prefix)"
    )


def _unreachable(bootstrap: str, reason: str) -> BrokerUnreachable:
    return BrokerUnreachable(
        f"no Kafka broker answers at {bootstrap} ({reason}). Start one there, or name another with "
        "--broker or ABOVEBOARD_BROKER"
    )


def _caused(error: BrokerError, cause: Exception) -> BrokerError:
    error.__cause__ = cause
    return error


def _short(error: KafkaError) -> str:
    text = str(error) or type(error).__name__
    return text if len(text) <= _LONGEST_MESSAGE else f"{text[:_LONGEST_MESSAGE]}..."
