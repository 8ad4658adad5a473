"""Writes the examples of the contract from a simulated month: ``make contract``."""

from typing import Final

import msgspec

from detectors.alerts.alert import Alert
from detectors.alerts.verification_request import VerificationRequest
from detectors.ledger.stage import Ledger
from streams.contract.examples import FILE, Example
from streams.stages.actors.alert_records import (
    cloud_event_headers,
    commendation_headers,
    commission_record,
    request_headers,
)
from tests.contract.case_examples import decisions_and_cases
from tests.detectors.agents.sellers import BEGINS, CHEAP, Force, rates, sold
from tests.detectors.ledger.runs import LedgerRun
from tests.detectors.worlds import SETTINGS, activity, sale
from tests.integration.busy_month import (
    BUSY,
    event_lines,
    expected_actions,
    expected_requests,
    expected_revisions,
)

MONTH: Final = BUSY._replace(agents=60)
"""Of the month that is shown; another number would change every example."""

_TYPES: Final = {
    "sale": "Sale",
    "cancellation": "Cancellation",
    "account_activity": "AccountActivity",
}


def real_examples() -> dict[str, list[Example]]:
    """Return one record of each type of event, kind of evidence and status, decision and state."""
    told: dict[str, list[Example]] = {
        "Alert": _alerts(),
        "Commendation": _commendations(),
        "CommissionAction": _actions(),
        "VerificationRequest": [_request()],
    }
    return {**_events(), **told, **decisions_and_cases(expected_revisions(MONTH))}


def _events() -> dict[str, list[Example]]:
    found: dict[str, list[Example]] = {}
    for line in event_lines(MONTH):
        payload = msgspec.json.decode(line)
        kind = payload["type"]
        found.setdefault(_TYPES[kind], [Example(name=kind.replace("_", " "), payload=payload)])
    used = found["AccountActivity"][0].payload  # nobody merges accounts in a simulated month
    merged = {
        "type": "account_merged",
        "event_id": "e-merged-1",
        "account_id": used["account_id"],
        "occurred_at": used["occurred_at"],
        "into_account_id": "a-00099999",
    }
    sold = found["Sale"][0].payload  # nor is it recorded there who had to do with whom
    met = {
        "type": "interaction",
        "event_id": "e-met-1",
        "account_id": sold["account_id"],
        "occurred_at": sold["occurred_at"],
        "agent_id": sold["agent_id"],
        "customer_id": sold["customer_id"],
        "interaction_id": "i-00099999",
        "channel": "phone",
        "reason": "sales",
    }
    looked_up = {name: met[name] for name in ("account_id", "agent_id", "customer_id")} | {
        "type": "access",
        "event_id": "e-looked-up-1",
        "occurred_at": sold["occurred_at"],
        "purpose": "credit file",
    }
    old, new = "agent-0031", "agent-1031"
    renamed = {
        "type": "agent_merged",
        "event_id": "e-merged-2",
        "account_id": old,
        "occurred_at": used["occurred_at"],
        "agent_id": old,
        "into_agent_id": new,
    }
    known = {
        "type": "agent",
        "event_id": "e-known-1",
        "account_id": sold["agent_id"],
        "occurred_at": sold["occurred_at"],
        "agent_id": sold["agent_id"],
        "email_hash": "9f86d081884c7d65",
    }
    rostered = {
        "type": "roster",
        "event_id": "e-rostered-1",
        "account_id": sold["agent_id"],
        "occurred_at": sold["occurred_at"],
        "agent_id": sold["agent_id"],
        "starts_at": "2025-01-02T06:30:00Z",
        "ends_at": "2025-01-02T15:30:00Z",
    }
    return {
        **found,
        "RosteredHours": [Example(name="roster", payload=rostered)],
        "Agent": [Example(name="agent", payload=known)],
        "AccountMerged": [Example(name="account merged", payload=merged)],
        "AgentMerged": [Example(name="agent merged", payload=renamed)],
        "Interaction": [Example(name="interaction", payload=met)],
        "Access": [Example(name="access", payload=looked_up)],
    }


def _alerts() -> list[Example]:
    chosen: dict[str, tuple[int, bytes]] = {}
    for value in (*expected_revisions(MONTH), msgspec.json.encode(used_late()[-1])):
        alert = msgspec.json.decode(value)
        name = f"{alert['evidence']['kind']}, {alert['status']}"
        # the shortest is the easiest to read
        chosen[name] = min(chosen.get(name, (len(value), value)), (len(value), value))
    return [_example(name, value) for name, (_, value) in sorted(chosen.items())]


def _request() -> Example:
    value = expected_requests(MONTH)[0]
    headers = request_headers(msgspec.json.decode(value, type=VerificationRequest))
    return Example(
        name="a sale to call back",
        payload=msgspec.json.decode(value),
        headers={header: content.decode() for header, content in headers},
    )


def _actions() -> list[Example]:
    """Return one action of each word, the first of a sale that names its commission."""
    found: dict[str, Example] = {}
    for action in expected_actions(MONTH):
        record = commission_record(action)
        headers = {header: content.decode() for header, content in record.headers}
        payload = msgspec.json.decode(record.value or b"")
        shown = Example(name=action.action, payload=payload, headers=headers)
        if action.amount is not None:
            found.setdefault(action.action, shown)
    return [found[name] for name in sorted(found)]


def _commendations() -> list[Example]:
    """Return a commendation that opens, and ends when claims contradict each other."""
    told = sold(rates(10, **{"agent 10": 0.01}))
    days = range(BEGINS, BEGINS + 98)
    force = Force(CHEAP).sell(days[:90], told).sell(days[90:], told, contested=["agent 10"])
    return [
        Example(
            name=one.status,
            payload=msgspec.to_builtins(one),
            headers={header: content.decode() for header, content in commendation_headers(one)},
        )
        for one in force.commendations
    ]


def used_late() -> list[Alert]:
    """Return the revisions about an account that was used after all, which was told too late."""
    events = (sale(0), activity(140, "b"), activity(141, "c"), activity(100))
    return LedgerRun(events, Ledger(SETTINGS), every=7).alerts


def _example(name: str, value: bytes) -> Example:
    headers = cloud_event_headers(msgspec.json.decode(value, type=Alert))
    return Example(
        name=name,
        payload=msgspec.json.decode(value),
        headers={header: content.decode() for header, content in headers},
    )


def written(examples: dict[str, list[Example]]) -> bytes:
    """Return the bytes of the file."""
    return msgspec.json.format(msgspec.json.encode(examples), indent=2) + b"\n"


if __name__ == "__main__":
    FILE.write_bytes(written(real_examples()))
