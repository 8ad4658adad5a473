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

ABOUT_GROUPS: Final = Advice(
    next_step=(
        "Look at the group, not at a person: see whether the sales named are of many agents or of "
        "a few, then ask what changed for all of them: product, script, target, system or feed."
    ),
    would_clear="A cause that they share and nobody in the group chose, on record for those days.",
    explanations_unchecked=(
        "A product, a campaign or customers that the other groups do not have.",
        "One agent with many sales: an alert of their own says so.",
        "A system or a feed of the group's that failed.",
    ),
)
"""Of every pattern where it is a group whose sales went bad."""

ABOUT_ACCOUNTS: Final = Advice(
    next_step="Read the sentence, then ask the customer what they know of the sale.",
    would_clear="The customer's own word that they wanted the sale.",
    explanations_unchecked=("What no source reports.",),
)
"""Of a pattern that says nothing of its own."""
