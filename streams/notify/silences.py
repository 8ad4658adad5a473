"""Which silences an Alertmanager has and should have: one for each alert that is to be quiet."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from msgspec import Struct

_AS_GOOD_AS: Final = timedelta(seconds=1)
"""Alertmanager keeps milliseconds only."""


class Matcher(Struct, frozen=True, rename="camel"):
    """What a silence looks for in a label."""

    name: str
    value: str
    is_regex: bool = False
    is_equal: bool = True


class SilenceStatus(Struct, frozen=True):
    """Whether a silence is in force."""

    state: str


class FoundSilence(Struct, frozen=True, rename="camel"):
    """A silence as Alertmanager lists it."""

    id: str
    status: SilenceStatus
    matchers: tuple[Matcher, ...]
    ends_at: datetime
    created_by: str


class Put(NamedTuple):
    """Make a silence, or let the one with this id end then."""

    alert_id: str
    until: datetime
    id: str = ""


class Drop(NamedTuple):
    """Expire a silence."""

    id: str


def matchers_of(alert_id: str) -> list[dict[str, Any]]:
    """Return what a silence of an alert looks for, for JSON."""
    return [{"name": "alert_id", "value": alert_id, "isRegex": False, "isEqual": True}]


def comment(alert_id: str) -> str:
    """Return what people read on a silence."""
    return f"acknowledged or snoozed in Aboveboard, alert {alert_id}"


def changes_of(
    wanted: Mapping[str, datetime], found: Iterable[FoundSilence], owner: str, now: datetime
) -> Iterator[Put | Drop]:
    """Yield what makes the silences of an owner the wanted ones; those of others stay.

    Parameters
    ----------
    wanted
        Until when each alert is to be silent, by its id.
    found
        What Alertmanager lists, expired ones too.
    owner
        Whose silences are ours.
    now
        What is wanted until before now is not wanted.
    """
    ours: defaultdict[str, list[FoundSilence]] = defaultdict(list)
    for silence in found:
        if silence.created_by == owner and silence.status.state != "expired":
            ours[_alert_of(silence.matchers)].append(silence)
    for alert_id, until in wanted.items():
        there = ours.pop(alert_id, [])
        if until <= now:
            yield from (Drop(silence.id) for silence in there)
            continue
        if not there:
            yield Put(alert_id, until)
            continue
        if abs(there[0].ends_at - until) > _AS_GOOD_AS:
            yield Put(alert_id, until, there[0].id)
        yield from (Drop(silence.id) for silence in there[1:])
    for silences in ours.values():
        yield from (Drop(silence.id) for silence in silences)


def _alert_of(matchers: Sequence[Matcher]) -> str:
    """Return which alert matchers are about; empty if they are not those that we write."""
    if len(matchers) == 1 and matchers[0].name == "alert_id" and not matchers[0].is_regex:
        return matchers[0].value
    return ""
