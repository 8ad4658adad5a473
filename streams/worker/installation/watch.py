"""Looks at the installation now and then while a worker runs, and reports what is wrong with it."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Final

from streams.broker.client_errors import KafkaError
from streams.errors import BrokerError, InstallationMismatch
from streams.metrics.registry import Metrics
from streams.worker.findings import Finding, Findings
from streams.worker.installation.beat import Heart
from streams.worker.installation.broker_clock import BrokerClock
from streams.worker.installation.eye import Eye
from streams.worker.installation.judgement import Judge, Place

LOOK_SECONDS: Final = 20.0
"""How long one look may take."""

Places = Callable[[], Mapping[tuple[str, int], Place]]
"""Tells where the input partitions of this worker stand, by whole name and number."""

NOT_YET: Final = Finding(
    "the broker has not taken a first write of this worker", "Wait for it", usual=True
)

UNSEEN: Final = Finding(
    "the cluster cannot be looked at: topics that change, and other groups, would go unnoticed",
    "Look whether the brokers run, and whether this user may describe topics",
)


class InstallationWatch:
    """What one worker goes on to look at.

    Parameters
    ----------
    eye, judge, heart
        See the cluster, compare it with the beginning, and write and listen.
    clock
        What the heart tells the broker's time to.
    findings, metrics
        What it reports to.
    every
        Seconds between two looks.
    """

    def __init__(
        self,
        eye: Eye,
        judge: Judge,
        heart: Heart,
        clock: BrokerClock,
        findings: Findings,
        metrics: Metrics,
        *,
        every: float,
    ) -> None:
        self._eye: Final = eye
        self._judge: Final = judge
        self._heart: Final = heart
        self._clock: Final = clock
        self._findings: Final = findings
        self._metrics: Final = metrics
        self._every: Final = every
        self._found: list[Finding] = []
        self._task: asyncio.Task[None] | None = None
        # Ready once the broker has taken a first beat, and not before.
        findings.report("writes", [NOT_YET])

    def begin(self, places: Places, on_failure: Callable[[BaseException], None]) -> None:
        """Look from now on; `on_failure` is called with what the worker cannot go on with."""

        async def watched() -> None:
            try:
                while True:
                    await self.look(places)
                    await asyncio.sleep(self._every)
            except Exception as error:  # noqa: BLE001 - whatever it is, the worker must stop
                on_failure(error)

        self._task = asyncio.create_task(watched())

    async def end(self) -> None:
        """Look no more."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await self._heart.stop()

    async def look(self, places: Places) -> None:
        """Look once.

        Raises
        ------
        InstallationMismatch
            If the worker cannot rightly go on; says why and what to do.
        """
        writes, found = await asyncio.gather(self._heart.beat(), self._look(places))
        self._metrics.clock_skew(self._clock.skew)
        self._findings.report("writes", writes)
        self._findings.report("cluster", found)
        if fatal := [finding.sentences for finding in found if finding.fatal]:
            raise InstallationMismatch("; ".join(fatal))

    async def _look(self, places: Places) -> list[Finding]:
        try:
            async with asyncio.timeout(LOOK_SECONDS):
                seen = await self._eye.look(places().keys())
                others = await self._heart.listen()
        except (BrokerError, KafkaError, TimeoutError):
            # What was wrong before is not known to be over.
            return [*(one for one in self._found if one is not UNSEEN), UNSEEN]
        # Asked for again: what was read meanwhile cannot have been lost.
        self._found = [*self._judge.findings(seen, places()), *others]
        return self._found
