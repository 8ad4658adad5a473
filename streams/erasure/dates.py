"""When a record goes by itself, by the rules of its topic."""

from collections.abc import Mapping
from typing import Final

from detectors.basis.durations import seconds_of
from detectors.settings import Settings
from streams.wire.topics import CATALOGUE, EVENT_TOPICS, Topic

SLACK: Final = 3_600_000
"""Milliseconds that a broker may take until it looks at its files, and deletes them."""

_SEGMENT_MILLISECONDS: Final = "604800000"
"""For how long a broker adds to one file, where its settings do not say: a week is the default."""

_NEVER: Final = 100 * 365 * 86_400_000
"""What is longer than a hundred years is no time: Kafka writes the largest number for "never"."""

_PLANS: Final = {plan.topic: plan for plan in CATALOGUE}

STATES: Final = frozenset(
    {Topic.LEDGER_STATE, Topic.KEYS_STATE, Topic.AGENTS_STATE, Topic.PEERS_STATE}
)
PACKED: Final = frozenset(
    {Topic.MENTIONS, Topic.OUTCOMES, Topic.PEER_TOTALS, Topic.PEER_EXPECTATIONS}
)
"""Topics of messages between the stages, which are no text."""

IN_PIECES: Final = frozenset({Topic.PEER_TOTALS, Topic.PEER_EXPECTATIONS})
"""Those among them whose messages are cut into pieces."""

_DAYS_OF_GRACE: Final = 3.0
"""Days are judged when they are over, and a state is written again piece by piece."""

_DAY: Final = 86_400.0


def by_retention(settings: Mapping[str, str], stored_at: int) -> int | None:
    """Return when a record of a topic goes that is cleaned up by time; None for never.

    A broker deletes whole files, each once its newest record is old enough.

    Parameters
    ----------
    settings
        Those of the topic.
    stored_at
        When the record came: milliseconds since 1970, as all times here.
    """
    kept = int(settings.get("retention.ms", "-1"))
    if not 0 <= kept < _NEVER:
        return None
    return stored_at + int(settings.get("segment.ms", _SEGMENT_MILLISECONDS)) + kept + SLACK


def by_compaction(settings: Mapping[str, str], replaced_at: int) -> int | None:
    """Return by when a compacted topic drops a record that was replaced; None if nobody can say."""
    lag = int(settings.get("max.compaction.lag.ms", _NEVER))
    return None if lag >= _NEVER else replaced_at + lag + SLACK


def by_forgetting(settings: Settings, heard_at: int | None) -> int | None:
    """Return by when no state names an account; None where nobody knows when it was heard of last.

    Twice the longest window and `time.corrections_for`: a ledger of keys looks back so far, and
    a finding of the last moment may be corrected for as long once more.

    Parameters
    ----------
    settings
        Those of the workers.
    heard_at
        When the last event of the account came.
    """
    if heard_at is None:
        return None
    time = settings.time
    window = max(seconds_of(pattern.window) for pattern in settings.settled())
    seconds = (
        2.0 * (window + seconds_of(time.corrections_for))
        + seconds_of(time.allowed_lateness)
        + time.doubted
        + _DAYS_OF_GRACE * _DAY
    )
    return heard_at + round(1_000 * seconds) + SLACK


def is_compacted(topic: Topic) -> bool:
    """Return whether a topic keeps the latest record of each key."""
    return _PLANS[topic].settings["cleanup.policy"] == "compact"


def is_of_sources(topic: Topic) -> bool:
    """Return whether sources write a topic, so that what stands there is not ours to delete."""
    return topic in EVENT_TOPICS
