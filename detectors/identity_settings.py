"""Settings of ids: which spellings of an agent are one, and which words mean nobody."""

from typing import Annotated, Any, Final, Literal, get_args

from msgspec import Meta, Struct

from detectors.reading.spelling import Spelling

Normalisation = Literal["trim", "nfc", "case"]


class IdentitySettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How ids of agents are read, who sold as well as who keyed; by default as they stand.

    ``normalise``: what makes no other agent. ``trim``: spaces around it. ``nfc``: the form in which
    Unicode writes the same letters. ``case``: capital letters. ``nobody``: words that stand for no
    agent, in any spelling that `normalise` takes for one.
    """

    normalise: tuple[Normalisation, ...] = ()
    nobody: tuple[Annotated[str, Meta(min_length=1, max_length=256)], ...] = ()

    @property
    def spelling(self) -> Spelling | None:
        """What spells ids of agents as they are to be; None if all are taken as they stand."""
        if not (self.normalise or self.nobody):
            return None
        trims, composes, folds = (one in self.normalise for one in get_args(Normalisation))
        return Spelling(self.nobody, trims=trims, composes=composes, folds=folds)

    def effective(self) -> dict[str, Any]:
        """Return what decides something about alerts, as a table: order and repeats do not."""
        return {
            "normalise": sorted(set(self.normalise)),
            "nobody": sorted(set(self.nobody)),
        }


AS_THEY_STAND: Final = IdentitySettings()
"""Every spelling is an agent of its own."""
