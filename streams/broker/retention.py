"""How long topics keep their records: settings of the host's side that `aboveboard topics` reads.

One variable for each topic that is cleaned up by time, such as ``ABOVEBOARD_RETENTION_ALERTS=400d``
or ``forever``. What is not set stays as the catalogue has it.
"""

import difflib
import os
import re
from collections.abc import Mapping
from typing import Final

from detectors.basis.durations import seconds_of
from detectors.basis.errors import InvalidSettings
from detectors.settings import Settings
from streams.config.host import PREFIX
from streams.wire.topics import CATALOGUE, EVENT_TOPICS, Topic

SETTING: Final = "retention.ms"
FOREVER: Final = "forever"

_PREFIX: Final = f"{PREFIX}RETENTION_"
_DURATION: Final = re.compile(r"[0-9]+(\.[0-9]+)?[smhd]")
_FOREVER_MILLISECONDS: Final = "-1"

SHORTEST: Final = "1d"
"""For topics of others than sources: how long a reader may at least be away."""


def variable_of(topic: Topic) -> str:
    """Return the name of the environment variable for a topic."""
    return _PREFIX + topic.name


def timed_topics() -> tuple[Topic, ...]:
    """Return the topics that are cleaned up by time; the others keep the latest of each key."""
    return tuple(plan.topic for plan in CATALOGUE if SETTING in plan.settings)


def read_retention(
    settings: Settings, environment: Mapping[str, str] = os.environ
) -> dict[Topic, str]:
    """Return the retention of the topics for which one is set, in milliseconds as Kafka writes it.

    Raises
    ------
    InvalidSettings
        Naming the variable: it is for no topic that is cleaned up by time, holds no duration, or
        one in which what detection still needs would be deleted.
    """
    known = {variable_of(topic): topic for topic in timed_topics()}
    found = {}
    for name, value in environment.items():
        if not name.startswith(_PREFIX) or not value:
            continue
        if name not in known:
            (near,) = difflib.get_close_matches(name, known, n=1, cutoff=0.0)
            raise InvalidSettings(
                f"environment variable {name}: no topic that is cleaned up by time has this name; "
                f"the nearest is {near}"
            )
        found[known[name]] = _milliseconds(name, value, _needed(known[name], settings))
    return found


def _milliseconds(name: str, value: str, needed: float) -> str:
    if value == FOREVER:
        return _FOREVER_MILLISECONDS
    if not _DURATION.fullmatch(value):
        raise InvalidSettings(
            f"environment variable {name}: {value!r} is not a duration; write a number and a unit "
            f"(s, m, h, d) such as 400d, or {FOREVER}"
        )
    if seconds_of(value) < needed:
        raise InvalidSettings(
            f"environment variable {name}: {value} is shorter than the {needed / 86_400:g} days "
            "for which records are still needed: the longest window, corrections and lateness "
            f"together for events, {SHORTEST} for other topics. Set at least that"
        )
    return str(round(1_000 * seconds_of(value)))


def _needed(topic: Topic, settings: Settings) -> float:
    """Return for how many seconds a record of a topic may still be needed."""
    if topic not in EVENT_TOPICS:
        return seconds_of(SHORTEST)
    windows = [seconds_of(pattern.window) for pattern in settings.settled()]
    time = settings.time
    more = seconds_of(time.corrections_for) + seconds_of(time.allowed_lateness)
    return max(windows, default=0.0) + more
