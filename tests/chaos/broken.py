"""Workers that are broken on purpose, to see that the harness notices.

``python -m tests.chaos.broken NAME worker ...`` runs one.
"""

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Final

from aiokafka.errors import KafkaError

from streams.broker.journal import KafkaJournal
from streams.cli.main import main
from streams.errors import MembershipLost
from streams.stages.actors.actor import Output
from streams.stages.actors.event_intake import EventIntake
from streams.stages.actors.positions import Positions
from streams.wire.record import KafkaRecord
from streams.wire.topics import Topic
from streams.worker.faust_host import FaustHost
from streams.worker.installation.broker_clock import BrokerClock
from tests.chaos.aimed import obey

BELATED_SECONDS: Final = 2.0


def acknowledges_early() -> None:
    """Tell the stages that the broker has their outputs, and send them some seconds later."""
    honest = KafkaJournal.send
    under_way: set[asyncio.Task[None]] = set()

    async def later(journal: KafkaJournal, outputs: Sequence[Output]) -> None:
        await asyncio.sleep(BELATED_SECONDS)
        await asyncio.gather(*await honest(journal, outputs))

    async def send(self: KafkaJournal, outputs: Iterable[Output]) -> Sequence[Awaitable[object]]:
        task = asyncio.create_task(later(self, list(outputs)))
        under_way.add(task)
        task.add_done_callback(under_way.discard)
        return []

    KafkaJournal.send = send  # type: ignore[method-assign]  # that is what makes it broken


def drops_outputs() -> None:
    """Lose one alert in fifty, as a producer does that nobody waits for."""
    honest = KafkaJournal.send
    number = 0

    async def send(self: KafkaJournal, outputs: Iterable[Output]) -> Sequence[Awaitable[object]]:
        nonlocal number
        kept = []
        for output in outputs:
            number += output.topic is Topic.ALERTS
            if output.topic is not Topic.ALERTS or number % 50:
                kept.append(output)
        return await honest(self, kept)

    KafkaJournal.send = send  # type: ignore[method-assign]  # that is what makes it broken


def stays_when_replaced() -> None:
    """Go on, and write, whoever has the partitions now."""
    honest = FaustHost._commit  # noqa: SLF001 - a broken worker is broken inside

    async def confirm(self: FaustHost) -> None:
        del self

    async def commit(self: FaustHost) -> None:
        try:
            await honest(self)
        except (KafkaError, MembershipLost):
            return

    FaustHost._confirm_membership = confirm  # type: ignore[method-assign]  # noqa: SLF001 - as above
    FaustHost._commit = commit  # type: ignore[method-assign]  # noqa: SLF001 - as above


def counts_again() -> None:
    """Receive whatever is delivered, also what its state holds already."""

    def advance(
        self: Positions, topic: Topic, since: int, until: int, records: Sequence[KafkaRecord]
    ) -> Sequence[KafkaRecord]:
        del since
        self._next[topic] = until
        return records

    Positions.advance = advance  # type: ignore[method-assign]  # that is what makes it broken


def trusts_its_clock() -> None:
    """Let silence pass by the clock on the wall here."""

    def now(self: BrokerClock) -> float:
        del self
        return time.time()

    BrokerClock.now = now  # type: ignore[method-assign]  # that is what makes it broken


def believes_any_time() -> None:
    """Apply what nobody can have known when it arrived."""

    def refuse_ahead(self: EventIntake, *_: object) -> None:
        del self

    EventIntake._refuse_ahead = refuse_ahead  # type: ignore[assignment, method-assign]  # noqa: SLF001 - as above


BROKEN: Final[dict[str, Callable[[], None]]] = {
    function.__name__.replace("_", "-"): function
    for function in (
        acknowledges_early,
        believes_any_time,
        counts_again,
        drops_outputs,
        stays_when_replaced,
        trusts_its_clock,
    )
}


def broken_command(name: str) -> Sequence[str]:
    """Return the command of a worker that is broken in the way of this name."""
    return (sys.executable, "-m", "tests.chaos.broken", name, "worker")


if __name__ == "__main__":
    BROKEN[sys.argv[1]]()
    obey()
    sys.argv[1:2] = []
    sys.exit(main())
