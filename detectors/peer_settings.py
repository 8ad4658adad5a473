"""Settings of peers: whom an agent is compared with, and which rates are known from elsewhere."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Annotated, Final, Literal

from msgspec import Meta, Struct

from detectors.basis.durations import Duration
from detectors.basis.errors import InvalidSettings
from detectors.basis.identifiers import PatternName, cell_of

PRODUCT: Final = "product"

MOST_NAMED: Final = 3
"""Reference rates that an alert names."""

_Positive = Annotated[float, Meta(gt=0, le=1e12)]


class ReferenceRate(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A rate of bad outcomes that is known from elsewhere: it stands beside those of the peers.

    ``pattern``: of which outcomes. ``product``: of which sales; all where it is missing. ``rate``:
    the share that goes bad where nobody cheats. ``outcomes``: how many outcomes of others it is
    worth. ``source``: where it is from, which alerts say.
    """

    pattern: PatternName
    product: Annotated[str, Meta(min_length=1, max_length=256)] | None = None
    rate: Annotated[float, Meta(gt=0, lt=1)]
    outcomes: Annotated[int, Meta(ge=1, le=1_000_000)]
    source: Annotated[str, Meta(min_length=1, max_length=200)]

    @property
    def bad(self) -> int:
        """How many of the outcomes were bad: a whole number, so that sums stay exact."""
        return round(self.rate * self.outcomes)

    @property
    def words(self) -> str:
        """The rate and its source, for a list."""
        of_what = "all sales" if self.product is None else f'"{self.product}"'
        return f"{self.rate:.3g} of {of_what}, worth {self.outcomes:,} outcomes ({self.source})"


class PeerSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whom an agent is compared with.

    ``cell``: fields of the sale whose values make a cell, the most telling first: a cell is shrunk
    to the one without its last field, and so on. ``tenure`` (the seller's, in bands) may be last.
    ``shrinkage``: how many outcomes the wider cell is worth against a cell's own
    (docs/statistics.md, section 6: about 100). ``market_half_life``: how fast the level of the
    market is forgotten. ``reference``: rates that are known from elsewhere, for small markets.
    """

    cell: Annotated[
        tuple[Literal["product", "channel", "site", "team", "tenure"], ...], Meta(min_length=1)
    ] = ("product", "channel")
    shrinkage: _Positive = 100.0
    market_half_life: Duration = "3d"
    reference: tuple[ReferenceRate, ...] = ()

    def references_of(self, pattern: PatternName) -> Sequence[ReferenceRate]:
        """Return the rates known of a pattern, in an order that the settings' does not decide."""
        known = (one for one in self.reference if one.pattern == pattern)
        return sorted(known, key=lambda one: cell_of(() if one.product is None else (one.product,)))

    def beside(self, pattern: PatternName) -> str:
        """Return what an alert says of the rates known of a pattern, after whom the peers are."""
        known = [one.words for one in self.references_of(pattern)]
        if not known:
            return ""
        if len(known) > MOST_NAMED:
            known[MOST_NAMED:] = [f"and {len(known) - MOST_NAMED} more"]
        return f", and beside them by rates known from elsewhere: {'; '.join(known)}"

    def check(self, patterns: Iterable[PatternName]) -> None:
        """Refuse what cannot be obeyed, where `patterns` are those of which a rate may be known.

        Raises
        ------
        InvalidSettings
            For a ``tenure`` that is not last, and a reference rate of another pattern, of a product
            where cells do not begin with it, without any bad outcome, or twice.
        """
        if "tenure" in self.cell[:-1]:
            raise InvalidSettings("`tenure` must be the last field of `peers.cell`")
        for number, fault in enumerate(self._faults(frozenset(patterns))):
            if fault is not None:
                raise InvalidSettings(f"`peers.reference[{number}]` {fault}")

    def _faults(self, patterns: frozenset[PatternName]) -> Iterator[str | None]:
        """Yield of each reference rate what is wrong with it."""
        seen: set[tuple[PatternName, str | None]] = set()
        for one in self.reference:
            if one.pattern not in patterns:
                yield f"is of the pattern {one.pattern!r}, and is none of {sorted(patterns)}"
            elif one.product is not None and self.cell[0] != PRODUCT:
                yield f"is of a product, but `peers.cell` begins with {self.cell[0]!r}"
            elif one.bad < 1:
                yield f"has no bad outcome: give at least {round(1 / one.rate):,} `outcomes`"
            elif (one.pattern, one.product) in seen:
                yield f"is the second one of {one.pattern} and {one.product or 'all sales'}"
            else:
                yield None
            seen.add((one.pattern, one.product))
