"""What is fuzzed: a reader of bytes, what it may raise, and what must hold of what it returns."""

from collections.abc import Callable, Iterable
from pathlib import Path
from random import Random
from typing import Final, NamedTuple

CORPUS: Final = Path(__file__).parent / "corpus"


class Target(NamedTuple):
    """One reader of bytes.

    Attributes
    ----------
    name
        Name of its folder in the corpus.
    run
        Reads the bytes. It returns if they are read, or refused as promised; every other error, and
        every broken promise, leaves it as an exception.
    mutate
        Changes an input in a way that keeps most of its form, by chance.
    """

    name: str
    run: Callable[[bytes], None]
    mutate: Callable[[bytes, Random], bytes]

    @property
    def folder(self) -> Path:
        """Where its part of the corpus lies."""
        return CORPUS / self.name

    def corpus(self) -> Iterable[tuple[str, bytes]]:
        """Yield the inputs that are kept, by the names of their files."""
        for path in sorted(self.folder.iterdir()):
            yield path.name, path.read_bytes()
