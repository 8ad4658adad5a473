"""Which addresses a webhook may be at, checked where the connection is made.

A name may resolve to something else at every question. So it is resolved once, and the connection
goes to the address that was checked, and to no name.
"""

import socket
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final

Network = IPv4Network | IPv6Network

_NAT64: Final = IPv6Network("64:ff9b::/96")
_LOW_32_BITS: Final = 0xFFFF_FFFF


def networks_of(text: str) -> list[Network]:
    """Return the networks that a text names, separated by commas.

    Raises
    ------
    ValueError
        One of them is none.
    """
    return [ip_network(part.strip()) for part in text.split(",") if part.strip()]


def is_allowed(address: str, networks: Sequence[Network], *, public: bool) -> bool:
    """Return whether a numeric address may be spoken to: in a network, or `public` where allowed.

    An IPv6 address that stands for an IPv4 address is judged as that.
    """
    judged = _meant(ip_address(address.partition("%")[0]))
    if any(judged in network for network in networks):
        return True
    return public and judged.is_global and not judged.is_multicast and not judged.is_reserved


def connect(
    host: str, port: int, timeout: float, networks: Sequence[Network], *, public: bool
) -> socket.socket:
    """Return a connection to the first address of a host that answers, all of them allowed.

    Raises
    ------
    PermissionError
        Not all of them are.
    OSError
        The host has no address, or none answers.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    for *_, place in found:
        if not is_allowed(str(place[0]), networks, public=public):
            raise PermissionError(
                f"{host} is at {place[0]}, which is not allowed: see "
                "ABOVEBOARD_NOTIFY_WEBHOOK_NETWORKS"
            )
    failure: OSError = OSError(f"{host} has no address")
    for family, kind, protocol, _, place in found:
        connection = socket.socket(family, kind, protocol)
        try:
            connection.settimeout(timeout)
            connection.connect(place)
        except OSError as error:
            connection.close()
            failure = error
        else:
            return connection
    raise failure


def _meant(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    if isinstance(address, IPv4Address):
        return address
    if address in _NAT64:
        return IPv4Address(int(address) & _LOW_32_BITS)
    teredo = (None, None) if address.teredo is None else address.teredo
    inside = (address.ipv4_mapped, address.sixtofour, teredo[1])
    return next((one for one in inside if one is not None), address)
