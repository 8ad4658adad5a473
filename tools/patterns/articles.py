"""What the two articles that Aboveboard comes from warn of, and the pattern that sees it."""

from typing import Final, NamedTuple


class Warned(NamedTuple):
    """A practice in the words of the articles, and the names of the patterns that see it."""

    practice: str
    patterns: tuple[str, ...]


WARNED_OF: Final = (
    Warned("The customer's needs are not asked for", ("no_need",)),
    Warned("No recap of what was sold", ("no_recap",)),
    Warned("Fees are withheld", ("undisclosed_fee", "fee_at_exit")),
    Warned("Bait and switch", ("bait_and_switch",)),
    Warned("Accounts that nobody agreed to", ("no_consent", "denied_sale", "simulated_funding")),
    Warned("More closing attempts than two", ("pushed_sale", "sold_over_refusal")),
    Warned("Verification by the seller", ("own_verification", "failed_verification")),
    Warned("Zombie accounts", ("unused_account",)),
    Warned("Quick returns after certain agents", ("quick_cancellation", "burst")),
    Warned("Commission that is clawed back, and the days after it", ("clawback_cliff",)),
    Warned("Pitches to unhappy callers", ("pitch_to_unhappy",)),
    Warned("A pitch that is forced into every call", ("pitch_to_unhappy",)),
)

REMARK: Final = """\
A pitch that is forced into every call is a rule and no agent: alerts about teams and sites say so.
[examples/catalogue.toml](../examples/catalogue.toml) switches all patterns on."""
