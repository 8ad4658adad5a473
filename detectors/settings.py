"""Settings of everything that decides what is alerted. Part of every alert as ``config_hash``.

The host's own settings (broker, folders, ports) are elsewhere: they must not change an alert.
"""

import difflib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import blake2b
from typing import Annotated, Any, Literal, get_args, get_origin

import msgspec
from msgspec import Meta, Struct, field, structs

from detectors.basis.durations import AUTO, Duration, DurationOrAuto, seconds_of
from detectors.basis.errors import InvalidSettings
from detectors.basis.identifiers import PatternName
from detectors.commendation_settings import CommendationSettings
from detectors.commission_settings import CommissionSettings
from detectors.correction_settings import CorrectionSettings
from detectors.group_settings import GroupSettings
from detectors.identity_settings import IdentitySettings
from detectors.limit_settings import Limits
from detectors.messages.disputes import CONTESTED_SALE
from detectors.patterns import Patterns, SalePattern
from detectors.patterns.reach import reach_of
from detectors.peer_settings import PeerSettings
from detectors.profiles.kinds import BUILT_IN_KINDS, Kinds
from detectors.profiles.profile import Profile, default_profiles
from detectors.profiles.reading import read_profiles
from detectors.sight_settings import SightSettings
from detectors.time_settings import TimeSettings
from detectors.verification_settings import VerificationSettings

LONGEST_DURATION = "36500d"


Positive = Annotated[float, Meta(gt=0, le=1e12)]
Share = Annotated[float, Meta(gt=0, lt=1)]
Explanation = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]{0,63}$")]


class EvidenceSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How sure we must be.

    ``false_alarms_per_1000_agent_years``: budget of warnings at maturity, over all patterns
    together; ``early_false_alarms_per_1000_agent_years``: that of the early tier.
    ``false_discovery_rate``: budget of the critical tier. ``between_agent_sd``: spread of honest
    agents on the logit, ``auto`` estimates it. ``tempering``: exponent of every likelihood, below 1
    where sales of one agent and day go bad together; ``auto`` estimates it.
    ``smallest_rate_ratio``: the effect that is worth a person's time.
    ``review_every``: period of the critical tier's reviews. ``resolve_after``: how long evidence
    must have stayed down before an alert is told as quiet (below the threshold) or resolved (below
    its share ``resolve_below``). ``silent_after``: how long nothing of an agent has been judged
    when an alert about them is resolved.
    """

    false_alarms_per_1000_agent_years: Positive = 10.0
    early_false_alarms_per_1000_agent_years: Positive = 10.0
    false_discovery_rate: Share = 0.10
    between_agent_sd: Annotated[float, Meta(ge=0.05, le=1.5)] | Literal["auto"] = "auto"
    tempering: Annotated[float, Meta(ge=0.25, le=1)] | Literal["auto"] = "auto"
    smallest_rate_ratio: Positive = 1.5
    review_every: Duration = "5d"
    resolve_after: Duration = "14d"
    resolve_below: Annotated[float, Meta(gt=0, le=0.5)] = 0.01
    silent_after: Duration = "90d"


class ShadowNull(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The same judgement on outcomes dealt out at random: a live estimate of false alarms.

    ``seed`` chooses the deal; alarms and agent-days of one agent ``one_in`` so many are counted.
    """

    enabled: bool = True
    seed: Annotated[int, Meta(ge=0, le=2**32 - 1)] = 1
    one_in: Annotated[int, Meta(ge=1, le=1_000)] = 1


class CaseSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What people may decide about a case. It decides nothing about alerts.

    ``explanations``: why an agent may be honest although the figures speak against them; closing
    a case as honest names one. ``longest_acknowledgement``, ``longest_snooze``: how far ahead
    either may end. ``most_decisions``: how many decisions a case keeps; later ones are refused.
    """

    explanations: Annotated[tuple[Explanation, ...], Meta(min_length=1)] = (
        "returns_desk",
        "training_account",
        "campaign",
        "product_fault",
        "data_error",
        "other",
    )
    longest_acknowledgement: Duration = "14d"
    longest_snooze: Duration = "90d"
    most_decisions: Annotated[int, Meta(gt=0)] = 1_000


class Settings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All settings; every key is optional."""

    time: TimeSettings = TimeSettings()
    limits: Limits = Limits()
    identities: IdentitySettings = IdentitySettings()
    corrections: CorrectionSettings = CorrectionSettings()
    peers: PeerSettings = PeerSettings()
    evidence: EvidenceSettings = EvidenceSettings()
    groups: GroupSettings = GroupSettings()
    commendations: CommendationSettings = CommendationSettings()
    sight: SightSettings = SightSettings()
    shadow_null: ShadowNull = ShadowNull()
    verification: VerificationSettings = VerificationSettings()
    cases: CaseSettings = CaseSettings()
    commission: CommissionSettings = CommissionSettings()
    patterns: Patterns = Patterns()
    profiles: Mapping[PatternName, Profile] = field(default_factory=default_profiles)

    def settled(self) -> tuple[SalePattern, ...]:
        """Return by what the ledger settles sales: patterns, then what commissions rest on."""
        return (*self.patterns.on_sales(), *self.commission.asked())

    def in_accounts(self) -> tuple[SalePattern, ...]:
        """Return those of them that look at one account: the ledger remembers what they say.

        It does so in two bits of 64 for each. The others are settled by the ledger of keys; where
        there are no more, they are asked here as well, and exclude all.
        """
        return tuple(one for one in self.settled() if one.key is None) or self.settled()

    def longest(self) -> float:
        """Return for how many seconds after a sale one of these may ask of its account."""
        return max(map(reach_of, self.settled()))

    def effective(self) -> dict[str, Any]:
        """Return every setting that decides something about alerts, as tables.

        What is off is not there, whatever its other settings are, and whether a release knows it
        or not; nor is the early budget if no pattern has an early tier; nor are, by default,
        identities, corrections, sight, verification and commendations.
        """
        tables: dict[str, Any] = _what_is_on(self)
        if self.sight == SightSettings():
            del tables["sight"]
        del tables["corrections"], tables["identities"]
        tables.pop("commendations", None)
        if commendations := self.commendations.effective():
            tables["commendations"] = commendations
        if corrections := self.corrections.effective():
            tables["corrections"] = corrections
        if self.identities.spelling is not None:
            tables["identities"] = self.identities.effective()
        del tables["verification"]
        if verification := self.verification.effective():
            tables["verification"] = verification
        del tables["cases"]  # people's decisions come after alerts
        del tables["commission"]
        if commission := self.commission.effective():  # ledgers remember sales for its window
            tables["commission"] = commission
        tables["time"] = self.time.effective()
        if not self.peers.reference:
            del tables["peers"]["reference"]  # as it was before there was one
        tables["limits"] = self.limits.effective()
        if self.shadow_null.enabled and self.shadow_null.one_in == 1:
            del tables["shadow_null"]["one_in"]  # as it was before there was a choice
        if not self.patterns.early_tiers():
            del tables["evidence"]["early_false_alarms_per_1000_agent_years"]
        return tables

    def commended(self) -> tuple[PatternName, ...]:
        """Return the patterns of which few bad outcomes are what agents are commended for."""
        if not self.commendations.enabled:
            return ()
        return tuple(pattern.name for pattern in self.patterns.on_sales() if pattern.commends)

    @property
    def config_hash(self) -> str:
        """16 hexadecimal digits that depend on every value in `effective`, and on nothing else."""
        canonical = msgspec.json.encode(self.effective(), order="sorted")
        return blake2b(canonical, digest_size=8).hexdigest()


def _what_is_on(table: Struct | Mapping[str, Any], *, deep: bool = True) -> dict[str, Any]:
    """Return a table without the tables in it that are off; if `deep`, those without theirs."""
    values: Any = table
    if isinstance(table, Struct):
        # Two kinds of detectors may have the same parameters: the kind is a tag, and no field.
        form = table.__struct_config__
        values = ({form.tag_field: form.tag} if form.tag_field else {}) | structs.asdict(table)
    return {
        key: _what_is_on(value) if deep and isinstance(value, Struct | Mapping) else value
        for key, value in values.items()
        if getattr(value, "enabled", True)
    }


def read_settings(table: Mapping[str, Any], kinds: Kinds = BUILT_IN_KINDS) -> Settings:
    """Return the settings that a parsed TOML document holds.

    `kinds` are the detectors that a profile may ask for.

    Raises
    ------
    InvalidSettings
        For an unknown key (naming the nearest known one), a value of the wrong type or range,
        limits that leave no time between them, windows that the allowed lateness does not fit into,
        a pattern without the one it reads, peers, a verification or a profile that cannot be
        obeyed.
    """
    rest = {key: value for key, value in table.items() if key != "profiles"}
    _refuse_unknown_keys(rest, Settings, "")
    try:
        settings = msgspec.convert(rest, Settings)
    except msgspec.ValidationError as error:
        fault = f"{error}".replace("`$.", "`")
        raise InvalidSettings(f"{fault}; docs/settings.md says what it may be") from None
    for name, duration in _durations(settings):
        if seconds_of(duration) > seconds_of(LONGEST_DURATION):
            raise InvalidSettings(f"`{name}` = {duration!r} is longer than {LONGEST_DURATION}")
    if seconds_of(settings.time.largest_jump) == 0.0:
        raise InvalidSettings("`time.largest_jump` must be longer than nothing")
    if settings.limits.earliest_event >= settings.limits.latest_event:
        raise InvalidSettings("`limits.earliest_event` must lie before `limits.latest_event`")
    _refuse_unfit_patterns(settings)
    settings.verification.check()
    settings.commission.check(settings.time.allowed_lateness, settings.time.tolerance)
    settings.peers.check(pattern.name for pattern in settings.patterns.on_sales())
    taken = (*settings.patterns.__struct_fields__, CONTESTED_SALE)
    profiles = read_profiles(table.get("profiles", {}), kinds, taken)
    return msgspec.structs.replace(settings, profiles=profiles)


def _refuse_unfit_patterns(settings: Settings) -> None:
    for pattern in settings.patterns.on_sales():
        if "window" not in pattern.__struct_fields__:
            continue  # judged at the sale
        if seconds_of(pattern.window) <= seconds_of(settings.time.allowed_lateness):
            raise InvalidSettings(
                f"`patterns.{pattern.name}.window` = {pattern.window!r} must be longer than "
                f"`time.allowed_lateness` = {settings.time.allowed_lateness!r}"
            )
        if seconds_of(pattern.window) <= settings.time.forgiven:
            raise InvalidSettings(
                f"`time.clock_tolerance` = {settings.time.tolerance!r} must be shorter than every "
                f"window, and `patterns.{pattern.name}.window` is {pattern.window!r}: lower the "
                "one (a day is enough for sources that send dates only), or raise the other"
            )
    if not settings.patterns.enabled():
        raise InvalidSettings("every pattern is disabled: enable at least one under `patterns`")
    if settings.patterns.burst.enabled and settings.patterns.bursts() is None:
        raise InvalidSettings(
            "`patterns.burst` reads the outcomes of `patterns.quick_cancellation`: enable that "
            "one, or disable both"
        )


def _durations(table: Struct | Mapping[str, Any], place: str = "") -> Iterator[tuple[str, str]]:
    """Yield every duration of what is on, by its name."""
    types = {} if isinstance(table, Mapping) else _types(type(table))
    for key, value in _what_is_on(table, deep=False).items():
        if types.get(key) in (Duration, DurationOrAuto) and value != AUTO:
            yield f"{place}{key}", value
        elif isinstance(value, Struct | Mapping):
            yield from _durations(value, f"{place}{key}.")


def _types(kind: type[Struct]) -> dict[str, Any]:
    return {field.name: field.type for field in structs.fields(kind)}


def _refuse_unknown_keys(table: Mapping[str, Any], kind: type[Struct], place: str) -> None:
    fields = _types(kind)
    for key, value in table.items():
        if key not in fields:
            near = difflib.get_close_matches(key, fields, n=1, cutoff=0.0)
            msg = f"`{place}{key}` is not a setting; the nearest known name is `{place}{near[0]}`"
            raise InvalidSettings(msg)
        field = fields[key]
        if isinstance(value, Mapping) and not get_args(field) and issubclass(field, Struct):
            _refuse_unknown_keys(value, field, f"{place}{key}.")
        elif isinstance(value, list):
            _refuse_unknown_words(value, _words(field), f"{place}{key}")


def _refuse_unknown_words(values: Iterable[object], words: Sequence[str], name: str) -> None:
    for number, value in enumerate(values):
        if isinstance(value, str) and words and value not in words:
            near = difflib.get_close_matches(value, words, n=1, cutoff=0.0)
            raise InvalidSettings(
                f"`{name}[{number}]` = {value!r} is none of {', '.join(words)}; the nearest is "
                f"{near[0]!r}"
            )


def _words(kind: Any) -> tuple[str, ...]:  # noqa: ANN401 # any type of a setting
    """Return the words that a list may hold, none if it holds something else."""
    if get_origin(kind) is Literal:
        return tuple(word for word in get_args(kind) if isinstance(word, str))
    return tuple(word for inner in get_args(kind) for word in _words(inner))
