"""What is dear to ask for is asked for once a minute, in a thread, whoever waits for it."""

import asyncio
import time
from collections.abc import Callable
from typing import Final, Generic, TypeVar

Figures = TypeVar("Figures")

FRESH_SECONDS: Final = 60.0


class Minutely(Generic[Figures]):
    """Keeps what a function returned for a while.

    Parameters
    ----------
    make
        May take its time; it is called in a thread, by one at a time.
    fresh_for
        Seconds.
    """

    def __init__(self, make: Callable[[], Figures], fresh_for: float = FRESH_SECONDS) -> None:
        self._make: Final = make
        self._fresh_for: Final = fresh_for
        self._asking: Final = asyncio.Lock()
        self._made: tuple[float, Figures] | None = None

    async def get(self) -> Figures:
        """Return what was returned last, or makes it anew if that is too old."""
        async with self._asking:
            made = self._made
            if made is None or time.monotonic() - made[0] > self._fresh_for:
                made = self._made = (
                    time.monotonic(),
                    await asyncio.to_thread(self._make),
                )
            return made[1]
