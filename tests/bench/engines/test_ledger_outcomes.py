"""The outcomes that every host of the ledger's job must tell are those of the two patterns."""

import msgspec
import pytest

from bench.engines.ledger.outcomes import Told, expected, fault, in_bundle, in_json, told_of
from bench.engines.world import PARTITIONS, EventRecord, outcomes_world, routed
from detectors.basis.event_time import Seconds, moment, seconds_at
from detectors.basis.identifiers import AccountId, Cell, PatternName, SaleId
from detectors.facts.account import Verdict
from detectors.messages.outcomes import Outcome, OutcomeBundle

GOOD, BAD = int(Verdict.GOOD), int(Verdict.BAD)
DAY = 86_400.0
BEGIN = 1_735_689_600.0  # the first of January 2025


def at(days: float) -> str:
    return moment(Seconds(BEGIN + days * DAY)).isoformat()


def sale(name: str, days: float) -> bytes:
    return msgspec.json.encode(
        {
            "type": "sale",
            "event_id": f"e-{name}",
            "account_id": f"a-{name}",
            "occurred_at": at(days),
            "sale_id": f"s-{name}",
            "customer_id": f"c-{name}",
            "agent_id": "agent-1",
            "product": "broadband",
            "amount": 10.0,
        }
    )


def cancelled(name: str, days: float, reason: str, initiated_by: str = "customer") -> bytes:
    return msgspec.json.encode(
        {
            "type": "cancellation",
            "event_id": f"x-{name}-{days}",
            "account_id": f"a-{name}",
            "occurred_at": at(days),
            "sale_id": f"s-{name}",
            "reason": reason,
            "initiated_by": initiated_by,
        }
    )


def used(name: str, days: float, initiated_by: str = "customer") -> bytes:
    return msgspec.json.encode(
        {
            "type": "account_activity",
            "event_id": f"u-{name}-{days}",
            "account_id": f"a-{name}",
            "occurred_at": at(days),
            "kind": "login",
            "initiated_by": initiated_by,
        }
    )


def outcome(pattern: str, name: str, sold: float, verdict: int) -> Told:
    window = 10 if pattern == "quick_cancellation" else 30
    return Told(pattern, f"s-{name}", verdict, round(1_000 * (BEGIN + (sold + window) * DAY)))


def records() -> list[EventRecord]:
    lines = [
        sale("used", 0.0),
        used("used", 1.0),
        sale("never-used", 2.0),
        used("never-used", 2.5, "system"),
        sale("undone", 3.0),
        cancelled("undone", 4.0, "customer_request"),
        sale("faulty", 5.0),
        cancelled("faulty", 6.0, "service_fault", "system"),
        sale("young", 20.0),
        used("young", 25.0),
        sale("late-used", 26.0),
        used("late-used", 26.0 + 30.5),
    ]
    for day in range(49):  # time moves on by what happens to others, in steps below a jump
        lines += [
            sale(f"tick-{day}", day),
            cancelled(f"nobody-{day}", day, "other"),
            used(f"somebody-{day}", day, "system"),
        ]
    one = [record._replace(partition=0) for record in routed(lines)]
    return sorted(one, key=lambda record: record.at)


EXPECTED = {
    outcome("quick_cancellation", "used", 0.0, GOOD),
    outcome("unused_account", "used", 0.0, GOOD),
    outcome("quick_cancellation", "never-used", 2.0, GOOD),
    outcome("unused_account", "never-used", 2.0, BAD),
    # The customer who cancelled knew of the account: nothing is said of its use.
    outcome("quick_cancellation", "undone", 3.0, BAD),
    # The reason is not the agent's doing; that the account was never used is told all the same.
    outcome("unused_account", "faulty", 5.0, BAD),
    outcome("quick_cancellation", "young", 20.0, GOOD),
    outcome("quick_cancellation", "late-used", 26.0, GOOD),
}


def test_they_are_the_verdicts_of_both_patterns() -> None:
    found = {told for told in expected(records(), 1) if not told.sale_id.startswith("s-tick")}
    assert found == EXPECTED


def test_a_simulated_world_tells_of_both_patterns_and_verdicts() -> None:
    found = expected(outcomes_world(3_000, agents=10).records, PARTITIONS)
    assert {(told.pattern, told.verdict) for told in found} == {
        (pattern, verdict)
        for pattern in ("quick_cancellation", "unused_account")
        for verdict in (GOOD, BAD)
    }


def test_a_world_out_of_order_is_refused() -> None:
    late = [record._replace(partition=0) for record in routed([used("never-used", 46.9)])]
    with pytest.raises(ValueError, match=r"u-never-used-46\.9 is late"):
        expected([*records(), *late], 1)


def test_both_forms_are_read_alike() -> None:
    matured = seconds_at(moment(Seconds(BEGIN + 10.125 * DAY)))
    told = Outcome(
        PatternName("quick_cancellation"),
        SaleId("s-1"),
        None,
        Cell("broadband"),
        matured,
        matured,
        Verdict.BAD,
        account_id=AccountId("a-1"),
    )
    bundle = msgspec.msgpack.encode(OutcomeBundle(0, matured, [told]))
    java = (
        '{"pattern":"quick_cancellation","sale_id":"s-1","account_id":"a-1","agent_id":"",'
        f'"matured_at":{round(1_000 * matured)},"verdict":2,"event_ids":["e-1"]}}'
    )
    assert in_bundle(bundle) == in_json(java.encode()) == [told_of(told)]


def test_what_is_wrong_is_counted() -> None:
    wanted = frozenset(EXPECTED)
    first, *others = sorted(wanted)
    assert fault([first, *others], wanted) is None
    missing = fault(others, wanted)
    assert missing is not None
    assert "1 are missing, 0 are wrong, and 0" in missing
    turned = first._replace(verdict=BAD if first.verdict == GOOD else GOOD)
    wrong = fault([turned, *others], wanted)
    assert wrong is not None
    assert "1 are missing, 1 are wrong, and 0" in wrong
    again = fault([first, first, *others], wanted)
    assert again is not None
    assert "0 are missing, 0 are wrong, and 1" in again
