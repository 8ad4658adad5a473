"""One partition of a stage that this worker owns: its actor, its positions and its state log."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final, Generic, NamedTuple, TypeVar

from streams.errors import MissingRecords, StageFailed, UndecodableRecord
from streams.metrics import Metrics
from streams.stages.actors.actor import Actor, Capture, Output
from streams.stages.actors.positions import Positions
from streams.stages.losses import AcceptedLosses, Loss, remembering
from streams.stages.set_aside import SetAside
from streams.stages.state.state_log import StateLog
from streams.wire.record import KafkaRecord
from streams.wire.topics import Topic

AnyActor = TypeVar("AnyActor", bound=Actor)


class RecordBatch(NamedTuple):
    """Records of one partition, in their order.

    From ``since`` to before ``until`` there are no others. ``generation`` numbers the assignment
    under which they were fetched; ``finish`` is called once nothing about them can be lost.
    """

    topic: Topic
    partition: int
    generation: int
    since: int
    until: int
    records: Sequence[KafkaRecord]
    finish: Callable[[], object]


class StagePartition(Generic[AnyActor]):
    """Applies to the actor what is new to it, and knows what has still to be written."""

    def __init__(
        self,
        stage: str,
        partition: int,
        make_actor: Callable[[], AnyActor],
        log: StateLog,
        metrics: Metrics,
        accepted: AcceptedLosses,
    ) -> None:
        self._stage: Final = stage
        self._partition: Final = partition
        self._log: Final = log
        self._metrics: Final = metrics
        self._positions = Positions()
        self._finished: list[Callable[[], object]] = []
        self._captured: tuple[Capture, dict[str, int]] | None = None
        self._changed = False
        self._letters: list[Output] = []
        self.accepted: Final = accepted
        self.actor: Final = make_actor()

    @property
    def changed(self) -> bool:
        """Whether something has to be written."""
        return self._changed

    def reached(self, topic: Topic) -> int | None:
        """Return the offset after the last record applied, None before the first."""
        return self._positions.reached(topic)

    async def open(self, generation: int) -> int:
        """Restore the actor from the changelog; return how many bytes its state has.

        Raises
        ------
        IncompatibleSnapshot
            If the state was written by another version or under other settings.
        aiokafka.errors.KafkaError
            If the broker does not answer.
        """
        state = await self._log.open(generation)
        if state is None:
            return 0
        self.actor.restore(state.rest, state.segments)
        self._positions = Positions(state.positions)
        return len(state.rest) + sum(map(len, state.segments))

    async def reopen(self, generation: int) -> bool:
        """Continue with the actor as it is; false if another worker has written since."""
        return await self._log.reopen(generation)

    def apply(self, batch: RecordBatch) -> int:
        """Apply what is new in a batch; return the number of records that were not.

        Raises
        ------
        LostRecords
            If records were deleted before it, and nobody has accepted that.
        StageFailed
            If one of them cannot be read.
        """
        self._changed = True
        self._finished.append(batch.finish)
        records = batch.records
        try:
            new = self._positions.advance(batch.topic, batch.since, batch.until, records)
        except MissingRecords as error:
            self.lose(Loss(batch.topic, self._partition, error.first, error.last))
            new = self._positions.advance(batch.topic, batch.since, batch.until, records)
        if new:
            try:
                self.actor.apply(batch.topic, new)
            except UndecodableRecord as error:
                raise self._stuck(batch, error) from error
            except Exception as error:
                error.add_note(
                    f"at {batch.topic} partition {self._partition} offsets {new[0].offset} to "
                    f"{new[-1].offset}"
                )
                raise
        return len(records) - len(new)

    def can_lose(self, loss: Loss) -> bool:
        """Return whether the stage may go on without these records."""
        return remembering(self.actor) is not None and self.accepted.contain(loss)

    def lose(self, loss: Loss) -> None:
        """Go on without records that the broker has deleted.

        Raises
        ------
        LostRecords
            If nobody has accepted that, or this stage cannot do without.
        """
        actor = remembering(self.actor)
        if actor is None or not self.accepted.contain(loss):
            raise self.accepted.refusal([loss])
        actor.remember(loss)
        self._positions.skip(loss.topic, loss.last + 1)
        detail = "deleted by the broker before they were read; accepted by --accept-loss"
        self.set_aside(SetAside(**loss._asdict(), reason="lost", detail=detail))

    def set_aside(self, what: SetAside) -> None:
        """Leave some offsets out: the dead letter that says so is among the next outputs."""
        self._metrics.dead_letter(what.reason)
        self._letters.append(what.output())
        self._changed = True

    def _stuck(self, batch: RecordBatch, error: Exception) -> StageFailed:
        location = f"{batch.topic} partition {self._partition}"
        return StageFailed(f"the {self._stage} stage cannot go on at {location} {error}")

    def tick(self, idle: Mapping[Topic, float], now: float) -> list[Output]:
        """Tick the actor; return its outputs, which are to be sent before its state is written."""
        must_write = self.actor.tick(idle, now)
        outputs = [*self._letters, *self.actor.outputs()]
        self._letters.clear()
        if must_write or outputs:
            self._changed = True
        return outputs

    def capture(self) -> None:
        """Capture the present state, to be written by `write`."""
        self._captured = (self.actor.capture(self._log.next_number), self._positions.snapshot())
        self._changed = False

    async def write(self) -> None:
        """Write what was captured, and let its batches be finished once the broker has it."""
        if self._captured is not None:
            await self._log.write(*self._captured)
            self._captured = None
        for finish in self._finished:
            finish()
        self._finished.clear()

    async def remove_dead(self) -> None:
        """Remove what is not needed any more; the offsets have been committed."""
        await self._log.remove_dead()

    def close(self) -> None:
        """Close the local copy of the state."""
        self._log.close()
