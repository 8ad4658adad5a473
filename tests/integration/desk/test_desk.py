"""The desk on a real broker: what it shows is written down, and what people decide is folded."""

import signal
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, Final

import msgspec
import pytest

from detectors.cases.case import Case
from streams.wire.lookup_record import Lookup
from streams.wire.topics import Topic
from tests.alertmanager import wait_for
from tests.brokers.selection import AvailableBroker
from tests.integration.cases.desk_work import alerts, expected, send_alerts
from tests.integration.cases.test_case_service import is_ready as cases_are_ready
from tests.integration.desk.desk_process import Desk
from tests.integration.installation import Installation, WorkerProcess, install
from tests.streams.access.issuer_at_hand import AUDIENCE, IssuerAtHand
from tests.streams.desk.desk_at_hand import Answer, Headers

pytestmark = pytest.mark.integration

JSON: Final = ("Content-Type", "application/json")
TOLD: Final = alerts()[:40]


@pytest.fixture(scope="module")
def installation(broker: AvailableBroker) -> Installation:
    found = install(broker, 2)
    send_alerts(found, TOLD)
    return found


@pytest.fixture(scope="module")
def keeper(installation: Installation) -> Iterator[WorkerProcess]:
    with installation.service("cases") as keeper:
        keeper.wait_for(cases_are_ready)
        yield keeper


@pytest.fixture(scope="module")
def issuer() -> Iterator[IssuerAtHand]:
    with IssuerAtHand() as found:
        yield found


@pytest.fixture(scope="module")
def desk(installation: Installation, keeper: WorkerProcess, issuer: IssuerAtHand) -> Iterator[Desk]:
    assert keeper.running()
    with Desk(
        installation, mode="oidc", oidc_issuer=issuer.address, oidc_audience=AUDIENCE
    ) as found:
        yield found
        ending = found.process.end(signal.SIGTERM)
        assert ending.code == 0, ending.log
        assert "agent-" not in ending.log


def bearer(issuer: IssuerAtHand, who: str, role: str) -> Headers:
    token = issuer.token(preferred_username=who, roles=[role])
    return [("Authorization", f"Bearer {token}")]


def lookups(installation: Installation) -> list[Lookup]:
    records = installation.records(Topic.LOOKUPS)
    found = [msgspec.json.decode(record.value, type=Lookup) for record in records]
    assert [record.key for record in records] == [lookup.who.encode() for lookup in found]
    return found


def test_it_shows_what_stands_in_the_topics_and_writes_down_to_whom(
    desk: Desk, installation: Installation, issuer: IssuerAtHand
) -> None:
    headers = bearer(issuer, "zoe", "auditor")
    before = len(lookups(installation))
    listed = desk.ask("/api/cases?limit=500", headers)
    right = {key.decode(): msgspec.json.decode(value) for key, value in expected(TOLD, ()).items()}
    assert {row["case_id"] for row in listed.json()} == right.keys()
    case_id = listed.json()[0]["case_id"]
    assert desk.ask(f"/api/cases/{case_id}", headers).json() == right[case_id]
    of_list, of_case = lookups(installation)[before:]
    assert set(of_list.case_ids) == right.keys()
    assert (of_list.who, of_list.role, of_list.mode) == ("zoe", "auditor", "oidc")
    assert (of_list.path, of_list.query) == ("/api/cases", "limit=500")
    assert of_case.case_ids == (case_id,)


def test_a_stranger_is_shown_nothing_and_is_not_written_down(
    desk: Desk, installation: Installation, issuer: IssuerAtHand
) -> None:
    before = len(lookups(installation))
    forged = [
        [],
        bearer(issuer, "zoe", "emperor"),
        [("Authorization", f"Bearer {issuer.token(exp=1)}")],
        [("Authorization", f"Bearer {issuer.token(aud='crm')}")],
    ]
    for headers in forged:
        for path in ("/api/alerts", "/api/cases", "/api/me", "/elsewhere"):
            answer = desk.ask(path, headers)
            assert answer.status in (401, 403)
            assert b"agent-" not in answer.body
    assert len(lookups(installation)) == before


def decide(desk: Desk, case: Case, headers: Headers, kind: str, **fields: object) -> Answer:
    seen = {alert.alert_id: alert.revision for alert in case.alerts}
    body = msgspec.json.encode({"kind": kind, "seen": seen, **fields})
    return desk.ask(f"/api/cases/{case.case_id}/decisions", [*headers, JSON], body)


def case_when(desk: Desk, headers: Headers, case_id: str, so: Callable[[Case], Any]) -> Case:
    """Return a case once it stands so."""
    found: list[Case] = []

    def stands_so() -> bool:
        answer = desk.ask(f"/api/cases/{case_id}", headers)
        found[:] = [msgspec.json.decode(answer.body, type=Case)]
        return bool(so(found[0]))

    wait_for(stands_so, desk.process.log)
    return found[0]


def has(case: Case, decision_id: str) -> bool:
    return any(entry.decision_id == decision_id for entry in case.history)


def test_four_eyes_over_the_desk(
    desk: Desk, installation: Installation, issuer: IssuerAtHand
) -> None:
    ann, again, bob = (
        bearer(issuer, who, "approver")
        for who in ("ann.lee@bank.example", "Ann_Lee", "bob.ray@bank.example")
    )
    row = next(r for r in desk.ask("/api/cases?state=open", ann).json())
    case = case_when(desk, ann, row["case_id"], lambda _: True)
    for role in ("viewer", "auditor", "admin"):
        refused = decide(desk, case, bearer(issuer, "vic", role), "note", words="Hm.")
        assert refused.status == 403
        assert "not_permitted" in refused.json()["detail"]
    stored = len(installation.records(Topic.DECISIONS))
    told = decide(desk, case, ann, "propose", outcome="confirmed", words="Three customers say so.")
    assert told.status == 202, told.body
    proposal = told.json()["decision_id"]
    case = case_when(desk, ann, case.case_id, lambda it: it.proposal is not None)
    assert case.proposal is not None
    assert (case.proposal.decision_id, case.proposal.who) == (proposal, "ann.lee@bank.example")
    own = decide(desk, case, again, "approve", proposal=proposal).json()["decision_id"]
    case = case_when(desk, ann, case.case_id, partial(has, decision_id=own))
    (entry,) = (entry for entry in case.history if entry.decision_id == own)
    assert entry.refused == "same_person"
    assert case.state == "proposed"
    assert decide(desk, case, bob, "approve", proposal=proposal).status == 202
    case = case_when(desk, ann, case.case_id, lambda it: it.state == "closed")
    assert case.closing is not None
    assert (case.closing.proposed_by, case.closing.approved_by) == (
        "ann.lee@bank.example",
        "bob.ray@bank.example",
    )
    decided = installation.records(Topic.DECISIONS)
    assert len(decided) == stored + 3
    trail = desk.ask("/audit.jsonl", bearer(issuer, "zoe", "auditor"))
    assert sorted(trail.body.splitlines()) == sorted(record.value for record in decided)
    overview = desk.ask("/overview", ann)
    assert overview.status == 200
    assert b"No worker was ever heard" in overview.body


def test_what_was_deleted_is_not_shown_any_more(
    desk: Desk, installation: Installation, issuer: IssuerAtHand
) -> None:
    headers = bearer(issuer, "zoe", "viewer")
    alert_id = desk.ask("/api/alerts?limit=1", headers).json()[0]["alert_id"]
    assert desk.ask(f"/api/alerts/{alert_id}", headers).status == 200
    with installation.producer() as producer:
        for topic in (Topic.ALERTS_CURRENT, Topic.CASES_CURRENT):
            producer.send(installation.name(topic), b"no record of ours", key=b"stray")
        partition = next(
            record.partition
            for record in installation.records(Topic.ALERTS_CURRENT)
            if record.key == alert_id.encode()
        )
        producer.send(
            installation.name(Topic.ALERTS_CURRENT),
            None,
            key=alert_id.encode(),
            partition=partition,
        )
    wait_for(lambda: desk.ask(f"/api/alerts/{alert_id}", headers).status == 404, desk.process.log)
    desk.process.wait_for(lambda it: it.sum_of("aboveboard_desk_foreign_records") == 2)
