"""What the two articles that Aboveboard comes from warn of, and the pattern that sees it."""

from typing import Final, NamedTuple


class Warned(NamedTuple):
    """A practice in the words of the articles, and the names of the patterns that see it.

    ``example`` names the files in ``examples/articles/`` that show it; ``of_a_site`` is whether it
    is a rule of a site, and no agent's doing.
    """

    practice: str
    patterns: tuple[str, ...]
    example: str
    of_a_site: bool = False


WARNED_OF: Final = (
    Warned("The customer's needs are not asked for", ("no_need",), "needs"),
    Warned("No recap of what was sold", ("no_recap",), "recap"),
    Warned("Fees are withheld", ("undisclosed_fee", "fee_at_exit"), "fees"),
    Warned("Bait and switch", ("bait_and_switch",), "bait"),
    Warned(
        "Accounts that nobody agreed to",
        ("no_consent", "denied_sale", "simulated_funding"),
        "nobody-agreed",
    ),
    Warned(
        "More closing attempts than two", ("pushed_sale", "sold_over_refusal"), "closing-attempts"
    ),
    Warned(
        "Verification by the seller", ("own_verification", "failed_verification"), "verification"
    ),
    Warned("Zombie accounts", ("unused_account",), "zombie"),
    Warned("Quick returns after certain agents", ("quick_cancellation", "burst"), "quick-returns"),
    Warned(
        "Commission that is clawed back, and the days after it", ("clawback_cliff",), "clawback"
    ),
    Warned("Pitches to unhappy callers", ("pitch_to_unhappy",), "unhappy-callers"),
    Warned(
        "A pitch that is forced into every call",
        ("pitch_to_unhappy",),
        "forced-pitch",
        of_a_site=True,
    ),
)

REMARK: Final = """\
A pitch that is forced into every call is a rule and no agent: alerts about teams and sites say so.
[examples/catalogue.toml](../examples/catalogue.toml) switches all patterns on.

Each example is a file of settings, with the command that runs it. Beside it stand events that
show the practice (`.jsonl`), and their honest twin (`-honest.jsonl`): the same sales, each for a
reason that its pattern excuses. It gives no alert."""
