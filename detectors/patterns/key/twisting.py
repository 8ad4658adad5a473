"""Twisting: what a customer has is replaced by the like of it, again and again.

A policy for a policy, a contract for a contract: the agent is paid anew, and the customer pays for
it with a new term, a fee or a lost bonus. A sale is bad if it says that it replaces another one of
the customer, of the same product, and it is not the first: the agent did so at least so many times
with this customer within the time that is set, this sale among them.

The first replacement is good: people renew, and move. One by another product is an upgrade or a
change of mind, and good. One of a sale that was cancelled for a reason that is not the agent's
doing, such as a device that did not work, is excluded, and counts for no other. One of a sale that
had been cancelled before is a matter for ``reopened``, and good. Where the replaced sale was made
before the time that is looked at, nobody can say what it was: it counts as neither, and where it
decides, the sale is excluded.

It sees what the sales name in ``replaces_sale_id``. An agent who does not name it, and lets the old
one be cancelled, is a matter for ``reopened``. Whether the new product is better for the customer,
no event tells.

The source is the churning and twisting of insurance policies, and the dealers who turn old lines
into new ones. Three months are looked at: with one replacement a quarter nobody could object.
"""

from collections.abc import Iterator
from typing import Annotated, ClassVar

from msgspec import Meta

from detectors.basis.durations import Duration, in_words
from detectors.basis.event_time import Seconds
from detectors.basis.identifiers import PatternName
from detectors.events.event import CancellationReason, Sale
from detectors.facts.account import SaleRecord, Verdict
from detectors.facts.asked.undoing import is_keyed_by_seller
from detectors.facts.beside import Beside
from detectors.facts.questions import CANCELLATIONS, AnyQuestion
from detectors.facts.sales import Sales, Sold
from detectors.patterns.account.quick_cancellation import QuickCancellation
from detectors.patterns.advice import Advice
from detectors.patterns.example import PatternExample
from detectors.patterns.key.ended import had_ended
from detectors.patterns.key.one_customer import (
    CUSTOMER,
    MOST_SHOWN,
    EarlierOfCustomer,
    cancelled_on,
    is_of_agent,
    sold_on,
)


def _sold(number: int, days: float = 0.0, **fields: str | None) -> Sale:
    """Return one of a chain of sales, each of which replaces the one before it; 3 is judged."""
    before = f"sale-{number - 1}" if number > 1 else None
    return sold_on(number, days, **({"replaces_sale_id": before} | fields))


class Twisting(EarlierOfCustomer, frozen=True, kw_only=True):
    """Settings and verdict of the pattern ``twisting``.

    ``within``: how long before a sale other replacements, and what was replaced, count. ``window``:
    how long after it the sale is judged. ``replacements``: how many there must be.
    ``excluded_reasons``: a sale that was cancelled for one of them had to be replaced.
    """

    name: ClassVar[PatternName] = PatternName("twisting")
    questions: ClassVar[tuple[AnyQuestion, ...]] = (CUSTOMER, CANCELLATIONS)
    unit_phrase: ClassVar[str] = "sales to known customers"
    advice: ClassVar[Advice] = Advice(
        next_step="Lay the terms of the old and the new product side by side for two of these "
        "customers. What did the customer gain, and what did the change cost them?",
        would_clear="A gain for the customers that their new terms show.",
        explanations_unchecked=(
            "A tariff or a term that the firm itself withdrew, so that all had to change.",
            "A customer who moved house or business more than once.",
            "A correction of the order that can only be booked as a replacement.",
            "A retention desk, whose work it is to replace what customers want to leave.",
        ),
    )
    examples: ClassVar[tuple[PatternExample, ...]] = (
        PatternExample(
            "The card was replaced by a card for the second time in two months.",
            Verdict.BAD,
            (_sold(3), _sold(2, -30), _sold(1, -60)),
        ),
        PatternExample("It was replaced once.", Verdict.GOOD, (_sold(2), _sold(1, -30))),
        PatternExample(
            "It was replaced by something else the second time.",
            Verdict.GOOD,
            (_sold(3, product="loan"), _sold(2, -30), _sold(1, -60)),
        ),
        PatternExample(
            "Another agent had replaced the first one.",
            Verdict.GOOD,
            (_sold(3), _sold(2, -30, agent_id="agent-2"), _sold(1, -60)),
        ),
        PatternExample(
            "The card that was replaced did not work.",
            Verdict.EXCLUDED,
            (_sold(3), _sold(2, -30), _sold(1, -60), cancelled_on(2, 0, reason="service_fault")),
            honest="made in the place",
        ),
        PatternExample(
            "Nobody knows what the first replaced one was.",
            Verdict.EXCLUDED,
            (_sold(3), _sold(2, -30)),
        ),
    )

    within: Duration = "90d"
    replacements: Annotated[int, Meta(ge=1, le=100)] = 2
    excluded_reasons: tuple[CancellationReason, ...] = QuickCancellation().excluded_reasons

    @property
    def outcome_phrase(self) -> str:
        """Read after "were"."""
        return (
            "sold in the place of the same product of the same customer, where the agent had done "
            f"so at least {self.replacements} times within {in_words(self.within)}"
        )

    @property
    def explanations_checked(self) -> tuple[str, ...]:
        """Read after "sales that were"; as the settings want it."""
        if not self.excluded_reasons:
            return ()
        reasons = ", ".join(self.excluded_reasons).replace("_", " ")
        return (f"made in the place of one cancelled for one of these reasons: {reasons}",)

    def events_across(self, sales: Sales) -> tuple[str, ...]:
        """Return the sale, the other replacements, and what they replaced."""
        beside = sales[CUSTOMER].first()
        shown = {beside.sale.event_id: None}
        for new, old in self._replaced(beside):
            if self._verdict(beside, new, old) is Verdict.BAD and old is not None:
                shown |= {new.event_id: None, old.sale.event_id: None}
        return tuple(shown)[:MOST_SHOWN]

    def judge(self, beside: Beside) -> Verdict:
        """Count what certainly was such a replacement, and what may have been one."""
        own, certain, perhaps = Verdict.GOOD, 0, 0
        for new, old in self._replaced(beside):
            verdict = self._verdict(beside, new, old)
            certain += verdict is Verdict.BAD
            perhaps += verdict is Verdict.PENDING
            own = verdict if new is beside.sale else own
        if own in (Verdict.GOOD, Verdict.EXCLUDED):
            return own
        if own is Verdict.BAD and certain >= self.replacements:
            return Verdict.BAD
        is_good = beside.is_whole and certain + perhaps < self.replacements
        return Verdict.GOOD if is_good else Verdict.EXCLUDED

    def _replaced(self, beside: Beside) -> Iterator[tuple[SaleRecord, Sold | None]]:
        """Yield the replacements by the agent until this sale, with the old sale where known."""
        sale = beside.sale
        for new in (one.sale for one in beside.all()):
            if not is_of_agent(new, sale) or new.at > sale.at:
                continue
            if new.replaces is not None and new.replaces != new.sale_id:
                yield new, _old(beside, new)

    def _verdict(self, beside: Beside, new: SaleRecord, old: Sold | None) -> Verdict:
        """Return of one replacement whether it is bad if it is not the only one.

        It is pending where nobody can tell what was replaced.
        """
        if old is None:
            return Verdict.PENDING
        if old.sale.product != new.product:
            return Verdict.GOOD
        for one in old.account.cancellations:
            is_reason = one.reason in self.excluded_reasons and one.at <= beside.end
            if is_reason and not is_keyed_by_seller(old.sale, one):
                return Verdict.EXCLUDED
        ended = had_ended(old, Seconds(new.at - beside.forgiven))
        return Verdict.GOOD if ended else Verdict.BAD


def _old(beside: Beside, new: SaleRecord) -> Sold | None:
    """Return the sale that another one replaced, the latest of that name before it."""
    named = (one for one in beside.all() if one.sale.sale_id == new.replaces)
    found = [one for one in named if one.sale.at <= new.at]
    return max(found, key=lambda one: (one.sale.at, one.account_id), default=None)
