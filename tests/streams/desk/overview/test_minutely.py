"""Whoever waits gets what was made once: a page that many open costs as much as for one."""

import asyncio
from collections.abc import Callable

from streams.desk.overview.minutely import Minutely


class _AnewForEverybody(Minutely[int]):
    async def get(self) -> int:
        return await asyncio.to_thread(self._make)


def made(kind: Callable[[Callable[[], int]], Minutely[int]], times: int = 20) -> int:
    """Return how often figures are made for so many who ask at once."""
    asked = 0

    def make() -> int:
        nonlocal asked
        asked += 1
        return asked

    async def many() -> None:
        figures = kind(make)
        assert len(set(await asyncio.gather(*(figures.get() for _ in range(times))))) <= asked

    asyncio.run(many())
    return asked


def test_many_who_ask_at_once_are_answered_together() -> None:
    assert made(Minutely) == 1


def test_figures_made_anew_for_everybody_are_caught() -> None:
    assert made(_AnewForEverybody) == 20


def test_what_is_old_is_made_anew() -> None:
    async def twice() -> tuple[int, int]:
        numbers = iter(range(9))
        figures = Minutely(lambda: next(numbers), fresh_for=0.0)
        first = await figures.get()
        await asyncio.sleep(0.01)
        return first, await figures.get()

    assert asyncio.run(twice()) == (0, 1)
