"""Reopened: a sale was cancelled, and the same product sold to the same customer once more.

Each opening counts for a target or a commission, so an agent who closes what they sold and opens it
anew is paid twice for one customer, who may not know of it. A sale is bad if the same agent, or one
of their team, had sold the customer the same product before, within the time that is set, and that
sale had been cancelled when this one was made. It says nothing of the earlier sale, which is a
matter for ``quick_cancellation``.

The new sale is excluded if nothing speaks against the earlier cancellation: it was for one of the
reasons that are not the agent's doing, the customer replaced the sale, or the new sale names the
old one as replaced, as an open correction does. (Who replaces again and again is a matter for
``twisting``.)

It cannot tell a customer who changes their mind twice from an agent who does it for them. Some
customers do, for every agent: it is the rate that tells. A sale to the same person under another
customer id is not seen.

The source is the account of a bank employee who collected some 300 printouts of such accounts, sets
that had been closed and replaced among them. A month is looked back, since targets are monthly; the
day after the sale lets the cancellation come in.
"""

from collections.abc import Iterator
from typing import Annotated, ClassVar

from msgspec import Meta

from detectors.basis.durations import in_words, seconds_of
from detectors.basis.event_time import Seconds
from detectors.basis.identifiers import PatternName
from detectors.events.event import Cancellation, CancellationReason, Sale
from detectors.facts.account import SaleRecord, Verdict
from detectors.facts.asked.undoing import Undoing, charged, undoing
from detectors.facts.beside import Beside
from detectors.facts.cancelling import CancellationRecord
from detectors.facts.questions import CANCELLATIONS, AnyQuestion
from detectors.facts.sales import Sales, Sold
from detectors.patterns.account.quick_cancellation import QuickCancellation
from detectors.patterns.advice import Advice
from detectors.patterns.example import PatternExample, sold
from detectors.patterns.key.one_customer import (
    CUSTOMER,
    EarlierOfCustomer,
    cancelled_on,
    is_of_agent,
    sold_on,
)


def _first(**fields: str | None) -> Sale:
    """Return the sale of a week before, on another account."""
    return sold_on(0, -7, event_id="e-first", **fields)


def _cancelled(**fields: str) -> Cancellation:
    """Return its cancellation, two days before the new sale."""
    return cancelled_on(0, -2, **fields)


class Reopened(EarlierOfCustomer, frozen=True, kw_only=True):
    """Settings and verdict of the pattern ``reopened``.

    ``within``: how long before a sale the earlier one may have been made. ``window``: how long
    after it the sale is judged. ``excluded_reasons`` and ``smallest_refund_share`` are as for
    ``quick_cancellation``.
    """

    name: ClassVar[PatternName] = PatternName("reopened")
    questions: ClassVar[tuple[AnyQuestion, ...]] = (CUSTOMER, CANCELLATIONS)
    unit_phrase: ClassVar[str] = "sales to known customers"
    advice: ClassVar[Advice] = Advice(
        next_step="Call back three of these customers, by somebody who did not sell to them. Did "
        "they ask to end the first one, and to have it again?",
        would_clear="Requests by the customers themselves, on record before the second sale.",
        explanations_unchecked=(
            "A customer who left, and came back to whom they knew.",
            "A mistake in the first order that can only be put right by a new one.",
            "A system that cancels and books anew when an address or a tariff changes.",
            "A campaign that wins back those who left, and is worked by this team.",
        ),
    )
    excluded_reasons: tuple[CancellationReason, ...] = QuickCancellation().excluded_reasons
    smallest_refund_share: Annotated[float, Meta(ge=0, le=1)] = 0.5

    examples: ClassVar[tuple[PatternExample, ...]] = (
        PatternExample(
            "The agent sold the card again, two days after it was cancelled.",
            Verdict.BAD,
            (sold(), _first(), _cancelled()),
        ),
        PatternExample(
            "A second card, while the first one stands.", Verdict.GOOD, (sold(), _first())
        ),
        PatternExample(
            "Another product than the one that was cancelled.",
            Verdict.GOOD,
            (sold(product="loan"), _first(), _cancelled()),
        ),
        PatternExample(
            "Another agent had sold the first one.",
            Verdict.GOOD,
            (sold(), _first(agent_id="agent-2"), _cancelled()),
        ),
        PatternExample(
            "The first one never worked.",
            Verdict.EXCLUDED,
            (sold(), _first(), _cancelled(reason="service_fault")),
            honest="made after a cancellation",
        ),
        PatternExample(
            "The customer wanted something else in its place.",
            Verdict.EXCLUDED,
            (sold(), _first(), _cancelled(reason="replaced")),
            honest="made in the place",
        ),
        PatternExample(
            "The new sale openly replaces the first one.",
            Verdict.EXCLUDED,
            (sold(replaces_sale_id="sale-0"), _first(), _cancelled()),
            honest="made in the place",
        ),
    )

    @property
    def outcome_phrase(self) -> str:
        """Read after "were"."""
        return (
            "sold to a customer to whom the agent, or their team, had sold the same product within "
            f"{in_words(self.within)} before, and that sale had been cancelled"
        )

    @property
    def explanations_checked(self) -> tuple[str, ...]:
        """Read after "sales that were"; as the settings want it."""
        checked = ["made in the place of an earlier one, which they name or the customer replaced"]
        if self.excluded_reasons:
            reasons = ", ".join(self.excluded_reasons).replace("_", " ")
            checked.append(f"made after a cancellation for one of these reasons: {reasons}")
        return tuple(checked)

    def events_across(self, sales: Sales) -> tuple[str, ...]:
        """Return the sale, the earlier one and what cancelled it."""
        beside = sales[CUSTOMER].first()
        one, by = next(self._found(beside))
        return (beside.sale.event_id, one.event_id, *(record.event_id for record in by))

    def judge(self, beside: Beside) -> Verdict:
        """Return the verdict on one sale."""
        if any(True for _ in self._found(beside)):
            return Verdict.BAD
        if any(self._is_cancelled(earlier, beside) for earlier in _alike(beside)):
            return Verdict.EXCLUDED
        return Verdict.GOOD if beside.is_whole else Verdict.EXCLUDED

    def _found(self, beside: Beside) -> Iterator[tuple[SaleRecord, tuple[CancellationRecord, ...]]]:
        """Yield the earlier sales that were cancelled, and by what nothing excuses."""
        for earlier in _alike(beside):
            one = earlier.sale
            if one.sale_id != beside.sale.replaces:
                undone = self._charged(earlier, beside)
                if undone.by:
                    yield one, undone.by

    def _charged(self, earlier: Sold, beside: Beside) -> Undoing:
        share, excluded, end = self.smallest_refund_share, self.excluded_reasons, beside.reached
        start = self._start(earlier.sale)
        return charged(earlier.account, earlier.sale, start, end, share, excluded, end)

    def _is_cancelled(self, earlier: Sold, beside: Beside) -> bool:
        """Return whether an earlier sale was cancelled, or may have been."""
        start, share = self._start(earlier.sale), self.smallest_refund_share
        undone = undoing(earlier.account, earlier.sale, start, beside.reached, share)
        return bool(undone.by) or undone.is_doubtful

    def _start(self, sale: SaleRecord) -> Seconds:
        """Return how long before a sale its cancellation may be dated: it names the sale."""
        return Seconds(sale.at - seconds_of(self.within))


def _alike(beside: Beside) -> Iterator[Sold]:
    """Yield the earlier sales of the same product by the same agent or their team."""
    sale = beside.sale
    for earlier in beside.earlier():
        one = earlier.sale
        is_same = is_of_agent(one, sale)
        is_team = one.team is not None and one.team == sale.team
        if one.product == sale.product and sale.agent_id is not None and (is_same or is_team):
            yield earlier
