"""The client is ended in bounded time, whatever it waits for and whatever it raises."""

import asyncio
import logging
import threading

import pytest
from aiokafka.errors import KafkaConnectionError

from streams.broker.transport.stopping import StoppingThread, stop_client

SECONDS = 0.01


class Connections:
    """What the client holds open."""

    def __init__(self) -> None:
        self.closed = False

    async def close(self) -> None:
        self.closed = True


class Client:
    """A client as far as its end goes."""

    def __init__(self, error: BaseException | None = None, *, waits: bool = False) -> None:
        self._client = Connections()
        self._error = error
        self._waits = waits
        self.left = False

    async def stop(self) -> None:
        if self._waits:
            await asyncio.Event().wait()
        if self._error is not None:
            raise self._error
        self.left = True
        await self._client.close()


class StubbornClient(Client):
    """A client that does not heed that it is cancelled, for a while."""

    async def stop(self) -> None:
        while not self._client.closed:
            try:
                await asyncio.sleep(10 * SECONDS)
            except asyncio.CancelledError:
                continue


@pytest.mark.parametrize(
    "client",
    [
        Client(),
        Client(waits=True),
        Client(KafkaConnectionError("gone")),
        Client(asyncio.CancelledError()),
        StubbornClient(),
    ],
)
def test_it_disconnects_always(client: Client) -> None:
    asyncio.run(stop_client(client, SECONDS))
    assert client._client.closed  # noqa: SLF001 - what the function closes


def test_it_leaves_the_group_if_it_can() -> None:
    client = Client()
    asyncio.run(stop_client(client, 10))
    assert client.left


class FailingService:
    """A service whose thread ends by an error that the service has told before."""

    def _start_thread(self) -> None:
        raise KafkaConnectionError("gone")


def test_a_thread_that_failed_is_silent_and_can_be_waited_for(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Warnings are errors here, and pytest warns of exceptions that a thread does not catch."""
    with caplog.at_level(logging.INFO):
        thread = StoppingThread(FailingService())
        thread.start()
        thread.stop()
    assert thread.is_stopped.is_set()
    assert not caplog.text


def test_a_thread_does_not_keep_a_process_alive() -> None:
    assert StoppingThread(FailingService()).daemon
    assert not threading.Thread().daemon
