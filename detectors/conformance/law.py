"""A law: a function of a config that raises where the config's detector does not keep it."""

from collections.abc import Callable, Iterator
from functools import wraps
from typing import TypeAlias

from detectors.basis.errors import LawBroken
from detectors.contract.detector import DetectorConfig

Law: TypeAlias = Callable[[DetectorConfig], None]


def law(remedy: str) -> Callable[[Callable[[DetectorConfig], Iterator[str]]], Law]:
    """Make a law of a function that gives the places where it is broken.

    The first place becomes a `LawBroken`; so does any error that the detector raises, for none is
    its to raise where the law does not expect one.
    """

    def made(breaches: Callable[[DetectorConfig], Iterator[str]]) -> Law:
        @wraps(breaches)
        def hold(config: DetectorConfig) -> None:
            name, detector = breaches.__name__, type(config).__name__
            try:
                place = next(breaches(config), None)
            except Exception as error:
                place = f"it raised {type(error).__name__}: {error}"
                raise LawBroken(name, detector, place, remedy) from error
            if place is not None:
                raise LawBroken(name, detector, place, remedy)

        return hold

    return made
