"""Asks the broker for an answer now and then: the clients would wait for one for ever."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Final

from streams.broker.client_errors import KafkaError
from streams.errors import BrokerUnreachable
from streams.worker.findings import BROKER_IS_SILENT
from streams.worker.health import Health

PROBE_SECONDS: Final = 2.0
"""How often the broker is asked whether it is there."""

PROBE_PATIENCE: Final = 5.0
"""How long one question may wait for its answer."""

_log: Final = logging.getLogger("aboveboard.worker")


class BrokerWatch:
    """Gives up when the broker has been silent for too long.

    Parameters
    ----------
    probe
        Asks the broker for an answer; raises KafkaError if none comes.
    patience
        Seconds without an answer after which to give up.
    health
        What it reports to.
    """

    def __init__(
        self, probe: Callable[[], Awaitable[None]], patience: float, health: Health
    ) -> None:
        self._probe: Final = probe
        self._patience: Final = patience
        self._health: Final = health

    async def run(self) -> None:
        """Ask until the broker has been silent for too long.

        Raises
        ------
        BrokerUnreachable
            Then.
        """
        heard = time.monotonic()
        while time.monotonic() - heard < self._patience:
            await asyncio.sleep(PROBE_SECONDS)
            try:
                await asyncio.wait_for(self._probe(), min(self._patience, PROBE_PATIENCE))
            except (KafkaError, TimeoutError):
                self._health.broker_is_silent()
                self._health.findings.report("broker", [BROKER_IS_SILENT])
                _log.warning("the broker does not answer")
            else:
                heard = time.monotonic()
                self._health.beat()
                self._health.findings.report("broker", [])
        raise BrokerUnreachable(f"the broker has not answered for {self._patience:g} s")
