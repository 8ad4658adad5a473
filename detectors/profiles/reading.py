"""Reads profiles from settings: ``[profiles.NAME]`` with ``kind``, ``watches`` and parameters."""

import difflib
import re
from collections.abc import Collection, Mapping
from typing import Any, Final

import msgspec

from detectors.basis.errors import InvalidSettings
from detectors.basis.identifiers import PatternName
from detectors.contract.detector import DetectorConfig
from detectors.profiles.kinds import Kinds, parameters_of
from detectors.profiles.numbers import NUMBERS
from detectors.profiles.profile import Profile, default_profiles

_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,39}")
_EARLY: Final = "_early"
"""Names the early tier of a pattern."""

OWN_KEYS: Final = ("kind", "watches", "enabled")
"""What a profile has beside the parameters of its detector."""

_WORDS: Final = {str: "a string", bool: "true or false"}
_TYPES: Final[dict[str, type]] = {"kind": str, "watches": str, "enabled": bool}


def read_profiles(
    table: object, kinds: Kinds, patterns: Collection[str]
) -> Mapping[PatternName, Profile]:
    """Read all profiles; those that are there by default keep what `table` does not say.

    The default ones come first, then the others by name, whatever the order in `table`. `patterns`
    are names that no profile may have.

    Raises
    ------
    InvalidSettings
        For a name that cannot be one, an unknown key, kind or number (naming the nearest known
        one), a value of the wrong type or range, or a detector of more than one number.
    """
    given = {PatternName(name): own for name, own in _table("profiles", table).items()}
    profiles = dict(default_profiles())
    for name in sorted(given, key=lambda name: (name not in profiles, name)):
        place = f"profiles.{name}"
        _refuse_name(name, place, patterns)
        own = _table(place, given[name])
        if name in profiles:
            own = _written(profiles[name], own.get("kind")) | own
        profiles[name] = _read(own, place, kinds)
    return profiles


def _table(place: str, value: object) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise InvalidSettings(f"`{place}` must be a table, not {value!r}")
    return dict(value)


def _refuse_name(name: str, place: str, patterns: Collection[str]) -> None:
    if not _NAME.fullmatch(name) or name.endswith(_EARLY):
        raise InvalidSettings(
            f"`{place}`: a profile's name is up to 40 of a-z, 0-9 and _, begins with a letter and "
            f"does not end in {_EARLY!r}"
        )
    if name in patterns:
        raise InvalidSettings(
            f"`{place}` has the name of a pattern, and alerts carry either as their `pattern`: "
            "choose another"
        )


def _written(profile: Profile, kind: object) -> dict[str, Any]:
    """Return a profile as a table; without its parameters if it is to be of another kind."""
    written = {"kind": profile.kind, "watches": profile.watches, "enabled": profile.enabled}
    if kind not in (None, profile.kind):
        return written
    parameters: dict[str, Any] = msgspec.to_builtins(profile.detector)
    return parameters | written


def _read(table: dict[str, Any], place: str, kinds: Kinds) -> Profile:
    for key, expected in _TYPES.items():
        if key in table and not isinstance(table[key], expected):
            msg = f"`{place}.{key}` must be {_WORDS[expected]}, not {table[key]!r}"
            raise InvalidSettings(msg)
    kind = _known(table, f"{place}.kind", "kind of detector", kinds)
    watches = _known(table, f"{place}.watches", "daily number", NUMBERS)
    config = kinds[kind]
    parameters = {key: value for key, value in table.items() if key not in OWN_KEYS}
    known = (*OWN_KEYS, *parameters_of(config))
    for key in parameters.keys() - set(known):
        raise InvalidSettings(
            f"`{place}.{key}` is not a setting; the nearest known name is "
            f"`{place}.{_nearest(key, known)}`"
        )
    try:
        detector = msgspec.convert(parameters, config)
    except msgspec.ValidationError as error:
        fault = f"{error}".replace("`$", f"`{place}")
        raise InvalidSettings(f"{fault}; it is a parameter of the detector `{kind}`") from None
    _refuse_width(detector, place, kind)
    return Profile(watches=watches, detector=detector, enabled=table.get("enabled", True))


def _known(table: dict[str, Any], place: str, what: str, known: Collection[str]) -> str:
    """Return a name that `table` must give, of those that are known."""
    there = ", ".join(f"`{name}`" for name in sorted(known))
    name: str = table.get(place.rpartition(".")[2], "")
    if not name:
        raise InvalidSettings(f"`{place}` must be given: a {what}, one of {there}")
    if name not in known:
        raise InvalidSettings(
            f"`{place}` = {name!r} is no {what}; the nearest is `{_nearest(name, known)}`, all "
            f"are {there}"
        )
    return name


def _nearest(name: str, known: Collection[str]) -> str:
    return difflib.get_close_matches(name, known, n=1, cutoff=0.0)[0]


def _refuse_width(detector: DetectorConfig, place: str, kind: str) -> None:
    width = len(detector.claim().ordinary.means)
    if width != 1:
        raise InvalidSettings(
            f"`{place}.kind` = {kind!r} looks at {width} numbers at once, and a profile watches one"
        )
