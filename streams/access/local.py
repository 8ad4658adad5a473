"""Mode ``none``: whoever is on this machine, under one name."""

from ipaddress import ip_address
from typing import Final

from detectors.events.decision import Role
from streams.access.person import Caller, Person
from streams.errors import AccessRefused

LOGIN: Final = "local"

_OF_PROXIES: Final = ("forwarded", "via", "x-real-ip")
_MODES: Final = "set a mode that knows people (docs/access.md)"


class LocalDoor:
    """Takes everybody on this machine for one person, and nobody else for anybody."""

    def __init__(self, role: Role) -> None:
        self._role: Final = role

    async def person(self, caller: Caller) -> Person:
        """Return the person; errors as `Door.person`."""
        if not is_loopback(caller.address):
            raise AccessRefused(403, f"{caller.address} is not this machine: {_MODES}")
        for name, _ in caller.headers:
            # A proxy on this machine would let the whole network in.
            if name.lower() in _OF_PROXIES or name.lower().startswith("x-forwarded-"):
                raise AccessRefused(403, f"a proxy has sent this ({name}): {_MODES}")
        if not _names_this_machine(caller.header("Host") or ""):
            # A page of somebody else, whose name was made to lead here.
            raise AccessRefused(403, "call the desk by localhost or 127.0.0.1, by no other name")
        return Person(LOGIN, self._role, "none")


def is_loopback(address: str) -> bool:
    """Return whether an address is one of this machine alone."""
    try:
        known = ip_address(address)
    except ValueError:
        return False
    mapped = getattr(known, "ipv4_mapped", None)
    return known.is_loopback or (mapped is not None and mapped.is_loopback)


def _names_this_machine(host: str) -> bool:
    if host.startswith("["):
        return is_loopback(host[1:].partition("]")[0])
    name = host.partition(":")[0]
    return name.lower() == "localhost" or is_loopback(name)
