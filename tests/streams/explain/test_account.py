"""An alert about an account agrees with its events just if it says what they give, in every field.

Whichever pattern raised it: two hard ones are on here, of which one is of tests only.
"""

from collections.abc import Iterator, Sequence
from io import StringIO
from typing import Final

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs
from rich.console import Console

from detectors.alerts.alert import Alert, Subject
from detectors.basis.identifiers import AccountId
from detectors.events.event import AnyEvent
from detectors.ledger.stage import Ledger
from detectors.settings import Settings
from streams.explain.accounts.account import SHOWN_EVENTS, AccountExplanation, account_events
from streams.files.events import Block, Origin
from tests.detectors.ledger.broken import CountsRevisionsTogether, NeverCorrects
from tests.detectors.ledger.claims.test_versions import (
    BELIEVED,
    BelievesWhatCameFirst,
    corrected_worlds,
)
from tests.detectors.ledger.runs import LedgerRun
from tests.detectors.ledger.test_merges import (
    ON,
    HearsOfNoMerge,
    TakesNothingBack,
    merging_worlds,
)
from tests.detectors.patterns.definitions import CLOCK_TOLERANCE
from tests.detectors.refutation import refuted
from tests.detectors.worlds import (
    END,
    SETTINGS,
    Arrival,
    Done,
    activity,
    as_they_arrive,
    cancellation,
    sale,
    with_first_claims_first,
    worlds,
)

PATIENT: Final = structs.replace(
    SETTINGS, time=structs.replace(SETTINGS.time, corrections_for="10d")
)
"""An earlier record of a sale is accepted even after the longest window."""

A_WEEK_LATER: Final = (activity(140, "b"), activity(141, "c"))
USED_LATE: Final[list[AnyEvent]] = [sale(0), *A_WEEK_LATER, activity(100)]
UNUSED: Final = "unused_account"


BELIEVING: Final = structs.replace(PATIENT, corrections=BELIEVED)


def blocks(events: Sequence[AnyEvent], *, as_arrived: bool = True) -> Iterator[Block]:
    """Return the events as lines of a file."""
    lines = [msgspec.json.encode(event) for event in events]
    yield Block(lines, lambda index: Origin("events.jsonl", index + 1), as_arrived)


def alerts_of(events: Sequence[AnyEvent], ledger: Ledger | None = None) -> dict[str, list[Alert]]:
    found: dict[str, list[Alert]] = {}
    for alert in LedgerRun(events, Ledger(PATIENT) if ledger is None else ledger, every=7).alerts:
        told = structs.replace(alert, config_hash=PATIENT.config_hash)
        found.setdefault(alert.alert_id, []).append(told)
    return found


def of(pattern: str, events: Sequence[AnyEvent]) -> list[Alert]:
    """Return the revisions of the first alert of a pattern."""
    return next(told for told in alerts_of(events).values() if told[0].pattern == pattern)


@st.composite
def very_late_orders(draw: st.DrawFn, events: Sequence[AnyEvent]) -> list[AnyEvent]:
    """Draw an order in which events come up to ten days late."""
    delays = st.one_of(st.just(0), st.integers(0, 240))
    arrivals = [Arrival(event, draw(delays)) for event in events]
    return as_they_arrive(with_first_claims_first(arrivals))


def explanation(
    events: Sequence[AnyEvent], revisions: Sequence[Alert], chosen: Settings = PATIENT
) -> AccountExplanation:
    account_id = revisions[0].subject.id
    arrived = account_events(chosen, None, blocks(events), AccountId(account_id), ())
    return AccountExplanation(chosen, revisions, arrived, END)


def printed(explained: AccountExplanation) -> str:
    said = StringIO()
    explained.print(Console(file=said, width=200))
    return " ".join(said.getvalue().split())


def all_agree(events: Sequence[AnyEvent], ledger: type[Ledger] = Ledger) -> bool:
    alerts = alerts_of(events, ledger(PATIENT))
    return all(explanation(events, revisions).agrees() for revisions in alerts.values())


@settings(deadline=None, max_examples=60)
@given(st.data())
def test_every_alert_agrees_with_late_events_and_withdrawals(data: st.DataObject) -> None:
    assert all_agree(data.draw(very_late_orders(data.draw(worlds(6)))))


def test_an_alert_agrees_however_many_cancellations_its_account_has() -> None:
    others = [sale(number, "a", f"before {number}") for number in range(0, 40, 4)]
    ended = [cancellation(number + 1, "a", f"before {number}") for number in range(0, 40, 4)]
    late = [cancellation(hour, "a", "again") for hour in (60, 50)]
    log: list[AnyEvent] = [
        *others,
        *ended,
        sale(41, "a", "again"),
        *A_WEEK_LATER,
        activity(190, "b"),
        *late,
    ]
    told = next(one for one in alerts_of(log).values() if len(one) > 1)
    assert [alert.status for alert in told] == ["open", "withdrawn"]
    assert all_agree(log)


def corrections_agree(ledger: type[Ledger], data: st.DataObject) -> None:
    events = data.draw(very_late_orders(data.draw(corrected_worlds())))
    alerts = alerts_of(events, ledger(BELIEVING))
    chosen = BELIEVING.config_hash
    for revisions in alerts.values():
        told = [structs.replace(alert, config_hash=chosen) for alert in revisions]
        assert explanation(events, told, BELIEVING).agrees()


@given(st.data())
def test_every_alert_agrees_where_sales_are_corrected(data: st.DataObject) -> None:
    corrections_agree(Ledger, data)


def merges_agree(ledger: type[Ledger], data: st.DataObject) -> None:
    chosen = structs.replace(PATIENT, corrections=ON.corrections)
    events = data.draw(very_late_orders(data.draw(merging_worlds())))
    for revisions in alerts_of(events, ledger(chosen)).values():
        told = [structs.replace(alert, config_hash=chosen.config_hash) for alert in revisions]
        explained = explanation(events, told, chosen)
        assert explained.agrees()
        printed(explained)


@given(st.data())
def test_every_alert_agrees_where_accounts_are_merged(data: st.DataObject) -> None:
    merges_agree(Ledger, data)


@pytest.mark.parametrize("broken", [HearsOfNoMerge, TakesNothingBack])
def test_that_law_catches_a_ledger_that_does_not_heed_them(broken: type[Ledger]) -> None:
    assert refuted(merges_agree, broken)


def test_that_law_catches_a_ledger_that_believes_what_came_first() -> None:
    assert refuted(corrections_agree, BelievesWhatCameFirst)


@pytest.mark.parametrize("ledger", [CountsRevisionsTogether, NeverCorrects])
def test_a_ledger_that_says_something_else_disagrees(ledger: type[Ledger]) -> None:
    events = [*USED_LATE, cancellation(1, initiated_by="agent")]
    assert all_agree(events)
    assert not all_agree(events, ledger)


TAMPERED = {
    "alert_id": "0" * 24,
    "revision": 7,
    "status": "resolved",
    "pattern_version": 2,
    "severity": "critical",
    "agent_id": "somebody else",
    "opened_at": A_WEEK_LATER[0].occurred_at,
    "updated_at": A_WEEK_LATER[0].occurred_at,
    "summary": "A sentence.",
    "event_ids": ("another event",),
    "config_hash": "0" * 16,
    "engine_version": "0.0.0",
    "data_quality": ("sales lacks 5 records",),
    "next_step": "Do nothing.",
    "would_clear": "A word of the agent.",
    "explanations_checked": ("all of them",),
    "explanations_unchecked": (),
    "prior_alerts": (),
    "team": "another",
    "site": "another",
    "at_stake": None,
    "quiet_since": "2025-03-01",
    "ending": "silent",
    "withdrawal": "corrected",
    "group_alerts": ("0" * 24,),
    "other_alerts": (),
}


@pytest.mark.parametrize("pattern", ["unused_account", "cancelled_by_others"])
@pytest.mark.parametrize("field", sorted({*Alert.__struct_fields__} - {"pattern", "subject"}))
def test_an_alert_that_was_tampered_with_disagrees(field: str, pattern: str) -> None:
    events: list[AnyEvent] = [sale(0), cancellation(1, initiated_by="agent"), *A_WEEK_LATER]
    [alert] = [one for (one,) in alerts_of(events).values() if one.pattern == pattern]
    assert explanation(events, [alert]).agrees()
    changed = (
        structs.replace(alert.evidence, observed=0) if field == "evidence" else TAMPERED[field]
    )
    explained = explanation(events, [structs.replace(alert, **{field: changed})])
    assert not explained.agrees()
    if field != "alert_id":
        assert f"NO: {field}" in printed(explained)


def test_a_revision_less_or_another_account_disagrees() -> None:
    revisions = of(UNUSED, USED_LATE)
    assert [alert.status for alert in revisions] == ["open", "withdrawn"]
    assert explanation(USED_LATE, revisions).agrees()
    explained = explanation(USED_LATE, revisions[:1])
    assert not explained.agrees()
    assert "NO: not reported" in printed(explained)
    elsewhere = [structs.replace(alert, subject=Subject("account", "d")) for alert in revisions]
    assert not explanation([*USED_LATE, sale(0, "d")], elsewhere).agrees()


@pytest.mark.parametrize(
    ("events", "said"),
    [
        ([sale(0), *A_WEEK_LATER], "No use by the customer is among them"),
        (USED_LATE, "The customer used the account"),
        ([sale(0), *A_WEEK_LATER, cancellation(90)], "The customer cancelled the sale"),
        ([sale(9), *A_WEEK_LATER, sale(5)], "an earlier record of the same sale"),
        ([sale(9), *A_WEEK_LATER, sale(5, agent="boris")], "says otherwise: agent_id. This one"),
    ],
    ids=["open", "used", "cancelled", "claimed before", "contested"],
)
def test_it_says_why(events: list[AnyEvent], said: str) -> None:
    explained = explanation(events, of(UNUSED, events))
    assert explained.agrees()
    assert said in printed(explained)


@pytest.mark.parametrize(
    ("hours", "status", "said", "why"),
    [
        (
            -CLOCK_TOLERANCE,
            ["open", "withdrawn"],
            "│ customer │ yes, as after the sale │ events.jsonl:4",
            "within time.clock_tolerance: one of the two clocks is taken to be wrong",
        ),
        (
            -CLOCK_TOLERANCE - 1,
            ["open", "withdrawn"],
            "│ customer │ perhaps: it is dated before the sale │ events.jsonl:4",
            "is dated within a day before the sale. The source may send dates",
        ),
        (-25, ["open"], "│ customer │ │ events.jsonl:4", "No use by the customer is among them"),
    ],
)
def test_a_use_shortly_before_the_sale_is_listed_as_what_it_counts_for(
    hours: int, status: list[str], said: str, why: str
) -> None:
    events: list[AnyEvent] = [sale(0), *A_WEEK_LATER, activity(hours)]
    revisions = of(UNUSED, events)
    explained = explanation(events, revisions)
    assert [alert.status for alert in revisions] == status
    assert explained.agrees()
    assert said in printed(explained)
    assert why in printed(explained)
    assert "A use is one from 2025-02-28T19:00:00+00:00 on" in printed(explained)


def test_an_alert_of_another_pattern_is_explained_in_its_own_words() -> None:
    events: list[AnyEvent] = [
        sale(0),
        activity(1),
        cancellation(2, initiated_by="agent"),
        *A_WEEK_LATER,
    ]
    [[alert]] = alerts_of(events).values()
    said = printed(explanation(events, [alert]))
    assert alert.pattern == "cancelled_by_others"
    assert "By these events the account was cancelled by somebody else within 3 days." in said
    assert "initiated by the customer" not in said


def test_of_many_events_some_are_shown_and_the_rest_counted() -> None:
    uses = [activity(hour / 2, initiated_by="agent") for hour in range(60)]
    events: list[AnyEvent] = [sale(0), *uses, *A_WEEK_LATER]
    [[alert]] = alerts_of(events).values()
    said = printed(explanation(events, [alert]))
    assert said.count("usage") == SHOWN_EVENTS - 1
    assert "21 more" in said


def test_an_alert_about_a_sale_that_is_not_there_disagrees() -> None:
    events: list[AnyEvent] = [sale(0), *A_WEEK_LATER]
    [[alert]] = alerts_of(events).values()
    explained = explanation(A_WEEK_LATER, [alert])
    assert not explained.agrees()
    assert printed(explained) == "No sale in these files is the one that the alert is about."


@pytest.mark.parametrize(
    ("used", "said"),
    [
        (activity(2), "yes"),
        (activity(2, initiated_by="agent"), "no: done by the agent"),
        (activity(2, done=Done("complaint")), "no: complaint is no use"),
        (activity(2, done=Done("login", agent="anna")), "no: keyed by the seller"),
        (
            activity(2, done=Done("login", result="seller_device")),
            "no: done on the seller's device",
        ),
        (activity(2, done=Done("other", kind_as_sent="purchase")), "unclear: it may be use"),
    ],
)
def test_every_activity_is_shown_with_why_it_is_no_use(used: AnyEvent, said: str) -> None:
    [[alert]] = alerts_of([sale(0), *A_WEEK_LATER]).values()
    assert said in printed(explanation([sale(0), used, *A_WEEK_LATER], [alert]))


def test_of_files_that_contradict_each_other_it_says_that_nobody_sold_it() -> None:
    events: list[AnyEvent] = [sale(9), *A_WEEK_LATER, sale(5, agent="boris")]
    ledger = Ledger(PATIENT)
    ledger.claims.as_arrived = False
    [revisions] = alerts_of(events, ledger).values()
    assert [alert.status for alert in revisions] == ["open", "withdrawn"]
    arrived = account_events(PATIENT, None, blocks(events, as_arrived=False), AccountId("a"), ())
    explained = AccountExplanation(PATIENT, revisions, arrived, END)
    assert explained.agrees()
    assert "the sale counts for nobody" in printed(explained)
