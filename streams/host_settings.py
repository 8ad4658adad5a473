"""Settings of the host's side, from environment variables: they never change an alert."""

import os
from collections.abc import Mapping
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from detectors.errors import InvalidSettings

PREFIX = "ABOVEBOARD_"

Port = Annotated[int, Meta(ge=0, le=65_535)]
Seconds = Annotated[float, Meta(gt=0)]


class HostSettings(Struct, frozen=True, kw_only=True):
    """Where the broker is and how the worker behaves towards it.

    Attributes
    ----------
    broker
        ``host:port`` of the Kafka bootstrap server (several separated by commas).
    topic_prefix
        Put before every topic name and the consumer group.
    group
        Consumer group of the workers.
    metrics_host, metrics_port
        Where ``/metrics`` listens; loopback unless told otherwise; port 0 takes a free one.
    idle_after
        Seconds for which a drained source holds the watermark back before it counts as silent.
    flush_every
        Seconds between two writes of state to the changelogs, after which offsets are committed.
    session_timeout
        Seconds after which the broker takes a silent worker for dead.
    broker_patience
        Seconds without an answer of the broker after which the worker gives up.
    """

    broker: str = "localhost:9092"
    topic_prefix: str = ""
    group: str = "aboveboard"
    metrics_host: str = "127.0.0.1"
    metrics_port: Port = 9464
    idle_after: Seconds = 10.0
    flush_every: Seconds = 2.0
    session_timeout: Seconds = 45.0
    broker_patience: Seconds = 60.0


def read_host_settings(environment: Mapping[str, str] = os.environ) -> HostSettings:
    """Give the settings that variables named ``ABOVEBOARD_...`` hold, upper case.

    Raises
    ------
    InvalidSettings
        Naming the variable whose value cannot be used. Unknown variables are left alone.
    """
    values = {
        field.name: environment[PREFIX + field.name.upper()]
        for field in msgspec.structs.fields(HostSettings)
        if PREFIX + field.name.upper() in environment
    }
    try:
        return msgspec.convert(values, HostSettings, strict=False)
    except msgspec.ValidationError as error:
        message, _, place = str(error).partition(" - at `$.")
        name = PREFIX + place.rstrip("`").upper()
        raise InvalidSettings(f"environment variable {name}: {message}") from None
