"""A worker in a process of its own, to be killed and frozen; and the handle of a test on it.

It prints a line of JSON for every batch it is given and for every answer. It obeys lines:
``finish N`` finishes the first N batches that are not, ``commit`` commits, ``heartbeat`` tells the
seconds since the last one.
"""

import asyncio
import json
import signal
import subprocess
import sys
from pathlib import Path
from threading import Timer
from types import TracebackType
from typing import Any, Final, Self

from aiokafka.errors import KafkaError

from streams.broker.transport.batch import FetchedBatch
from streams.errors import MembershipLost
from tests.streams.broker.transport.small_app import SmallApp

SESSION_SECONDS: Final = 2.0

PATIENCE: Final = 240.0


def say(**facts: Any) -> None:  # noqa: ANN401 - whatever JSON holds
    """Print a fact."""
    sys.stdout.write(json.dumps(facts) + "\n")
    sys.stdout.flush()


async def obey(small: SmallApp, unfinished: list[FetchedBatch], command: str) -> None:
    """Do what a line says, and answer."""
    word, *rest = command.split()
    if word == "finish":
        done = unfinished[: int(rest[0])]
        del unfinished[: len(done)]
        for batch in done:
            batch.finish()
        say(finished=[value for batch in done for value in values(batch)])
    elif word == "commit":
        try:
            offsets = await small.consumer.commit_finished(seconds=5)
        except (MembershipLost, KafkaError) as error:
            say(refused=type(error).__name__)
        else:
            say(committed=sorted(offsets.values()))
    elif word == "heartbeat":
        say(heartbeat=small.consumer.seconds_since_heartbeat())


def values(batch: FetchedBatch) -> list[int]:
    """Return the numbers that a batch holds."""
    return [int(record.value or b"") for record in batch.records]


async def serve(bootstrap: str, group: str, topic: str, folder: Path) -> None:
    """Run until the standard input ends."""
    unfinished: list[FetchedBatch] = []

    async def work(batch: FetchedBatch) -> None:
        unfinished.append(batch)
        say(given=values(batch), partition=batch.partition, generation=batch.generation)

    settings = {"broker_session_timeout": SESSION_SECONDS, "broker_heartbeat_interval": 0.4}
    small = SmallApp(bootstrap, group, topic, folder, work, **settings)

    async def revoked() -> None:
        say(revoked=[batch.generation for batch in unfinished])
        unfinished.clear()

    small.on_revoked = revoked
    async with small:
        lines = asyncio.StreamReader()
        await asyncio.get_running_loop().connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(lines), sys.stdin
        )
        while line := await lines.readline():
            await obey(small, unfinished, line.decode())


class WorkerProcess:
    """The handle of a test."""

    def __init__(self, bootstrap: str, group: str, topic: str, folder: Path) -> None:
        folder.mkdir(exist_ok=True)
        self._process = subprocess.Popen(
            [sys.executable, "-m", __name__, bootstrap, group, topic, str(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
        )
        # Without it, a test would wait for ever for a fact that does not come.
        self._deadline = Timer(PATIENCE, self._process.kill)
        self._deadline.daemon = True
        self._deadline.start()
        self.facts: list[dict[str, Any]] = []

    def wait_for(self, name: str) -> Any:  # noqa: ANN401 - whatever JSON holds
        """Read on until a fact of this name comes, and give it."""
        assert self._process.stdout is not None
        for line in self._process.stdout:
            fact = json.loads(line)
            self.facts.append(fact)
            if name in fact:
                return fact[name]
        raise AssertionError(f"the worker ended without {name!r}")

    def given(self) -> list[int]:
        """Return all numbers that were delivered so far, in their order."""
        return [number for fact in self.facts for number in fact.get("given", ())]

    def read_until_given(self, count: int) -> list[int]:
        """Read on until so many numbers were delivered."""
        while len(self.given()) < count:
            self.wait_for("given")
        return self.given()

    def ask(self, command: str, answer: str) -> Any:  # noqa: ANN401 - whatever JSON holds
        """Return a command and wait for the answer."""
        assert self._process.stdin is not None
        self._process.stdin.write(command + "\n")
        return self.wait_for(answer)

    def signal(self, number: signal.Signals) -> None:
        """Kill, freeze or wake it."""
        self._process.send_signal(number)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._deadline.cancel()
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()


if __name__ == "__main__":
    _, of_broker, of_group, of_topic, of_folder = sys.argv
    asyncio.run(serve(of_broker, of_group, of_topic, Path(of_folder)))
