"""What a stage has sent, and the broker has not yet said that it has."""

import asyncio
from collections.abc import Awaitable, Iterable
from typing import Final

from streams.stages.actors.actor import Output
from streams.stages.state.journal import Journal

MOST_UNACKNOWLEDGED: Final = 5_000
"""Outputs after which the stage waits for the broker to have them."""


class Outbox:
    """Sends the outputs of a stage through a journal."""

    def __init__(self, journal: Journal) -> None:
        self._journal: Final = journal
        self._sent: list[Awaitable[object]] = []

    async def send(self, outputs: Iterable[Output]) -> None:
        """Send these; waits where too many are on their way."""
        self._sent += await self._journal.send(outputs)
        if len(self._sent) > MOST_UNACKNOWLEDGED:
            await self.acknowledged()

    async def acknowledged(self) -> None:
        """Wait until the broker has all outputs."""
        sent, self._sent = self._sent, []
        await asyncio.gather(*sent)
