"""Which role a person has by the groups that somebody else says they are in."""

from collections.abc import Iterable, Mapping
from typing import Final, get_args

from detectors.basis.errors import InvalidSettings
from detectors.events.decision import Role
from streams.config.host import variable
from streams.errors import AccessRefused

_STRONGEST_FIRST: Final[tuple[Role, ...]] = ("admin", "approver", "reviewer", "auditor", "viewer")
"""Of several roles the first counts. An administrator comes first: who gives roles decides nothing,
or would need nobody else."""

_NAME: Final = variable("desk_roles")


def role_map(text: str) -> Mapping[str, Role]:
    """Return the role of each group, from a text such as ``fraud-team=reviewer,heads=approver``.

    Without a text, the groups that are named as roles have them.

    Raises
    ------
    InvalidSettings
        It is not written so, or names a group twice or a role that there is not.
    """
    if not text.strip():
        return {role: role for role in _STRONGEST_FIRST}
    found: dict[str, Role] = {}
    for part in text.split(","):
        # The last sign: the name of a group in a directory has many.
        group, sign, role = (word.strip() for word in part.rpartition("="))
        known: dict[str, Role] = {one: one for one in get_args(Role)}
        if not sign or not group or role not in known:
            raise InvalidSettings(
                f"{_NAME}: {part.strip()!r} is not GROUP=ROLE; roles are {', '.join(known)}"
            )
        if group in found:
            raise InvalidSettings(f"{_NAME}: {group} is there twice. Remove one")
        found[group] = known[role]
    return found


def role_of(groups: Iterable[str], roles: Mapping[str, Role]) -> Role:
    """Return the role that somebody in these groups has.

    Raises
    ------
    AccessRefused
        They have none.
    """
    has = {roles[group] for group in groups if group in roles}
    for role in _STRONGEST_FIRST:
        if role in has:
            return role
    raise AccessRefused(
        403, f"you have no role here: ask for a group that {_NAME} gives one, and sign in again"
    )
