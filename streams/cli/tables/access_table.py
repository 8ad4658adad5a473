"""The access table as text: for people, and as commands for Kafka's own tool."""

import shlex
from collections.abc import Iterable, Iterator
from typing import Final

from streams.wire.rights import ROLES, THEIR_GROUP, Right, Role, rights_of

ANY_ROLE: Final = "{role}"
"""What in a principal stands for the role."""

DEFAULT_PRINCIPAL: Final = f"User:aboveboard-{ANY_ROLE}"

_THEIR_GROUP_NAME: Final = "(a group of its own)"
_THEIR_GROUP_WORD: Final = '"${SUBSCRIBER_GROUP:?set it to the group of the subscriber}"'


def table_lines(roles: Iterable[Role], prefix: str, group: str) -> Iterator[str]:
    """Yield the table: role, resource, name, operations, and when they are needed."""
    for role in roles:
        yield f"{role.value}  ({ROLES[role]})"
        rights = list(rights_of(role, prefix, group))
        width = max(len(_shown_name(right)) for right in rights)
        for right in rights:
            when = f"  ({right.when})" if right.when else ""
            operations = ", ".join(right.operations)
            yield f"  {right.resource:<7}  {_shown_name(right):<{width}}  {operations}{when}"


def command_lines(
    roles: Iterable[Role], prefix: str, group: str, bootstrap: str, principal: str
) -> Iterator[str]:
    """Yield commands that grant the rights; those needed only sometimes as comments."""
    for role in roles:
        yield f"# {role.value}: {ROLES[role]}"
        whose = principal.replace(ANY_ROLE, role.value)
        for right in rights_of(role, prefix, group):
            command = _command(right, bootstrap, whose)
            yield f"# {right.when}: {command}" if right.when else command


def _shown_name(right: Right) -> str:
    return _THEIR_GROUP_NAME if right.name == THEIR_GROUP else right.name


def _command(right: Right, bootstrap: str, principal: str) -> str:
    words = ["kafka-acls.sh", "--bootstrap-server", bootstrap, "--add"]
    words += ["--allow-principal", principal]
    for operation in right.operations:
        words += ["--operation", operation]
    text = shlex.join(words)
    if right.resource == "cluster":
        return f"{text} --cluster"
    name = _THEIR_GROUP_WORD if right.name == THEIR_GROUP else shlex.quote(right.name)
    return f"{text} --{right.resource} {name}"
