"""Decisions of every kind about an agent of the simulated month, and the cases they make."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import msgspec

from detectors.alerts.alert import Alert
from detectors.cases.book import CaseBook
from detectors.cases.case import Case, case_id_of
from detectors.events.decision import Decision
from detectors.settings import CaseSettings
from streams.contract.examples import Example
from streams.wire.case_record import case_record
from streams.wire.lookup_record import Lookup, ShownSubject, lookup_record

ANN, BOB = "ann.lee@bank.example", "bob.ray@bank.example"


def decisions_and_cases(revisions: Iterable[bytes]) -> dict[str, list[Example]]:
    """Return a decision of each kind, and a case in each state that they lead through."""
    alert = min(
        (msgspec.json.decode(value, type=Alert) for value in revisions),
        key=lambda one: (one.subject.type != "agent", one.updated_at, one.alert_id),
    )
    book = CaseBook(CaseSettings())
    book.add_alert(alert)
    shown: dict[str, list[Example]] = {}
    states: dict[str, Case] = {}
    for fields in (None, *_steps(alert)):
        if fields is not None:
            decision: Decision = msgspec.convert(fields, Decision)
            payload = msgspec.to_builtins(decision)
            name = type(decision).__name__
            shown.setdefault(name, [Example(name=payload["kind"], payload=payload)])
            book.add_decision(decision)
        (case,) = book.cases()
        states.setdefault(case.state, case)
    cases = [_case(name, case) for name, case in sorted(states.items())]
    return shown | {"Case": cases, "Lookup": [_lookup(alert)]}


def _steps(alert: Alert) -> list[dict[str, Any]]:
    def step(hours: int, kind: str, who: str, **fields: object) -> dict[str, Any]:
        return {
            "kind": kind,
            "decision_id": f"decision-{hours}",
            "case_id": case_id_of(alert.subject),
            "occurred_at": alert.updated_at + timedelta(hours=hours),
            "who": who,
            "role": "approver",
            "seen": {alert.alert_id: alert.revision},
            **fields,
        }

    def until(hours: int) -> Any:  # noqa: ANN401 - a time, as `fields` hold it
        return alert.updated_at + timedelta(hours=hours)

    honest = {"outcome": "honest", "explanation": "returns_desk", "words": "They take returns."}
    return [
        step(1, "acknowledge", ANN, until=until(9)),
        step(2, "note", ANN, words="I called three customers."),
        step(3, "assign", ANN, assignee=BOB),
        step(4, "snooze", BOB, until=until(90), reason="The team lead is away."),
        step(5, "propose", BOB, **honest),
        step(6, "reject", ANN, proposal="decision-5", words="Which desk?"),
        step(7, "propose", BOB, **honest),
        step(8, "approve", ANN, proposal="decision-7"),
        step(9, "reopen", ANN, words="There is no such desk."),
    ]


def _lookup(alert: Alert) -> Example:
    lookup = Lookup(
        lookup_id="0" * 31 + "1",
        at=alert.updated_at + timedelta(hours=1),
        who=ANN,
        role="approver",
        mode="oidc",
        path="/api/alerts",
        query="status=open",
        case_ids=(case_id_of(alert.subject),),
        alert_ids=(alert.alert_id,),
        subjects=(ShownSubject(alert.subject.type, alert.subject.id),),
    )
    record = lookup_record(lookup)
    headers = {header: content.decode() for header, content in record.headers}
    return Example(name="a list", payload=msgspec.json.decode(record.value), headers=headers)


def _case(name: str, case: Case) -> Example:
    record = case_record(case)
    headers = {header: content.decode() for header, content in record.headers}
    return Example(name=name, payload=msgspec.json.decode(record.value), headers=headers)
