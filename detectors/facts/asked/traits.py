"""What is derived from several fields of a sale, or from a text: numbers that patterns ask for."""

from typing import Final

from detectors.basis.text_hash import word_number
from detectors.basis.words import as_word
from detectors.events.event import Sale
from detectors.facts.questions import SaleNumber

SAME, OTHER_IN_STOCK, OTHER_OUT_OF_STOCK = 0.0, 1.0, 2.0
"""What was sold, beside what was quoted; an unknown quote is taken for the same."""


def _number_of_word(text: str | None) -> float | None:
    return None if text is None else word_number(as_word(text))


def _reason(event: Sale) -> float | None:
    return _number_of_word(event.interaction_reason)


def _channel(event: Sale) -> float | None:
    return _number_of_word(event.channel)


def _interaction(event: Sale) -> float | None:
    return float(event.interaction_id is not None)


def _consent(event: Sale) -> float | None:
    return float(event.consent_id is not None)


def _consented_after(event: Sale) -> float | None:
    if event.consented_at is None:
        return None
    return (event.consented_at - event.occurred_at).total_seconds()


def _verified_by_seller(event: Sale) -> float | None:
    if event.verifier_id is None or event.agent_id is None:
        return None
    return float(event.verifier_id == event.agent_id)


def _verifier(event: Sale) -> float | None:
    return None if event.verifier_id is None else word_number(event.verifier_id)


def _verified_by_team(event: Sale) -> float | None:
    if event.verifier_team is None or event.team is None:
        return None
    return float(event.verifier_team == event.team)


def _verified_after(event: Sale) -> float | None:
    if event.verified_at is None:
        return None
    return (event.verified_at - event.occurred_at).total_seconds()


def _times_the_quote(event: Sale) -> float | None:
    if event.amount is None or not event.quoted_amount:
        return None
    return event.amount / event.quoted_amount


def _switched(event: Sale) -> float | None:
    if event.quoted_product is None or event.quoted_product == event.product:
        return SAME
    return OTHER_OUT_OF_STOCK if event.out_of_stock else OTHER_IN_STOCK


def _booked_after(event: Sale) -> float | None:
    if event.booked_at is None:
        return None
    return (event.booked_at - event.occurred_at).total_seconds()


REASON: Final = SaleNumber("reason of the interaction", _reason, ("interaction_reason",))
CHANNEL: Final = SaleNumber("channel of the sale", _channel, ("channel",))
HAS_INTERACTION: Final = SaleNumber("interaction on record", _interaction, ("interaction_id",))
CONSENT: Final = SaleNumber("consent on record", _consent, ("consent_id",))
CONSENTED_AFTER: Final = SaleNumber(
    "seconds until the consent", _consented_after, ("consented_at", "occurred_at")
)
VERIFIED_BY_SELLER: Final = SaleNumber(
    "verified by the seller", _verified_by_seller, ("verifier_id", "agent_id")
)
VERIFIER: Final = SaleNumber("verifier", _verifier, ("verifier_id",))
VERIFIED_BY_TEAM: Final = SaleNumber(
    "verified within the team", _verified_by_team, ("verifier_team", "team")
)
VERIFIED_AFTER: Final = SaleNumber(
    "seconds until it was verified", _verified_after, ("verified_at", "occurred_at")
)
TIMES_THE_QUOTE: Final = SaleNumber(
    "times the quote", _times_the_quote, ("amount", "quoted_amount")
)
SWITCHED: Final = SaleNumber(
    "other than quoted", _switched, ("quoted_product", "product", "out_of_stock")
)
BOOKED_AFTER: Final = SaleNumber(
    "seconds until it was booked", _booked_after, ("booked_at", "occurred_at")
)
