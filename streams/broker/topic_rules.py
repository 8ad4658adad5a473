"""What the settings of a topic must be for nothing to be lost, and what else is worth a word."""

from collections.abc import Iterable, Mapping
from typing import Final

from streams.wire.topics import EVENT_TOPICS, TopicPlan

CLEANUP: Final = "cleanup.policy"
RETENTION: Final = "retention.ms"
TIMESTAMPS: Final = "message.timestamp.type"
IN_SYNC: Final = "min.insync.replicas"
UNCLEAN: Final = "unclean.leader.election.enable"

TopicSettings = Mapping[str, str]
"""Settings of one topic as the broker reports them, those left at their defaults too."""

_NEW_PREFIX: Final = "create topics under a new --topic-prefix and send all events there once more"


def policies(setting: str) -> frozenset[str]:
    """Return the cleanup policies that a setting names: it may be ``compact,delete``."""
    return frozenset(setting.replace(" ", "").split(","))


def wrong_policy(name: str, plan: TopicPlan, settings: TopicSettings) -> str | None:
    """Return a sentence if the cleanup of a topic would lose records, with the harm and the remedy.

    A setting that the broker does not report is not judged.
    """
    wanted = plan.settings[CLEANUP]
    found = settings.get(CLEANUP, wanted)
    if policies(found) == policies(wanted):
        return None
    if plan.topic in EVENT_TOPICS:
        harm = "of the events of an account only the last would be left"
        rest = f". What compaction has removed already is gone: if it ran, {_NEW_PREFIX}"
    elif wanted == "compact":
        harm = "what is old and still in force would be deleted"
        # A topic that somebody removed comes back like this, with the defaults of the broker.
        rest = (
            ". If the broker has deleted some of it already, or the topic was removed and created "
            f"again, {_NEW_PREFIX}"
        )
    else:
        harm = "records would be removed before they are read"
        rest = ""
    return (
        f"{name} has {CLEANUP}={found}, {wanted} wanted: {harm}. Set it back with "
        f"`kafka-configs.sh --alter --entity-type topics --entity-name {name} --add-config "
        f"{CLEANUP}={wanted}`{rest}"
    )


def remarks(name: str, plan: TopicPlan, settings: TopicSettings, replay_needs: float) -> list[str]:
    """Return what does no harm today and may do some later.

    `replay_needs`: milliseconds of events without which a replay tells other findings.
    """
    return list(_remarks(name, plan, settings, replay_needs))


def _remarks(
    name: str, plan: TopicPlan, settings: TopicSettings, replay_needs: float
) -> Iterable[str]:
    if settings.get(UNCLEAN) == "true":
        yield (
            f"{name} has {UNCLEAN}=true: after the loss of a broker, acknowledged records may "
            "be gone. Set it to false"
        )
    if plan.topic not in EVENT_TOPICS:
        return
    if settings.get(TIMESTAMPS, "LogAppendTime") != "LogAppendTime":
        yield (
            f"{name} has {TIMESTAMPS}={settings[TIMESTAMPS]}: nobody can tell when an event "
            "arrived, and old events may be deleted at once. Set it to LogAppendTime"
        )
    kept = float(settings.get(RETENTION, "-1"))
    if 0 <= kept < replay_needs:
        yield (
            f"{name} keeps its records for {kept / 86_400_000:.3g} days, and windows and "
            f"corrections take {replay_needs / 86_400_000:.3g}: a replay would begin with sales "
            f"whose events are gone. Set {RETENTION} to more, or to -1"
        )
