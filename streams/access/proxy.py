"""Mode ``proxy``: a proxy that people have signed in at says who they are, by headers."""

from collections.abc import Mapping, Sequence
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final

from detectors.basis.errors import InvalidSettings
from detectors.events.decision import Role
from streams.access.person import Caller, Person, known_person
from streams.access.roles import role_of
from streams.config.host import variable
from streams.errors import AccessRefused

Network = IPv4Network | IPv6Network

_NETWORKS: Final = variable("desk_proxy_networks")


def trusted_networks(text: str) -> list[Network]:
    """Return the networks that a text such as ``10.1.2.3,10.2.0.0/16`` names.

    Raises
    ------
    InvalidSettings
        It names none, or everybody.
    """
    try:
        found = [ip_network(part.strip()) for part in text.split(",") if part.strip()]
    except ValueError as error:
        raise InvalidSettings(f"{_NETWORKS}: {error}. Write 10.1.2.3,10.2.0.0/16") from None
    if not found:
        raise InvalidSettings(
            f"{_NETWORKS} is not set: name the address of the proxy, or anybody could say that "
            "they are anybody"
        )
    if any(network.prefixlen == 0 for network in found):
        raise InvalidSettings(f"{_NETWORKS} trusts everybody: name the address of the proxy alone")
    return found


class ProxyDoor:
    """Knows people by the headers of a proxy, at addresses that are trusted and at no other."""

    def __init__(
        self,
        networks: Sequence[Network],
        login_header: str,
        groups_header: str,
        roles: Mapping[str, Role],
    ) -> None:
        self._networks: Final = networks
        self._login_header: Final = login_header
        self._groups_header: Final = groups_header
        self._roles: Final = roles

    async def person(self, caller: Caller) -> Person:
        """Return whom the proxy names; errors as `Door.person`."""
        if not self._is_trusted(caller.address):
            raise AccessRefused(
                403,
                f"{caller.address} is not an address of the proxy ({_NETWORKS}), and its headers "
                "are not believed: come through the proxy",
            )
        login = caller.header(self._login_header)
        if login is None or not login.strip():
            raise AccessRefused(401, f"the proxy sends no {self._login_header}: sign in there")
        if "," in login:  # what some proxies make of a header that was there twice
            raise AccessRefused(400, f"the header {self._login_header} names more than one login")
        groups = (caller.header(self._groups_header) or "").split(",")
        role = role_of((group.strip() for group in groups), self._roles)
        return known_person(login, role, "proxy")

    def _is_trusted(self, address: str) -> bool:
        try:
            known = ip_address(address.partition("%")[0])
        except ValueError:
            return False
        if isinstance(known, IPv6Address) and known.ipv4_mapped is not None:
            known = known.ipv4_mapped
        return any(known in network for network in self._networks)
