"""Settings of verification: which sales somebody is asked to call back."""

from typing import Annotated, Any, Final

from msgspec import Meta, Struct, structs

from detectors.basis.draw import Draw
from detectors.basis.errors import InvalidSettings
from detectors.messages.candidates import Lots

SHORTEST_KEY: Final = 16
"""Characters: whoever guesses the key foretells who is called."""


class VerificationSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which sales are chosen by chance, for somebody else than the seller to verify.

    ``rate``: the share of all sales; 0 asks for none. ``most``: the largest share of an agent's
    sales, where evidence against them is building up. ``key``: the secret that decides which.
    """

    rate: Annotated[float, Meta(ge=0, le=1)] = 0.0
    most: Annotated[float, Meta(gt=0, le=1)] = 0.2
    key: Annotated[str, Meta(max_length=1_000)] = ""

    def __repr__(self) -> str:
        """Return no word of the key."""
        return f"VerificationSettings(rate={self.rate}, most={self.most})"

    @property
    def is_on(self) -> bool:
        """Whether any sale is asked for."""
        return self.rate > 0.0

    def lots(self) -> Lots | None:
        """Return what draws the sales that may be asked for; None if nothing is asked for."""
        return Lots(Draw(self.key), self.most) if self.is_on else None

    def effective(self) -> dict[str, Any]:
        """Return what decides something; nothing if it is off, and of the key only a mark."""
        return structs.asdict(self) | {"key": Draw(self.key).mark()} if self.is_on else {}

    def check(self) -> None:
        """Refuse what cannot be obeyed.

        Raises
        ------
        InvalidSettings
            For a rate above the ceiling, or one without a key that is long enough.
        """
        if not self.is_on:
            return
        if self.rate > self.most:
            raise InvalidSettings(
                f"`verification.rate` = {self.rate} must not be above `verification.most` = "
                f"{self.most}"
            )
        if len(self.key) < SHORTEST_KEY:
            raise InvalidSettings(
                f"`verification.key` must have {SHORTEST_KEY} characters or more, drawn at random: "
                "whoever guesses it foretells which sales are called back"
            )
