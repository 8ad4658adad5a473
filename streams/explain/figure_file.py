"""The file of ``--plot``: what it may be called, and the package that is needed to draw it."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final

from streams.errors import InvalidPlot
from streams.explain.chart import EvidenceChart
from streams.explain.figure_theme import THEMES

ENDINGS: Final = (".svg", ".png")


def figure_writer(path: Path, theme: str = "light") -> Callable[[EvidenceChart], None]:
    """Return what draws a chart into `path`, an SVG or a PNG by its ending.

    `theme` is a key of `THEMES`.

    Raises
    ------
    InvalidPlot
        If the ending is another one, or Matplotlib is not installed.
    """
    if path.suffix.lower() not in ENDINGS:
        raise InvalidPlot(f"--plot {path}: the name of a figure ends in .svg or .png")
    try:
        from streams.explain.figure import (  # noqa: PLC0415 - an optional package stands behind it
            write_figure,
        )
    except ModuleNotFoundError as error:
        raise InvalidPlot(
            f"--plot needs the Python package {error.name!r}, which is not installed here; "
            "install what is missing with pip install 'aboveboard[plot]'"
        ) from None
    return partial(write_figure, path=path, theme=THEMES[theme])
