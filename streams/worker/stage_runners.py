"""The stages of a worker, each with what it reads, where its state is, and how it is made."""

from collections.abc import Callable
from functools import partial
from typing import Any, Final

from detectors.basis.event_time import Seconds
from detectors.settings import Settings
from streams.config.host import HostSettings
from streams.metrics.registry import Metrics
from streams.stages.actors.agents_actor import AgentsActor
from streams.stages.actors.keys_actor import KeysActor
from streams.stages.actors.ledger_actor import LedgerActor
from streams.stages.actors.peers_actor import PeersActor
from streams.stages.losses import AcceptedLosses
from streams.stages.partition import AnyActor
from streams.stages.plan import StagePlan
from streams.stages.runner import StageRunner
from streams.stages.state.journal import Journal
from streams.stages.state.local_copy import OpenCopy, without_copy
from streams.stages.state.rocks_copy import rocks_copies
from streams.wire.topics import EVENT_TOPICS, Partitions, Topic


def stage_names(settings: Settings) -> tuple[str, ...]:
    """Return the names of the stages; that of the keys only if a pattern looks across accounts."""
    keys = ("keys",) if settings.patterns.across_accounts() else ()
    return ("ledger", *keys, "agents", "peers")


class StageRunners:
    """Makes the runners of the stages of one worker.

    Parameters
    ----------
    settings
        What decides the alerts.
    host
        How to behave towards the broker.
    partitions
        The numbers of partitions of the installation.
    until
        Event time (seconds) at which to end, or None to go on.
    accepted
        Records to go on without, where the broker has deleted them.
    journal
        Where outputs and state are written.
    metrics
        Where the stages count what they do.
    wall
        Seconds since the epoch.

    Attributes
    ----------
    agents
        The runner of the agents stage.
    """

    def __init__(
        self,
        settings: Settings,
        host: HostSettings,
        partitions: Partitions,
        until: Seconds | None,
        accepted: AcceptedLosses,
        journal: Journal,
        metrics: Metrics,
        wall: Callable[[], float],
    ) -> None:
        self._settings: Final = settings
        self._host: Final = host
        self._partitions: Final = partitions
        self._until: Final = until
        self._accepted: Final = accepted
        self._journal: Final = journal
        self._metrics: Final = metrics
        self._wall: Final = wall
        self._open_copy: Final = _copies(host)
        # As many partitions as the agents have; none if no enabled pattern looks across accounts.
        self._keys: Final = partitions.agents if settings.patterns.across_accounts() else 0
        self.agents: Final = self._runner(
            "agents",
            (Topic.OUTCOMES, Topic.PEER_EXPECTATIONS),
            Topic.AGENTS_STATE,
            partial(
                AgentsActor,
                settings,
                ledger_partitions=partitions.accounts,
                keys_partitions=self._keys,
                metrics=metrics,
            ),
        )

    def all(self) -> list[StageRunner[Any]]:
        """Return the runners of all stages, in the order in which facts go through them."""
        keys = [self._keys_runner()] if self._keys else []
        return [self._ledger_runner(), *keys, self.agents, self._peers_runner()]

    def _ledger_runner(self) -> StageRunner[LedgerActor]:
        make_actor = partial(
            LedgerActor,
            self._settings,
            agents_partitions=self._partitions.agents,
            partitions=self._partitions.accounts,
            keys_partitions=self._keys,
            idle_after=self._host.idle_after,
            until=self._until,
            metrics=self._metrics,
        )
        return self._runner("ledger", tuple(EVENT_TOPICS), Topic.LEDGER_STATE, make_actor)

    def _keys_runner(self) -> StageRunner[KeysActor]:
        make_actor = partial(
            KeysActor,
            self._settings,
            ledger_partitions=self._partitions.accounts,
            agents_partitions=self._partitions.agents,
            metrics=self._metrics,
        )
        return self._runner("keys", (Topic.MENTIONS,), Topic.KEYS_STATE, make_actor)

    def _peers_runner(self) -> StageRunner[PeersActor]:
        def make_actor(partition: int) -> PeersActor:
            agents = self._partitions.agents
            return PeersActor(self._settings, partition, agents, self._metrics)

        return self._runner(
            "peers", (Topic.PEER_TOTALS, Topic.DECISIONS), Topic.PEERS_STATE, make_actor
        )

    def _runner(
        self,
        name: str,
        inputs: tuple[Topic, ...],
        changelog: Topic,
        make_actor: Callable[[int], AnyActor],
    ) -> StageRunner[AnyActor]:
        prefix = self._host.topic_prefix
        plan = StagePlan(name, inputs, changelog, make_actor, prefix, self._accepted)
        return StageRunner(
            plan,
            self._journal,
            self._metrics,
            flush_every=self._host.flush_every,
            open_copy=self._open_copy,
            wall=self._wall,
        )


def _copies(host: HostSettings) -> OpenCopy:
    if host.store == "memory" or host.state_folder is None:
        return without_copy
    return rocks_copies(host.state_folder, host.topic_prefix)
