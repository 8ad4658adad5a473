"""Listeners of a Kafka that ask for TLS, for a certificate, or for a user and a password."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal

_SECURITY: Final = "org.apache.kafka.common.security"
_MODULES: Final = {
    "PLAIN": f"{_SECURITY}.plain.PlainLoginModule",
    "SCRAM-SHA-256": f"{_SECURITY}.scram.ScramLoginModule",
    "SCRAM-SHA-512": f"{_SECURITY}.scram.ScramLoginModule",
}


@dataclass(frozen=True, kw_only=True)
class Listener:
    """What one listener asks for.

    ``certificate`` is a PEM file with the certificate of the broker and its key, ``clients`` one of
    the authority that must vouch for clients, if they must show a certificate. ``passwords`` are
    the users of PLAIN; those of SCRAM are made when the storage is formatted (`scram_users`).
    """

    name: str
    protocol: Literal["SSL", "SASL_PLAINTEXT", "SASL_SSL"]
    certificate: Path | None = None
    clients: Path | None = None
    mechanisms: Sequence[str] = ()
    passwords: Mapping[str, str] = field(default_factory=dict)

    def settings(self) -> str:
        """Return its lines of the properties of the broker."""
        prefix = f"listener.name.{self.name.lower()}."
        return "".join(f"{prefix}{name}={_escaped(value)}\n" for name, value in self._pairs())

    def _pairs(self) -> Iterator[tuple[str, str]]:
        if self.certificate is not None:
            yield "ssl.keystore.type", "PEM"
            yield "ssl.keystore.location", str(self.certificate)
        if self.clients is not None:
            yield "ssl.truststore.type", "PEM"
            yield "ssl.truststore.location", str(self.clients)
            yield "ssl.client.auth", "required"
        if self.mechanisms:
            yield "sasl.enabled.mechanisms", ",".join(self.mechanisms)
        for mechanism in self.mechanisms:
            users = self.passwords.items() if mechanism == "PLAIN" else ()
            options = "".join(f' user_{user}="{password}"' for user, password in users)
            name = f"{mechanism.lower()}.sasl.jaas.config"
            yield name, f"{_MODULES[mechanism]} required{options};"


def scram_users(passwords: Mapping[str, str]) -> list[str]:
    """Return these users as the storage tool takes them, for both kinds of SCRAM."""
    return [
        f'{mechanism}=[name="{user}",password="{password}"]'
        for mechanism in _MODULES
        if mechanism != "PLAIN"
        for user, password in passwords.items()
    ]


def _escaped(value: str) -> str:
    """Write a value as a file of properties has it."""
    return value.replace("\\", "\\\\")
