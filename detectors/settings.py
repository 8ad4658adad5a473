"""Settings of everything that decides what is alerted. Part of every alert as ``config_hash``.

The host's own settings (broker, folders, ports) are elsewhere: they must not change an alert.
"""

import difflib
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, Literal, get_args

import msgspec
from msgspec import Meta, Struct

from detectors.basis.durations import Duration, seconds_of
from detectors.basis.errors import InvalidSettings
from detectors.events.event import Moment
from detectors.patterns import Patterns

LONGEST_DURATION = "36500d"

Positive = Annotated[float, Meta(gt=0, le=1e12)]
Share = Annotated[float, Meta(gt=0, lt=1)]


class TimeSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How event time passes.

    ``allowed_lateness``: how far behind the newest event an event may arrive without changing
    anything. ``corrections_for``: how far behind the watermark it may arrive and still correct an
    outcome; later ones are refused as ``too_late``. ``largest_jump``: an event further ahead of
    all others than this moves the clock only when an event of another account confirms it, so one
    wrong timestamp cannot let every window pass at once.
    """

    allowed_lateness: Duration = "1h"
    corrections_for: Duration = "7d"
    largest_jump: Duration = "7d"


class Limits(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a credible record is: its size in bytes and its event time."""

    largest_record: Annotated[int, Meta(gt=0)] = 65_536
    earliest_event: Moment = datetime(2000, 1, 1, tzinfo=UTC)
    latest_event: Moment = datetime(2100, 1, 1, tzinfo=UTC)


class PeerSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whom an agent is compared with.

    ``cell``: fields of the sale whose values make a cell, the most telling first: a cell is shrunk
    to the one without its last field, and so on. ``tenure`` (the seller's, in bands) may be last.
    ``shrinkage``: how many outcomes the wider cell is worth against a cell's own (statistics note,
    section 6: about 100). ``market_half_life``: how fast the level of the market is forgotten.
    """

    cell: Annotated[
        tuple[Literal["product", "channel", "site", "team", "tenure"], ...], Meta(min_length=1)
    ] = ("product", "channel")
    shrinkage: Positive = 100.0
    market_half_life: Duration = "3d"


class EvidenceSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How sure we must be.

    ``false_alarms_per_1000_agent_years``: budget of warnings at maturity, over all patterns
    together; ``early_false_alarms_per_1000_agent_years``: that of the early tier.
    ``false_discovery_rate``: budget of the critical tier. ``between_agent_sd``: spread of honest
    agents on the logit, ``auto`` estimates it. ``tempering``: exponent of every likelihood, below 1
    where sales of one agent and day go bad together; ``auto`` estimates it.
    ``smallest_rate_ratio``: the effect that is worth a person's time.
    ``review_every``: period of the critical tier's reviews. ``resolve_after``: how long evidence
    must have stayed down before an alert is resolved.
    """

    false_alarms_per_1000_agent_years: Positive = 10.0
    early_false_alarms_per_1000_agent_years: Positive = 10.0
    false_discovery_rate: Share = 0.10
    between_agent_sd: Annotated[float, Meta(ge=0.05, le=1.5)] | Literal["auto"] = "auto"
    tempering: Annotated[float, Meta(ge=0.25, le=1)] | Literal["auto"] = "auto"
    smallest_rate_ratio: Positive = 1.5
    review_every: Duration = "5d"
    resolve_after: Duration = "14d"


class ShadowNull(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The same judgement on outcomes dealt out at random: a live estimate of false alarms.

    ``seed`` chooses the deal.
    """

    enabled: bool = True
    seed: Annotated[int, Meta(ge=0, le=2**32 - 1)] = 1


class Watched(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whether a number of each agent is watched for lasting changes; they are told at *info*."""

    enabled: bool = True


class Profiles(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What agents sell, against their own past: sales a day, and their amounts."""

    volume_shift: Watched = Watched()
    amount_shift: Watched = Watched()

    def enabled(self) -> tuple[str, ...]:
        """Give the names of those that are enabled."""
        return tuple(name for name in self.__struct_fields__ if getattr(self, name).enabled)


class Settings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All settings; every key is optional."""

    time: TimeSettings = TimeSettings()
    limits: Limits = Limits()
    peers: PeerSettings = PeerSettings()
    evidence: EvidenceSettings = EvidenceSettings()
    shadow_null: ShadowNull = ShadowNull()
    patterns: Patterns = Patterns()
    profiles: Profiles = Profiles()


def read_settings(table: Mapping[str, Any]) -> Settings:
    """Give the settings that a parsed TOML document holds.

    Raises
    ------
    InvalidSettings
        For an unknown key (naming the nearest known one), a value of the wrong type or range,
        limits that leave no time between them, windows that the allowed lateness does not fit into,
        a pattern without the one it reads, or a ``tenure`` that is not last.
    """
    _refuse_unknown_keys(table, Settings, "")
    try:
        settings = msgspec.convert(table, Settings)
    except msgspec.ValidationError as error:
        fault = f"{error}".replace("`$.", "`")
        raise InvalidSettings(f"{fault}; docs/settings.md says what it may be") from None
    for name, duration in _durations(settings):
        if seconds_of(duration) > seconds_of(LONGEST_DURATION):
            msg = f"`{name}` = {duration!r} is longer than {LONGEST_DURATION}"
            raise InvalidSettings(msg)
    if seconds_of(settings.time.largest_jump) == 0.0:
        raise InvalidSettings("`time.largest_jump` must be longer than nothing")
    if settings.limits.earliest_event >= settings.limits.latest_event:
        raise InvalidSettings("`limits.earliest_event` must lie before `limits.latest_event`")
    _refuse_unfit_patterns(settings)
    if "tenure" in settings.peers.cell[:-1]:
        raise InvalidSettings("`tenure` must be the last field of `peers.cell`")
    return settings


def _refuse_unfit_patterns(settings: Settings) -> None:
    for pattern in settings.patterns.on_sales():
        if seconds_of(pattern.window) <= seconds_of(settings.time.allowed_lateness):
            msg = (
                f"`patterns.{pattern.name}.window` = {pattern.window!r} must be longer than "
                f"`time.allowed_lateness` = {settings.time.allowed_lateness!r}"
            )
            raise InvalidSettings(msg)
    if not settings.patterns.enabled():
        msg = "every pattern is disabled: enable at least one under `patterns`"
        raise InvalidSettings(msg)
    if settings.patterns.burst.enabled and settings.patterns.bursts() is None:
        msg = (
            "`patterns.burst` reads the outcomes of `patterns.quick_cancellation`: enable that "
            "one, or disable both"
        )
        raise InvalidSettings(msg)


def _durations(settings: Settings) -> Iterator[tuple[str, str]]:
    """Give every duration by its name."""
    time, evidence = settings.time, settings.evidence
    yield "time.allowed_lateness", time.allowed_lateness
    yield "time.corrections_for", time.corrections_for
    yield "time.largest_jump", time.largest_jump
    yield "peers.market_half_life", settings.peers.market_half_life
    yield "evidence.review_every", evidence.review_every
    yield "evidence.resolve_after", evidence.resolve_after
    for pattern in settings.patterns.on_sales():
        yield f"patterns.{pattern.name}.window", pattern.window


def _refuse_unknown_keys(table: Mapping[str, Any], kind: type[Struct], place: str) -> None:
    fields = {field.name: field.type for field in msgspec.structs.fields(kind)}
    for key, value in table.items():
        if key not in fields:
            near = difflib.get_close_matches(key, fields, n=1, cutoff=0.0)
            msg = f"`{place}{key}` is not a setting; the nearest known name is `{place}{near[0]}`"
            raise InvalidSettings(msg)
        field = fields[key]
        if isinstance(value, Mapping) and not get_args(field) and issubclass(field, Struct):
            _refuse_unknown_keys(value, field, f"{place}{key}.")
