"""Sales whose dates are wrong harm nobody else: the honest are neither refused nor accused."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

import pytest

from detectors.basis.errors import InvalidEvent
from detectors.basis.event_time import moment
from detectors.basis.identifiers import AccountId, AgentId, SaleId
from detectors.events.event import AccountActivity, AnyEvent, Sale
from detectors.pipeline import Pipeline
from detectors.settings import Settings

START: Final = datetime(2026, 1, 1, tzinfo=UTC)
FAR: Final = 73 * 365.0
AGREED: Final = 43.5
"""The day that the last ten uses have reached."""


def sale(name: str, day: float, account: str) -> Sale:
    return Sale(
        event_id=name,
        account_id=AccountId(account),
        occurred_at=START + timedelta(days=day),
        sale_id=SaleId(name),
        customer_id=account,
        agent_id=AgentId("anna"),
        product="card",
        amount=10.0,
    )


def use(day: float, account: str) -> AccountActivity:
    return AccountActivity(
        event_id=f"used {account}",
        account_id=AccountId(account),
        occurred_at=START + timedelta(days=day),
        kind="login",
        initiated_by="customer",
    )


def honest() -> list[tuple[float, AnyEvent]]:
    """Return 600 sales in 30 days; each customer logs in after a fortnight."""
    events = list[tuple[float, AnyEvent]]()
    for number in range(600):
        day, account = number / 20, f"account {number}"
        events += [(day, sale(f"sold {number}", day, account)), (day + 14, use(day + 14, account))]
    return sorted(events, key=lambda one: one[0])


class Harm(NamedTuple):
    refused: int
    accused: int
    judged_until: datetime


def harm_of(wrong: Sequence[tuple[float, str]], placed: float = 20.0) -> Harm:
    """Return what sales with wrong dates on some accounts do, that come on the day `placed`."""
    log = honest()
    place = next(index for index, (day, _) in enumerate(log) if day >= placed)
    log[place:place] = [
        (placed, sale(f"wrong {number}", day, account))
        for number, (day, account) in enumerate(wrong)
    ]
    pipeline, refused = Pipeline(Settings()), 0
    for _, event in log:
        try:
            pipeline.apply(event)
        except InvalidEvent:
            refused += not event.event_id.startswith("wrong")
    accused = {alert.subject.id for alert in pipeline.alerts()}
    return Harm(
        refused,
        sum(name.startswith("account") for name in accused),
        moment(pipeline.watermark),
    )


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param([], id="none"),
        pytest.param([(26.9, "x"), (33.8, "x")], id="two steps of one account"),
        pytest.param([(20 + 6.9 * n, "x") for n in range(1, 6)], id="stairs of one account"),
        pytest.param([(FAR, "x"), (FAR, "y")], id="a placeholder, twice"),
        pytest.param([(50.0, "x"), (50.0, "y")], id="days of delivery"),
        pytest.param([(FAR, f"x {n}") for n in range(9)], id="nine accounts leap"),
        pytest.param(
            [(20 + 0.04 * n, f"x {n % 9}") for n in range(900)], id="nine accounts climb stairs"
        ),
        pytest.param([(FAR - n, "x") for n in range(2_000)], id="one account, many dates"),
    ],
)
def test_few_wrong_dates_harm_nobody(wrong: Sequence[tuple[float, str]]) -> None:
    harm = harm_of(wrong)
    assert (harm.refused, harm.accused) == (0, 0)
    assert harm.judged_until == START + timedelta(days=AGREED, hours=-1)


def test_one_wrong_date_a_day_makes_nobody_late() -> None:
    log = honest()
    for day in range(3, 30):
        place = next(index for index, (at, _) in enumerate(log) if at >= day)
        log.insert(place, (day, sale(f"wrong {day}", day + 6.5, f"x {day}")))
    pipeline, late = Pipeline(Settings()), 0
    for _, event in log:
        if not event.event_id.startswith("wrong"):
            late += event.occurred_at.timestamp() < pipeline.watermark
        pipeline.apply(event)
    assert late == 0
