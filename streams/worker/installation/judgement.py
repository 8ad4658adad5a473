"""What is wrong with a cluster, by what was seen of it now and when the worker began."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from msgspec import Struct

from streams.broker.cluster_view import ClusterView, Member, TopicView
from streams.broker.topic_rules import (
    IN_SYNC,
    RETENTION,
    TIMESTAMPS,
    UNCLEAN,
    wrong_policy,
)
from streams.config.host import variable
from streams.wire.topics import CATALOGUE, Topic, topic_name
from streams.worker.findings import Finding
from streams.worker.installation.claim import OUTPUTS, recounted, recreated

_RETENTION_BYTES: Final = "retention.bytes"

_HARMS: Final = {
    RETENTION: "records may be deleted before they are read, or are missing in a replay",
    _RETENTION_BYTES: "records may be deleted before they are read, or are missing in a replay",
    TIMESTAMPS: "nobody can tell when a record arrived",
    IN_SYNC: "records that were acknowledged may be on one machine only",
    UNCLEAN: "records that were acknowledged may be gone after the loss of a broker",
}
"""Settings that protect records, and what may happen once one of them is changed."""


class Place(Struct, frozen=True):
    """How far a partition was applied, and where the log ends as far as is known."""

    reached: int
    end: int | None


class Judge:
    """Compares what is seen with what was seen when the worker began.

    Parameters
    ----------
    prefix
        The prefix of the installation.
    begun
        What was seen then.
    """

    def __init__(self, prefix: str, begun: ClusterView) -> None:
        self._prefix: Final = prefix
        self._plans: Final = {topic_name(prefix, plan.topic): plan for plan in CATALOGUE}
        self._begun: Final = begun
        self._beyond: frozenset[tuple[str, int]] = frozenset()

    def findings(self, seen: ClusterView, places: Mapping[tuple[str, int], Place]) -> list[Finding]:
        """Return all that is wrong now; `places` are the input partitions of this worker."""
        return [
            *self._topics(seen),
            *self._settings(seen),
            *self._strangers(seen),
            *self._logs(seen, places),
        ]

    def strangers(self, seen: ClusterView) -> list[Member]:
        """Return the members of our group that read topics of others."""
        return [member for member in seen.members or () if not member.topics <= self._plans.keys()]

    def _topics(self, seen: ClusterView) -> Iterator[Finding]:
        for name, plan in self._plans.items():
            before, now = self._begun.topics.get(name), seen.topics.get(name)
            if before is None:
                continue  # it was missing from the beginning, and the worker did not begin
            if now is None:
                yield Finding(
                    f"the topic {name} is not there",
                    "If it was removed, keep what is left, stop all workers, create topics under a "
                    f"new {variable('topic_prefix')} and send all events there",
                    name,
                )
                continue
            yield from _compared(self._prefix, plan.topic, before, now)
            yield from _copies(name, now, (seen.settings or {}).get(name, {}))

    def _settings(self, seen: ClusterView) -> Iterator[Finding]:
        if seen.settings is None:
            return
        for name, plan in self._plans.items():
            now = seen.settings.get(name)
            if now is None:
                continue
            if (problem := wrong_policy(name, plan, now)) is not None:
                what, _, remedy = problem.partition(". ")
                yield Finding(what, remedy, name)
            before = (self._begun.settings or {}).get(name, {})
            for setting, harm in _HARMS.items():
                if setting in before and now.get(setting, before[setting]) != before[setting]:
                    yield Finding(
                        f"{setting} of {name} was {before[setting]} when this worker began and is "
                        f"{now[setting]} now: {harm}",
                        f"Set {setting} back, or start the workers again if it is meant to be so",
                        name,
                    )

    def _strangers(self, seen: ClusterView) -> Iterator[Finding]:
        for member in self.strangers(seen):
            yield stranger(member, self._plans)

    def _logs(
        self, seen: ClusterView, places: Mapping[tuple[str, int], Place]
    ) -> Iterator[Finding]:
        """Compare the logs with our positions: records may be gone before us, or behind us."""
        beyond = {
            place for place, at in places.items() if at.end is not None and at.reached > at.end
        }
        # Seen twice, since a new leader may know of an earlier end for a moment.
        for name, number in sorted(beyond & self._beyond):
            at = places[name, number]
            yield Finding(
                f"{name} ends at offset {at.end}, and records up to {at.reached} were read: the "
                "broker has lost some, or the topic is another one, and new records would be taken "
                "for ones read already",
                "Stop all workers, create topics under a new "
                f"{variable('topic_prefix')} and send all events there once more. Keep the event "
                "topics until that is done",
                name,
                number,
                fatal=True,
            )
        self._beyond = frozenset(beyond)
        for (name, number), at in sorted(places.items()):
            start = seen.starts.get((name, number), 0)
            if start > at.reached:
                yield Finding(
                    f"{name} begins at offset {start}, and was read up to {at.reached}: what was "
                    "between was deleted before it was read",
                    f"Set {RETENTION} so long that no stop of the workers outlasts it",
                    name,
                    number,
                )


def stranger(member: Member, ours: Iterable[str]) -> Finding:
    """Return what is said of a member of our group that reads topics of others."""
    theirs = sorted(member.topics - set(ours))
    shown = ", ".join(theirs[:3]) + (", ..." if len(theirs) > 3 else "")  # noqa: PLR2004 - enough
    return Finding(
        f"a program at {member.address} is in our consumer group and reads {shown}: partitions of "
        "ours may be given to it, and nobody would read them",
        f"Give it or this installation another {variable('group')}: prefix and group together "
        "must differ from those of everybody else",
    )


def _compared(prefix: str, topic: Topic, before: TopicView, now: TopicView) -> Iterator[Finding]:
    name = topic_name(prefix, topic)
    if before.id and now.id and now.id != before.id:
        if topic in OUTPUTS or topic is Topic.INSTALLATION:
            yield Finding(
                f"the topic {name} was removed and created again: what stood in it is gone",
                "Start the workers again to go on with the new one",
                name,
            )
        else:
            yield _fatal(recreated(prefix, topic), name)
    elif now.partitions > before.partitions:
        yield _fatal(recounted(prefix, topic, before.partitions, now.partitions), name)


def _fatal(sentences: str, name: str) -> Finding:
    what, _, remedy = sentences.partition(". ")
    return Finding(what, remedy, name, fatal=True)


def _copies(name: str, now: TopicView, settings: Mapping[str, str]) -> Iterator[Finding]:
    least = int(settings.get(IN_SYNC, "1"))
    for number, in_sync in enumerate(now.in_sync):
        if in_sync == 0:
            yield Finding(
                f"{name} has no leader: nothing can be read from it or written to it",
                "Start the brokers that hold its copies",
                name,
                number,
            )
        elif in_sync < least:
            yield Finding(
                f"{name} has {in_sync} copies in step where {least} are needed: the broker takes "
                "no writes, and nothing of it is judged",
                "Start the brokers that hold the other copies",
                name,
                number,
            )
