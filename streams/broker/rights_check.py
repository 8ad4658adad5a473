"""Whether the user that a command names has the rights that the command needs."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from kafka.admin import KafkaAdminClient
from kafka.errors import (
    CoordinatorLoadInProgressError,
    CoordinatorNotAvailableError,
    GroupAuthorizationFailedError,
    NotCoordinatorError,
    TopicAuthorizationFailedError,
)

from streams.broker.access import admin_client
from streams.broker.security import BrokerSecurity
from streams.errors import MissingRights
from streams.wire.rights import Right, Role, missing_operations, rights_of

_GRANTED: Final = "authorized_operations"


def require_rights(
    bootstrap: str, role: Role, prefix: str, security: BrokerSecurity, *, group: str = ""
) -> None:
    """Return if the broker grants what a role needs, as far as it tells.

    Asked before the work begins: a client that is refused in the middle says which request failed,
    not which right is missing, and some wait for a right that never comes. A broker that does not
    tell is taken at its word later. Only workers need their `group`.

    Raises
    ------
    BrokerError
        The broker does not answer.
    MissingRights
        It lacks some; all of them are named.
    """
    needed = [right for right in rights_of(role, prefix, group) if not right.when]
    with admin_client(bootstrap, security) as client:
        missing = [*_missing_on_topics(client, needed), *_missing_on_groups(client, needed)]
    if missing:
        user = f"the user {security.username}" if security.username else "this client"
        raise MissingRights(
            f"the broker at {bootstrap} does not grant {user} {'; '.join(missing)}. Commands that "
            f"grant it: aboveboard topics --acl commands --role {role.value}"
        )


def _missing_on_topics(client: KafkaAdminClient, needed: Iterable[Right]) -> list[str]:
    rights = [right for right in needed if right.resource == "topic"]
    found: dict[str, Mapping[str, Any]] = {
        topic["name"]: topic for topic in client.describe_topics()
    }
    missing = []
    for right in rights:
        topic = found.get(right.name)
        if topic is None:
            # Not there, or not to be seen: only a question by its name tells which.
            if _is_hidden(client, right.name):
                missing.append(f"{_words(right.operations)} on topic {right.name}")
        elif topic.get(_GRANTED):
            lacking = missing_operations(right, frozenset(topic[_GRANTED]))
            if lacking:
                missing.append(f"{_words(lacking)} on topic {right.name}")
    return missing


def _is_hidden(client: KafkaAdminClient, name: str) -> bool:
    (topic,) = client.describe_topics([name])
    return bool(topic["error_code"] == TopicAuthorizationFailedError.errno)


def _missing_on_groups(client: KafkaAdminClient, needed: Iterable[Right]) -> list[str]:
    missing = []
    for right in needed:
        if right.resource != "group" or not right.name:
            continue
        try:
            described = client.describe_groups([right.name])
        except (
            CoordinatorLoadInProgressError,
            CoordinatorNotAvailableError,
            NotCoordinatorError,
        ):
            continue  # a cluster that has just begun cannot tell yet
        except ValueError:
            # The broker names an operation that the client does not know: a later release of Kafka
            # has more, and the embedded broker sets every bit. Joining the group will tell.
            continue
        except GroupAuthorizationFailedError:
            missing.append(f"{_words(right.operations)} on group {right.name}")
            continue
        granted = described.get(right.name, {}).get(_GRANTED)
        lacking = missing_operations(right, frozenset(granted)) if granted else ()
        if lacking:
            missing.append(f"{_words(lacking)} on group {right.name}")
    return missing


def _words(operations: Iterable[str]) -> str:
    return " and ".join(operations)
