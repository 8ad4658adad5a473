"""The end of a worker takes no longer than it may, and says whether everything ended."""

import asyncio
import contextlib
import subprocess
import sys
from typing import Final

import pytest
from aiokafka.errors import KafkaConnectionError

from detectors.basis.errors import AboveboardError
from streams.worker.shutdown import Shutdown, run_to_end

LITTLE: Final = 0.01


async def stubborn(until: asyncio.Event) -> None:
    while not until.is_set():
        with contextlib.suppress(asyncio.CancelledError):
            await until.wait()


async def failing() -> None:
    raise KafkaConnectionError("gone")


async def quick() -> None:
    await asyncio.sleep(0)


def test_an_end_in_time_is_in_order() -> None:
    async def end(shutdown: Shutdown) -> None:
        await shutdown.within(quick(), 10)
        await shutdown.within(failing(), 10)
        await shutdown.cancel_leftovers()

    shutdown = Shutdown()
    asyncio.run(end(shutdown))
    assert shutdown.in_order


def test_what_does_not_heed_its_cancelling_is_left() -> None:
    async def end(shutdown: Shutdown) -> None:
        until = asyncio.Event()
        await shutdown.within(stubborn(until), LITTLE)
        until.set()

    shutdown = Shutdown(LITTLE)
    asyncio.run(end(shutdown))
    assert not shutdown.in_order


def test_a_task_that_will_not_end_is_noticed() -> None:
    async def end(shutdown: Shutdown) -> None:
        until = asyncio.Event()
        task = asyncio.ensure_future(stubborn(until))
        await asyncio.sleep(0)
        await shutdown.cancel_leftovers()
        until.set()
        await task

    shutdown = Shutdown(LITTLE)
    asyncio.run(end(shutdown))
    assert not shutdown.in_order


def test_all_parts_share_the_time_of_the_first() -> None:
    moments = iter([100.0, 110.0])

    async def end(shutdown: Shutdown) -> None:
        await shutdown.within(quick(), 10)
        await shutdown.within(asyncio.sleep(3600), 3600)

    shutdown = Shutdown(LITTLE, lambda: next(moments))
    asyncio.run(end(shutdown))
    assert not shutdown.in_order


@pytest.mark.parametrize("code", [0, 1])
def test_an_orderly_end_gives_its_code(code: int) -> None:
    async def work() -> int:
        return code

    assert asyncio.run(run_to_end(work(), Shutdown())) == code


def test_an_orderly_end_passes_a_refusal_on() -> None:
    async def work() -> int:
        raise AboveboardError("cannot begin")

    with pytest.raises(AboveboardError, match="cannot begin"):
        asyncio.run(run_to_end(work(), Shutdown()))


IN_DISORDER: Final = """
import asyncio
from streams.worker.shutdown import Shutdown, run_to_end

async def stubborn():
    while True:
        try:
            await asyncio.sleep(3600)
        except asyncio.CancelledError:
            continue

async def work():
    asyncio.ensure_future(stubborn())
    await asyncio.sleep(0)
    return 1

asyncio.run(run_to_end(work(), Shutdown(0.01)))
"""


def test_a_process_ends_though_a_task_will_not() -> None:
    done = subprocess.run(
        [sys.executable, "-c", IN_DISORDER], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (1, "", "")
