"""`aboveboard desk` over Kafka: how soon it is ready, how much memory it takes, who may listen."""

import asyncio
import os
import time
from collections.abc import Iterable
from http import HTTPStatus
from pathlib import Path
from typing import Final

import aiohttp

from bench.desk.crowd import ALERTS, CASES, crowd
from streams.desk.model.intake import Told
from streams.wire.topics import Topic
from tests.brokers.real_kafka import RealKafka
from tests.brokers.selection import AvailableBroker
from tests.integration.desk.desk_process import Desk
from tests.integration.installation import Installation, install

VIEWERS: Final = 200
AIM_MEGABYTES: Final = 300
AIM_SECONDS: Final = 1.0

_PARTITIONS: Final = 4
_PATIENCE: Final = 30.0


def run() -> None:
    """Print seconds until ready, megabytes, and how soon all who listen hear of a change."""
    with RealKafka() as kafka:
        installation = install(AvailableBroker(kafka.bootstrap, "kafka"), _PARTITIONS)
        records = list(crowd(CASES, ALERTS))
        _send(installation, records)
        began = time.perf_counter()
        with Desk(installation, role="viewer") as desk:
            seconds = time.perf_counter() - began
            process = desk.process.number
            work = _worked(process)
            print(
                f"  {ALERTS:,} alerts, {CASES:,} cases: ready {seconds:.1f} s after its start, "
                f"{ALERTS / seconds:,.0f} alerts/s; {ALERTS / work:,.0f} by its processor's time"
            )
            print(f"  memory when ready {_megabytes(process):.0f} MB (aim: {AIM_MEGABYTES})")
            for path in ("/cases", "/api/cases?limit=500", "/api/alerts?limit=500"):
                for _ in range(5):
                    _require(desk, path)
            print(f"  memory after requests {_megabytes(process):.0f} MB")
            case = next(one for one in records if one.topic is Topic.CASES_CURRENT)
            heard = asyncio.run(_hear(desk.address, installation, case))
            print(
                f"  {len(heard)} of {VIEWERS} who listen heard of a change, the first after "
                f"{min(heard):.3f} s, the last after {max(heard):.3f} s (aim: {AIM_SECONDS:.0f})"
            )
            print(f"  memory with {VIEWERS} who listened {_megabytes(process):.0f} MB")


def _require(desk: Desk, path: str) -> None:
    answer = desk.ask(path)
    if answer.status != HTTPStatus.OK:
        raise SystemExit(f"{path} answers {answer.status}: {answer.body[:200]!r}")


def _send(installation: Installation, records: Iterable[Told]) -> None:
    with installation.producer() as producer:
        for one in records:
            producer.send(installation.name(one.topic), one.value, key=one.key)
        producer.flush()


async def _hear(address: str, installation: Installation, case: Told) -> list[float]:
    """Return after how many seconds each of those who listen hears of a change."""
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector) as session:
        greeted = asyncio.Semaphore(0)
        begun: asyncio.Future[float] = asyncio.get_running_loop().create_future()

        async def listen() -> float:
            async with session.get(f"{address}/live") as answer:
                greeted.release()
                async for line in answer.content:
                    if line.startswith(b"data:") and (case.key or b"?") in line:
                        break
            return time.perf_counter() - await begun

        listening = [asyncio.ensure_future(listen()) for _ in range(VIEWERS)]
        for _ in range(VIEWERS):
            await greeted.acquire()
        begun.set_result(time.perf_counter())
        await asyncio.to_thread(_send, installation, [case])
        return list(await asyncio.wait_for(asyncio.gather(*listening), _PATIENCE))


def _worked(process: int) -> float:
    """Return the seconds of the processor that a process has taken."""
    fields = Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    seconds: float = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return seconds


def _megabytes(process: int) -> float:
    status = Path(f"/proc/{process}/status").read_text(encoding="ascii")
    (line,) = (line for line in status.splitlines() if line.startswith("VmRSS:"))
    return int(line.split()[1]) / 1_000


if __name__ == "__main__":
    run()
