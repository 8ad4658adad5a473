"""What becomes of commissions over a whole log: of the right sales, whatever the partitions."""

from collections.abc import Sequence
from datetime import timedelta
from functools import cache
from random import Random
from typing import Final

import pytest
from msgspec import structs

from detectors.agents.stage import Agents
from detectors.alerts.alert import Alert
from detectors.basis.errors import InvalidSettings
from detectors.basis.event_time import seconds_at
from detectors.basis.identifiers import AccountId
from detectors.commission.action import CommissionAction
from detectors.commission_settings import CommissionSettings
from detectors.correction_settings import CorrectionSettings
from detectors.events.event import AccountMerged, AnyEvent, Cancellation, Sale
from detectors.group_settings import GroupSettings
from detectors.patterns import Patterns
from detectors.patterns.key.shared_payer import SharedPayer
from detectors.pipeline import Pipeline
from detectors.settings import Settings, ShadowNull, read_settings
from detectors.sight_settings import SightSettings
from detectors.time_settings import TimeSettings
from tests.detectors.channels import ActionLog
from tests.detectors.commission.broken import (
    HoldsEverything,
    HoldsForItsOwnAlertsOnly,
    ReportsNoAlerts,
)
from tests.detectors.commission.definition import courses, told_courses
from tests.detectors.insider.acts import FRAMED, GUILTY, honest_log
from tests.detectors.installation import Installation
from tests.detectors.worlds import Arrival, as_they_arrive, at

WINDOW: Final = "20d"
OFF: Final = Settings(
    shadow_null=ShadowNull(enabled=False),
    groups=GroupSettings(site=False, team=False),
    corrections=CorrectionSettings(versions=True, merges=True),
    profiles={},
    time=TimeSettings(corrections_for="25d"),
    patterns=Patterns(shared_payer=SharedPayer(enabled=True)),
)
ON: Final = structs.replace(OFF, commission=CommissionSettings(window=WINDOW))
"""All stages there are."""
SURE: Final = structs.replace(ON, sight=SightSettings(silent_after="36500d"))
"""Nothing is taken for an outage, so that facts and alerts alone decide."""
DAYS: Final = 30
UNTIL: Final = seconds_at(at(24 * (DAYS + 24)))


def paid(sale: Sale) -> Sale:
    """Return a sale that names its commission, if its amount is not a multiple of seven."""
    known = sale.amount is not None and int(sale.amount) % 7
    return structs.replace(sale, commission=sale.amount) if known else sale


def log(delays: Sequence[float] = ()) -> list[AnyEvent]:
    """Return a log; with `delays`, sales of the guilty are keyed for a colleague, and corrected."""
    arrivals: list[Arrival] = []
    for number, one in enumerate(honest_log(days=DAYS, since=9)):
        sold = paid(one.event) if isinstance(one.event, Sale) else one.event
        if delays and isinstance(sold, Sale) and sold.agent_id == GUILTY:
            wrong = structs.replace(sold, event_id=f"wrong {sold.event_id}", agent_id=FRAMED)
            delay = delays[number % len(delays)]
            arrivals += [Arrival(wrong, 0), Arrival(structs.replace(sold, version=2), delay)]
        else:
            arrivals.append(Arrival(sold, one.delay))
    return as_they_arrive(arrivals)


def judged(
    events: Sequence[AnyEvent], settings: Settings, steps: int = 1
) -> tuple[list[Alert], list[CommissionAction]]:
    pipeline, alerts = Pipeline(settings), list[Alert]()
    for number, event in enumerate(events):
        pipeline.apply(event)
        if number % steps == steps - 1 and steps > 1:
            alerts += pipeline.alerts()
            told, saved = pipeline.commissions, pipeline.snapshot()
            pipeline = Pipeline(settings)
            pipeline.restore(saved)
            pipeline.commissions.extend(told)
    pipeline.advance(UNTIL)
    return alerts + pipeline.alerts(), pipeline.commissions


@cache
def simple() -> tuple[list[Alert], list[CommissionAction]]:
    return judged(log(), ON)


def current(actions: Sequence[CommissionAction]) -> dict[str, CommissionAction]:
    return {one.sale_id: one for one in actions}


def definition_law() -> None:
    """Hold a sale if and only if an alert covers it, and give every other one its course."""
    alerts, actions = judged(log(), SURE)
    assert told_courses(actions) == courses(log(), alerts, WINDOW, UNTIL)


def test_what_is_told_is_what_events_and_alerts_say() -> None:
    definition_law()
    _, actions = simple()
    assert {one.action for one in actions} == {"release", "claw_back", "hold"}
    amounts: dict[str, float | None] = {
        one.sale_id: one.commission for one in log() if isinstance(one, Sale)
    }
    assert {one.sale_id: one.amount for one in actions} == {
        name: amounts[name] for name in current(actions)
    }


def test_the_law_catches_a_book_that_holds_too_much(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("detectors.agents.commissions.CommissionBook", HoldsEverything)
    with pytest.raises(AssertionError):
        definition_law()


def test_alerts_are_as_they_were_but_for_the_hash_of_the_settings() -> None:
    alerts, actions = judged(log(), OFF)
    assert not actions
    told, _ = simple()
    assert [structs.replace(one, config_hash=alerts[0].config_hash) for one in told] == alerts


def test_restarts_change_nothing() -> None:
    assert judged(log(), ON, steps=700) == simple()


def installed(
    seed: int, partitions: int, delays: Sequence[float], agents: type[Agents] = Agents
) -> ActionLog:
    installation = Installation(log(delays), partitions, agents_type=agents, settings=ON)
    installation.run(Random(seed), crashes=seed > 0, until=UNTIL)  # noqa: S311 - nothing secret
    return installation.actions


def partition_law(agents: type[Agents]) -> None:
    expected = ActionLog()
    expected.emit(simple()[1])
    assert installed(3, 3, (), agents) == expected


def test_partitions_and_crashes_change_nothing() -> None:
    partition_law(Agents)


@pytest.mark.parametrize("broken", [HoldsForItsOwnAlertsOnly, ReportsNoAlerts])
def test_the_law_catches_stages_that_break_it(broken: type[Agents]) -> None:
    with pytest.raises(AssertionError):
        partition_law(broken)


def test_a_corrected_sale_goes_with_its_seller_whatever_the_partitions() -> None:
    """Some are corrected while their window is open, and some when they were released."""
    delays = [0.25, 100, 520]
    told = installed(5, 3, delays)
    assert told == installed(0, 3, delays)
    sellers: dict[str, str | None] = {
        one.sale_id: one.agent_id for one in log() if isinstance(one, Sale)
    }
    states = told.current()
    assert {name: one.agent_id for name, one in states.items()} == {
        name: sellers[name] for name in states
    }


def test_a_merged_account_releases_nothing_and_says_so() -> None:
    sale = next(one for one in log() if isinstance(one, Sale) and one.agent_id != GUILTY)
    cancelled = {one.sale_id for one in log() if isinstance(one, Cancellation)}
    assert sale.sale_id not in cancelled
    merged = AccountMerged(
        event_id="merged",
        account_id=sale.account_id,
        occurred_at=sale.occurred_at + timedelta(days=7),
        into_account_id=AccountId("another"),
    )
    told = current(judged(sorted([*log(), merged], key=lambda one: one.occurred_at), ON)[1])
    assert told[sale.sale_id].action == "none"
    assert "became part of another one" in told[sale.sale_id].reason


def refused(window: str) -> str:
    with pytest.raises(InvalidSettings) as caught:
        read_settings({"commission": {"window": window}})
    return str(caught.value)


def test_a_window_that_cannot_be_obeyed_is_refused() -> None:
    assert "`commission.window` = '1h'" in refused("1h")
    assert "longer than 36500d" in refused("40000d")


def test_settings_have_the_hash_that_they_had_until_a_window_is_given() -> None:
    off = read_settings({"commission": {"smallest_refund_share": 0.2}})
    assert off.config_hash == Settings().config_hash
    on = read_settings({"commission": {"window": "30d"}})
    assert on.config_hash != Settings().config_hash
