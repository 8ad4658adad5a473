"""One partition of a stage that this worker owns: its actor, its positions and its state log."""

import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Final, Generic, NamedTuple, TypeVar

from streams.errors import MissingRecords, OtherRelease, StageFailed
from streams.metrics.registry import Metrics
from streams.stages.actors.actor import Actor, Capture, Output
from streams.stages.actors.positions import Positions
from streams.stages.actors.unusable import Unusable
from streams.stages.losses import NONE_ACCEPTED, AcceptedLosses, Loss, remembering
from streams.stages.seals import Seals
from streams.stages.set_aside import SetAside
from streams.stages.state.state_log import StateLog
from streams.wire.record import KafkaRecord
from streams.wire.topics import Topic

AnyActor = TypeVar("AnyActor", bound=Actor)

_log: Final = logging.getLogger("aboveboard.stages")


class RecordBatch(NamedTuple):
    """Records of one partition, in their order.

    From ``since`` to before ``until`` there are no others. ``generation`` numbers the assignment
    under which they were fetched; ``finish`` is called once nothing about them can be lost.
    ``aside``: there are no records, but offsets to be left out.
    """

    topic: Topic
    partition: int
    generation: int
    since: int
    until: int
    records: Sequence[KafkaRecord]
    finish: Callable[[], object]
    aside: SetAside | None = None


class StagePartition(Generic[AnyActor]):
    """Applies to the actor what is new to it, and knows what has still to be written."""

    def __init__(
        self,
        stage: str,
        partition: int,
        make_actor: Callable[[], AnyActor],
        log: StateLog,
        metrics: Metrics,
        prefix: str = "",
        accepted: AcceptedLosses = NONE_ACCEPTED,
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
        self._seals: Final = Seals(prefix, partition)
        self._warned_of: Final[set[Topic]] = set()
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
        self._count_ignored()
        if state is None:
            return 0
        self.actor.restore(state.rest, state.segments)
        self._positions = Positions(state.positions)
        return len(state.rest) + sum(map(len, state.segments))

    async def reopen(self, generation: int) -> bool:
        """Continue with the actor as it is; false if another worker has written since."""
        reopened = await self._log.reopen(generation)
        self._count_ignored()
        return reopened

    def apply(self, batch: RecordBatch) -> int:
        """Apply what is new in a batch; return the number of records that were not.

        Raises
        ------
        LostRecords
            If records were deleted before it, and nobody has accepted that.
        StageFailed
            If another release wrote one of them.
        """
        self._changed = True
        self._finished.append(batch.finish)
        if batch.aside is not None:
            if self._positions.pass_over(batch.topic, batch.aside.last):
                self.set_aside(batch.aside)
            return 0
        records = batch.records
        try:
            new = self._positions.advance(batch.topic, batch.since, batch.until, records)
        except MissingRecords as error:
            self.lose(Loss(batch.topic, self._partition, error.first, error.last))
            new = self._positions.advance(batch.topic, batch.since, batch.until, records)
        if new:
            try:
                ours, foreign = self._seals.sift(batch.topic, new)
                for unusable in (*foreign, *self.actor.apply(batch.topic, ours)):
                    self._set_foreign_aside(batch.topic, unusable)
            except OtherRelease as error:
                raise self._stuck(batch, error) from error
            # What an actor raises over a record that bears our seal and makes sense is a bug of
            # ours, and the state lacks what it should hold: no letter may hide that.
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
        self._positions.pass_over(loss.topic, loss.last)
        detail = "deleted by the broker before they were read; accepted by --accept-loss"
        self.set_aside(SetAside(**loss._asdict(), reason="lost", detail=detail))

    def set_aside(self, what: SetAside) -> None:
        """Leave some offsets out: the dead letter that says so is among the next outputs."""
        self._metrics.dead_letter(what.reason)
        self._letters.append(what.output())
        self._changed = True

    def _set_foreign_aside(self, topic: Topic, unusable: Unusable) -> None:
        record, why = unusable
        if topic not in self._warned_of:  # once: a program that floods a topic must not flood logs
            self._warned_of.add(topic)
            _log.warning(
                "%s partition %d offset %d holds no message of ours (%s): left out, as all such",
                topic,
                self._partition,
                record.offset,
                why,
            )
        self.set_aside(
            SetAside(
                topic=topic,
                partition=self._partition,
                first=record.offset,
                last=record.offset,
                reason="foreign_record",
                detail=f"no message of our stages: {why}. Find the program that writes to this "
                "topic, and take its right to do so away",
                value=record.value,
                key=record.key,
            )
        )

    def _count_ignored(self) -> None:
        self._metrics.ignored_state_records(self._stage, self._log.drain_ignored())

    def _stuck(self, batch: RecordBatch, error: Exception) -> StageFailed:
        location = f"{batch.topic} partition {self._partition}"
        return StageFailed(f"the {self._stage} stage cannot go on at {location} {error}")

    def tick(self, idle: Mapping[Topic, float], now: float) -> list[Output]:
        """Tick the actor; return its outputs, which are to be sent before its state is written."""
        must_write = self.actor.tick(idle, now)
        outputs = self._seals.seal([*self._letters, *self.actor.outputs()])
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
            self._count_ignored()
        for finish in self._finished:
            finish()
        self._finished.clear()

    async def remove_dead(self) -> None:
        """Remove what is not needed any more; the offsets have been committed."""
        await self._log.remove_dead()

    def close(self) -> None:
        """Close the local copy of the state."""
        self._log.close()
