"""Settings of ids: which spellings of an agent are one, and which words mean nobody."""

from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal, get_args

from msgspec import Meta, Struct, field

from detectors.reading.spelling import Spelling

Normalisation = Literal["trim", "nfc", "case"]

MOST_MERGED: Final = 1_000
"""Ids that may be merged: every line whose agent is compared with them."""

_Id = Annotated[str, Meta(min_length=1, max_length=256)]


class IdentitySettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How ids of agents are read, who sold as well as who keyed; by default as they stand.

    ``normalise``: what makes no other agent. ``trim``: spaces around it. ``nfc``: the form in which
    Unicode writes the same letters. ``case``: capital letters. ``nobody``: words that stand for no
    agent, in any spelling that `normalise` takes for one. ``merged``: ids of an agent who has
    another one, each with that other one, which may have been merged as well.
    """

    normalise: tuple[Normalisation, ...] = ()
    nobody: tuple[_Id, ...] = ()
    merged: Annotated[Mapping[_Id, _Id], Meta(max_length=MOST_MERGED)] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse merges that name no one agent for each id."""
        _ = self.spelling

    @property
    def spelling(self) -> Spelling | None:
        """What spells ids of agents as they are to be; None if all are taken as they stand."""
        if not (self.normalise or self.nobody or self.merged):
            return None
        trims, composes, folds = (one in self.normalise for one in get_args(Normalisation))
        return Spelling(self.nobody, self.merged, trims=trims, composes=composes, folds=folds)

    def effective(self) -> dict[str, Any]:
        """Return what decides something about alerts, as a table: order and repeats do not."""
        spelling = self.spelling
        merged = spelling.merged if spelling is not None else {}
        return {
            "normalise": sorted(set(self.normalise)),
            "nobody": sorted(set(self.nobody)),
            **({"merged": merged} if merged else {}),
        }


AS_THEY_STAND: Final = IdentitySettings()
"""Every spelling is an agent of its own."""
