"""What customers of a simulation say when they are called back, as its truth has it."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from random import Random
from typing import Any, Final

from detectors.alerts.verification_request import VerificationRequest
from streams.simulation.truth import Truth

REACHED_SHARE: Final = 0.8
"""Share of customers who pick up the telephone: of the others nothing is told."""

HONEST_SHARE: Final = 0.03
"""Share of customers of honest sales who confirm nothing on the telephone."""

VERIFIERS: Final = 6
"""They belong to no team, and sell nothing."""

DAYS: Final = 5
OPENS: Final = 9.0
CLOSES: Final = 18.0
"""Customers are called within so many days, between these hours of UTC."""


def answers(requests: Iterable[VerificationRequest], truth: Truth) -> Iterator[dict[str, Any]]:
    """Yield an ``account_activity`` for each customer who was reached, in the order of requests.

    Of a planted agent's sales the truth tells which share was falsified from when on, and not
    which ones: the customers who deny theirs are drawn by that share. One request has the same
    answer wherever it stands, and once.
    """
    planted = {one.agent_id: one for one in truth.planted}
    answered: set[str] = set()
    for request in requests:
        if request.request_id in answered:
            continue
        answered.add(request.request_id)
        draw = Random(f"{truth.seed} {request.request_id}")  # noqa: S311 - nothing is secret
        reached, denies, day, hour, who = (draw.random() for _ in range(5))
        called_at = request.asked_at + timedelta(
            days=int(DAYS * day), hours=OPENS + (CLOSES - OPENS) * hour
        )
        if reached >= REACHED_SHARE or called_at > request.answer_by:
            continue
        share, guilty = HONEST_SHARE, planted.get(request.agent_id)
        if guilty is not None and request.sold_at >= datetime.fromisoformat(guilty.since):
            share = guilty.rate
        yield {
            "type": "account_activity",
            "event_id": f"answer-{request.request_id}",
            "account_id": request.account_id,
            "occurred_at": called_at.isoformat(timespec="seconds"),
            "kind": "verification",
            "initiated_by": "agent",
            "agent_id": f"verifier-{1 + int(VERIFIERS * who)}",
            "result": "not_confirmed" if denies < share else "confirmed",
        }
