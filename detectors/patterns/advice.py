"""What a pattern says to whoever reviews its alerts."""

from typing import Final, NamedTuple


class Advice(NamedTuple):
    """The words for the alerts of one pattern.

    ``next_step`` is what to do first, ``would_clear`` the explanation that would end the matter,
    ``explanations_unchecked`` are honest ones that no event tells of.
    """

    next_step: str
    would_clear: str
    explanations_unchecked: tuple[str, ...]


ABOUT_AGENTS: Final = Advice(
    next_step="Read the sentence, then look at the agent's sales of those days.",
    would_clear="An honest reason on record for the change.",
    explanations_unchecked=("Other work, other hours or other customers than before.",),
)
"""Of a pattern that says nothing of its own."""

ABOUT_ACCOUNTS: Final = Advice(
    next_step="Read the sentence, then ask the customer what they know of the sale.",
    would_clear="The customer's own word that they wanted the sale.",
    explanations_unchecked=("What no source reports.",),
)
"""Of a pattern that says nothing of its own."""
