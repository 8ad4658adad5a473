"""A loop in a thread of its own ends in silence, whatever still ran in it or had failed."""

import asyncio
import gc

import pytest

from streams.broker.notifier.loop_thread import LoopThread

SAID = "Task exception was never retrieved"


async def failed() -> "asyncio.Task[None]":
    """Return a task whose failure nobody has asked for."""

    async def fail() -> None:
        raise ConnectionError("the broker is away")

    task = asyncio.ensure_future(fail())
    await asyncio.wait([task])
    return task


def test_what_a_client_leaves_behind_is_told_while_it_lives_and_not_after(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with LoopThread("test") as thread:
        task = thread.run(failed())
        del task
        gc.collect()
        assert SAID in caplog.text
        caplog.clear()
        task = thread.run(failed())
    del task
    gc.collect()
    assert caplog.text == ""
