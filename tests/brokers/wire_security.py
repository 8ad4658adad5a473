"""Certificates and users of a broker for the tests, made anew for every session."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import trustme
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from streams.demo.ports import LOOPBACK

USER: Final = "alice"
PASSWORD: Final = "Ros3bud=&%7f; said $HOME"  # noqa: S105 - of a broker that lives for minutes
OTHER_USER: Final = "bob"
OTHER_PASSWORD: Final = "Xanadu-9c1e4b"  # noqa: S105 - as above
KEY_PASSWORD: Final = "Sesame-41-open"  # noqa: S105 - as above
MECHANISMS: Final = ("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512")


@dataclass(frozen=True, slots=True)
class Certificates:
    """PEM files of an authority and of those it vouches for, and the same of a stranger.

    A file of a broker or client holds certificate and key; ``client_key`` is an enciphered one.
    """

    authority: Path
    broker: Path
    broker_elsewhere: Path
    client: Path
    client_certificate: Path
    client_key: Path
    stranger: Path
    client_of_stranger: Path


def make_certificates(folder: Path) -> Certificates:
    """Write them into a folder."""
    authority, stranger = trustme.CA(), trustme.CA()
    client = authority.issue_cert("client.example")
    return Certificates(
        authority=_written(folder / "authority.pem", authority.cert_pem.bytes()),
        broker=_leaf(folder / "broker.pem", authority.issue_cert(LOOPBACK)),
        broker_elsewhere=_leaf(folder / "elsewhere.pem", authority.issue_cert("elsewhere.example")),
        client=_leaf(folder / "client.pem", client),
        client_certificate=_written(folder / "client-certificate.pem", _chain(client)),
        client_key=_written(
            folder / "client-key.pem", _key(client, BestAvailableEncryption(KEY_PASSWORD.encode()))
        ),
        stranger=_written(folder / "stranger.pem", stranger.cert_pem.bytes()),
        client_of_stranger=_leaf(
            folder / "client-of-stranger.pem", stranger.issue_cert("client.example")
        ),
    )


def _leaf(path: Path, leaf: trustme.LeafCert) -> Path:
    return _written(path, _key(leaf, NoEncryption()) + _chain(leaf))


def _chain(leaf: trustme.LeafCert) -> bytes:
    return b"".join(part.bytes() for part in leaf.cert_chain_pems)


def _key(leaf: trustme.LeafCert, encryption: KeySerializationEncryption) -> bytes:
    """Return the key as PKCS #8, the only form that Kafka reads."""
    key = load_pem_private_key(leaf.private_key_pem.bytes(), password=None)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption)


def _written(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path
