"""Types of the ids that travel through all stages, so that a checker tells them apart."""

from collections.abc import Iterable
from sys import intern
from typing import Final, Literal, NewType, Protocol, TypeVar, cast

AgentId = NewType("AgentId", str)
"""Who sold."""

AccountId = NewType("AccountId", str)
"""The thing sold, as its sources call it."""

SaleId = NewType("SaleId", str)
"""One sale of an account."""

PatternName = NewType("PatternName", str)
"""A pattern on the wire and in the settings, such as ``quick_cancellation``."""

Cell = NewType("Cell", str)
"""A peer cell: values of the fields of ``peers.cell``, joined."""

GroupKind = Literal["site", "team"]
"""A kind of group of agents."""

SubjectKind = Literal["agent", "site", "team"]
"""What outcomes are judged for."""

GROUP_KINDS: Final[tuple[GroupKind, ...]] = ("site", "team")

_Name = TypeVar("_Name", bound=str)


class _Interning(Protocol):
    def __call__(self, name: _Name, /) -> _Name: ...


def cell_of(values: Iterable[str | None]) -> Cell:
    r"""Return the cell of some values, separated by an unescaped ``/``.

    A value that is missing reads ``-``.

    Examples
    --------
    >>> cell_of(["card", None]), cell_of(["a/b"]), cell_of([])
    ('card/-', 'a\\/b', '')
    """
    parts = (value or "-" for value in values)
    escaped = (part.replace("\\", "\\\\").replace("/", "\\/") for part in parts)
    return Cell(intern("/".join(escaped)))


interned: Final = cast("_Interning", intern)
"""The function `sys.intern`, which returns a name of the type that it was called with."""
