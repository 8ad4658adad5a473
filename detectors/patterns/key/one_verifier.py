"""One verifier: nearly all that an agent sells is confirmed by the same person.

Whoever confirms a sale should be the next who is free. Where one person confirms what an agent
sells, though several do for the colleagues, nobody else ever looks at it. A sale is bad if whoever
verified it is who verified most of the agent's last sales before it, and good if it is anybody
else. With five people who are as often free it is bad in a fifth of cases: peers show what is
usual. What the sellers verified themselves is a matter for `own_verification`, and excluded.

Where a team has a single verifier all of its members have that: it is told of the team, and what
was told of a member before that is known is withdrawn. It cannot tell a friend from whoever sits
beside the agent, or works in the same shift: so it is a *warning* at most. The last twenty sales
are a guess: enough to know who is usual, and few enough that another shift changes them.

The source are fines for recordings of verifications that were put together (FCC), and auditors of
sales at the door who were paid a commission on them.
"""

from bisect import bisect_left
from collections import Counter
from typing import Annotated, ClassVar, Final

import numpy as np
from msgspec import Meta

from detectors.basis.durations import Duration
from detectors.basis.event_time import Seconds
from detectors.basis.identifiers import PatternName
from detectors.events.event import Sale
from detectors.facts.account import Verdict
from detectors.facts.asked.traits import VERIFIED_BY_SELLER, VERIFIER
from detectors.facts.contact import AGENT
from detectors.facts.questions import AnyQuestion, Sharing
from detectors.facts.sales import Sales, Sold
from detectors.patterns.advice import Advice
from detectors.patterns.example import PatternExample
from detectors.patterns.judged import Severity
from detectors.patterns.key.one_customer import sold_on
from detectors.patterns.pattern import SalePattern
from detectors.patterns.verdicts import Verdicts

SOLD_BY: Final = Sharing(AGENT)


def _verified(*by: str | None) -> tuple[Sale, ...]:
    """Return sales of one agent and who verified them, the newest first."""
    return tuple(
        sold_on(number, -number, customer_id=f"customer-{number}", verifier_id=one)
        for number, one in enumerate(by)
    )


_USUAL: Final = ("eve",) * 6 + ("ben", "cy", "dee", "ben")


class OneVerifier(SalePattern, frozen=True, kw_only=True):
    """Settings and verdict of the pattern ``one_verifier``.

    ``of_last``: among how many of the agent's last verified sales the usual verifier is looked for,
    and ``least``: of fewer nobody is usual. ``within``: how long before a sale they may lie.
    """

    name: ClassVar[PatternName] = PatternName("one_verifier")
    window: ClassVar[str] = "0s"
    questions: ClassVar[tuple[AnyQuestion, ...]] = (SOLD_BY, VERIFIER, VERIFIED_BY_SELLER)
    severest: ClassVar[Severity] = "warning"
    unit_phrase: ClassVar[str] = "sales that somebody else verified"
    advice: ClassVar[Advice] = Advice(
        next_step="Ask how a sale comes to its verifier, and who of the two asks for the other. "
        "Have five of these sales verified anew, by somebody who works with neither.",
        would_clear="A roster or a queue by which this verifier was the only one there.",
        explanations_unchecked=(
            "A small team, a site or a shift in which one person verifies.",
            "A verifier who knows a language or a product that this agent sells most of.",
            "A field that names the queue or the system, and not who verified.",
        ),
    )
    examples: ClassVar[tuple[PatternExample, ...]] = (
        PatternExample(
            "Eve confirmed it, as most of the last ten.", Verdict.BAD, _verified("eve", *_USUAL)
        ),
        PatternExample("Ben did for once.", Verdict.GOOD, _verified("ben", *_USUAL)),
        PatternExample(
            "Few sales before are known to be verified.",
            Verdict.EXCLUDED,
            _verified("eve", "eve", "eve"),
            honest="made when fewer",
        ),
        PatternExample(
            "The seller did, which counts elsewhere.",
            Verdict.EXCLUDED,
            _verified("agent-1", *_USUAL),
            honest="verified by the seller",
        ),
        PatternExample("Nobody is named.", Verdict.EXCLUDED, _verified(None, *_USUAL)),
    )

    enabled: bool = False
    within: Duration = "30d"
    of_last: Annotated[int, Meta(ge=1, le=1_000)] = 20
    least: Annotated[int, Meta(ge=1, le=1_000)] = 10

    @property
    def looks_back(self) -> str:
        """For how long before a sale others count."""
        return self.within

    @property
    def outcome_phrase(self) -> str:
        """Read after "were"."""
        return f"verified by who verified most of the agent's last {self.of_last} sales before"

    @property
    def explanations_checked(self) -> tuple[str, ...]:
        """Read after "sales that were"; the verdict on such a sale is not bad."""
        return (
            f"made when fewer than {self.least} verified sales of the agent were known",
            "verified by the seller, which is a matter for own_verification",
        )

    def verdicts(self, sales: Sales) -> Verdicts:
        """Judge by who verified each sale, and who verified those before it."""
        verifiers, by_seller = sales[VERIFIER], sales[VERIFIED_BY_SELLER]
        verdicts = np.full(len(sales), Verdict.EXCLUDED, dtype=np.uint8)
        places = sales.numbers.index(VERIFIER.field), sales.numbers.index(VERIFIED_BY_SELLER.field)
        for row in np.flatnonzero(sales[SOLD_BY].whole() & (by_seller == 0.0)).tolist():
            usual = self._usual(sales.rows[row], places)
            if usual is not None:
                verdicts[row] = Verdict.BAD if verifiers[row] == usual else Verdict.GOOD
        return verdicts

    def _usual(self, one: Sold, places: tuple[int, int]) -> float | None:
        """Return who verified most of the last sales before one; None where they are too few."""
        who, by_seller = places
        count = Counter[float]()
        left = self.of_last
        # Of a month of sales the last few are looked at: each is made as it is asked for.
        for number in range(bisect_left(one.sharing, one.sale.at, key=_time) - 1, -1, -1):
            numbers = one.sharing[number].sale.numbers
            verifier = numbers[who]
            if verifier is not None and numbers[by_seller] == 0.0:
                count[verifier] += 1
                left -= 1
                if not left:
                    break
        if count.total() < self.least:
            return None
        return max(count, key=lambda verifier: (count[verifier], verifier))


def _time(one: Sold) -> Seconds:
    return one.sale.at
