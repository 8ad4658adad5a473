"""Settings of the host's side, from environment variables: they never change an alert."""

import difflib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final, Literal, get_args

import msgspec
from msgspec import Meta, Struct

from detectors.basis.errors import InvalidSettings
from streams.config.secret import Secret

PREFIX = "ABOVEBOARD_"

Port = Annotated[int, Meta(ge=0, le=65_535)]
Seconds = Annotated[float, Meta(gt=0)]
SecurityProtocol = Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"]
SaslMechanism = Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"]
Store = Literal["memory", "rocksdb"]

_CHOICES: Final[Mapping[str, tuple[str, ...]]] = {
    "security_protocol": get_args(SecurityProtocol),
    "sasl_mechanism": get_args(SaslMechanism),
    "store": get_args(Store),
}


class HostSettings(Struct, frozen=True, kw_only=True):
    """Where the broker is and how the worker behaves towards it.

    `streams.broker.security` says which of the settings of the wire belong together.

    Attributes
    ----------
    broker
        ``host:port`` of the Kafka bootstrap server (several separated by commas).
    security_protocol
        Whether connections use TLS (``SSL``), and a user with a password (``SASL_``).
    ssl_cafile
        PEM file of the authorities to trust for the broker; None for those of the system.
    ssl_certfile, ssl_keyfile, ssl_key_password
        PEM files of our own certificate, where the broker asks for one, and of its key (None: in
        the same file), and the password of the key.
    ssl_check_hostname
        Whether the certificate of the broker must be one for the name it was called by.
    sasl_mechanism, sasl_username
        How the user proves to be who.
    sasl_password, sasl_password_file
        The password, or a file that holds it and nothing else.
    topic_prefix
        Put before every topic name and the consumer group.
    group
        Consumer group of the workers.
    metrics_host, metrics_port
        Where ``/metrics`` listens; loopback by default; port 0 takes a free one.
    most_sites
        How many sites have metrics of their own; 0 for none.
    store
        Where a worker keeps a copy of its state: in ``memory`` only, so that a restart reads all
        of it from the broker, or in ``rocksdb`` too, so that a restart reads what is new.
    state_folder
        The folder of that copy; ``rocksdb`` needs one.
    idle_after
        Seconds for which a drained source holds the watermark back before it counts as silent.
    flush_every
        Seconds between two writes of state to the changelogs, after which offsets are committed.
    session_timeout
        Seconds after which the broker counts a silent worker as dead; 90 at most.
    broker_patience
        Seconds without an answer of the broker after which the worker gives up.
    pseudonym_key_file
        File with the key under which ``pseudonymise`` hides ids, and ``reveal`` turns them back.
    look_every
        Seconds between two looks at the topics, the group and the clock of the broker.
    stall_after
        Seconds without progress, while there is something left to read, after which a worker
        counts as not alive.
    """

    broker: str = "localhost:9092"
    security_protocol: SecurityProtocol = "PLAINTEXT"
    ssl_cafile: Path | None = None
    ssl_certfile: Path | None = None
    ssl_keyfile: Path | None = None
    ssl_key_password: Secret = Secret()
    ssl_check_hostname: bool = True
    sasl_mechanism: SaslMechanism | None = None
    sasl_username: str = ""
    sasl_password: Secret = Secret()
    sasl_password_file: Path | None = None
    topic_prefix: str = ""
    group: str = "aboveboard"
    metrics_host: str = "127.0.0.1"
    metrics_port: Port = 9464
    most_sites: Annotated[int, Meta(ge=0, le=1_000)] = 50
    store: Store = "memory"
    state_folder: Path | None = None
    idle_after: Seconds = 10.0
    flush_every: Seconds = 2.0
    # Faust waits no longer than 90 s for an answer, and refuses a longer session.
    session_timeout: Annotated[float, Meta(gt=0, le=90)] = 45.0
    broker_patience: Seconds = 60.0
    look_every: Seconds = 15.0
    stall_after: Seconds = 120.0
    pseudonym_key_file: Path | None = None


def variable(field: str) -> str:
    """Return the name of the environment variable that holds a setting."""
    return PREFIX + field.upper()


def read_host_settings(environment: Mapping[str, str] = os.environ) -> HostSettings:
    """Return the settings that variables named ``ABOVEBOARD_...`` hold, upper case.

    A variable that is empty counts as not set where a setting may be absent: files that compose
    services write ``${NAME:-}``.

    Raises
    ------
    InvalidSettings
        Naming the variable whose value cannot be used. Unknown variables are left alone.
    """
    values = {}
    for field in msgspec.structs.fields(HostSettings):
        value = environment.get(variable(field.name))
        if value is None or (not value and field.default in (None, Secret())):
            continue
        values[field.name] = value
    _refuse_unknown_choices(values)
    try:
        settings = msgspec.convert(values, HostSettings, strict=False, dec_hook=_from_text)
    except msgspec.ValidationError as error:
        message, _, key = str(error).partition(" - at `$.")
        name = variable(key.rstrip("`"))
        raise InvalidSettings(f"environment variable {name}: {message}") from None
    if settings.store == "rocksdb" and settings.state_folder is None:
        raise InvalidSettings(
            f"environment variable {variable('store')} is rocksdb, which needs a folder: name one "
            f"of this worker alone, on a disk that stays, in {variable('state_folder')}"
        )
    return settings


def _refuse_unknown_choices(values: Mapping[str, str]) -> None:
    for name, choices in _CHOICES.items():
        value = values.get(name)
        if value is None or value in choices:
            continue
        by_upper = {choice.upper(): choice for choice in choices}
        near = difflib.get_close_matches(value.upper(), by_upper, n=1, cutoff=0.0)
        raise InvalidSettings(
            f"environment variable {variable(name)}: {value!r} is not one of "
            f"{', '.join(choices)}; the nearest is {by_upper[near[0]]}"
        )


def _from_text(kind: type, value: Any) -> Any:  # noqa: ANN401 - as msgspec asks for it
    return kind(value)
