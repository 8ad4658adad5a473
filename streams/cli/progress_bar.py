"""A progress bar for long input, when somebody is looking."""

import sys
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Final, Self

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

APPEARS_AFTER: Final = 1.0
"""Seconds of work before the bar appears: short work is over before it could be read."""


class ByteProgress(AbstractContextManager["ByteProgress"]):
    """A bar on stderr that follows a number of bytes; nothing where stderr is no terminal.

    Parameters
    ----------
    title
        What is being done.
    total
        How many bytes there are; None where nobody knows.
    position
        Gives how many of them are done. Asked on every `update`, so call that now and then only.
    """

    def __init__(self, title: str, total: int | None, position: Callable[[], int]) -> None:
        self._title: Final = title
        self._total: Final = total
        self._position: Final = position
        self._started: Final = time.monotonic()
        self._watched: Final = sys.stderr.isatty()
        self._bar: Progress | None = None

    def __enter__(self) -> Self:
        """Start to count the time."""
        return self

    def __exit__(self, *_: object) -> None:
        """Remove the bar."""
        if self._bar is not None:
            self._bar.stop()

    def update(self) -> None:
        """Show how far things are, if they have taken long enough to be worth it."""
        if not self._watched:
            return
        if self._bar is None:
            if time.monotonic() - self._started < APPEARS_AFTER:
                return
            self._bar = self._appear()
        self._bar.update(self._bar.task_ids[0], completed=self._position())

    def _appear(self) -> Progress:
        bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            DownloadColumn(),
            TimeRemainingColumn(),
            console=Console(stderr=True),
            transient=True,
            refresh_per_second=4,
        )
        bar.add_task(self._title, total=self._total)
        bar.start()
        return bar
