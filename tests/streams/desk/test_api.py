"""What the desk answers: every name in it is written down first, and nothing else is answered."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from urllib.parse import urlencode

import msgspec
import pytest
from aiohttp import web
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from detectors.alerts.alert import Alert
from detectors.cases.case import SEVERITIES, Case
from streams.access.local import LocalDoor
from streams.desk.filters import MOST_ROWS
from streams.desk.model.intake import Told
from streams.desk.server import DeskServer
from streams.desk.witness import Witness
from streams.errors import BrokerRefused
from streams.wire.lookup_record import Lookup, ShownSubject
from streams.wire.topics import Topic
from tests.detectors.cases.people import revision
from tests.detectors.cases.test_book import alert_of
from tests.streams.desk.desk_at_hand import (
    ALERT_ID,
    CASE_ID,
    CASES,
    NAMES,
    PLACES,
    TOLD,
    Answer,
    DeskAtHand,
    ask,
)

NEWEST: Final[dict[str, Alert]] = {alert.alert_id: alert for alert in TOLD}
DECISIONS: Final = f"/api/cases/{CASE_ID}/decisions"
JSON: Final = ("Content-Type", "application/json")


@pytest.fixture(scope="module")
def desk() -> Iterator[DeskAtHand]:
    with DeskAtHand(LocalDoor("reviewer")) as found:
        yield found


def get(desk: DeskAtHand, path: str, **parameters: object) -> Answer:
    query = urlencode(parameters)
    return ask(desk.address, f"{path}?{query}" if query else path)


# ----------------------------------------------------------------------------- who looked at whom


def named_in(value: Any) -> set[str]:  # noqa: ANN401 - any JSON
    """Return every text of an answer that is the id of somebody or of something about them."""
    if isinstance(value, dict):
        return set().union(*map(named_in, value.values()))
    if isinstance(value, list):
        return set().union(*map(named_in, value))
    return {value} & NAMES


def written_down(lookup: Lookup) -> set[str]:
    return {*lookup.case_ids, *lookup.alert_ids, *(subject.id for subject in lookup.subjects)}


def unaccounted(desk: DeskAtHand, path: str) -> list[str]:
    """Return what an answer shows and no lookup of it says."""
    before = len(desk.lookups)
    answer = ask(desk.address, path)
    told = desk.lookups[before:]
    if answer.status != 200:
        shown = [name for name in NAMES if name.encode() in answer.body]
        return [*shown, *(f"a lookup of {lookup.path}" for lookup in told)]
    if len(told) != 1:
        return [f"{len(told)} lookups"]
    found = sorted(named_in(answer.json()) - written_down(told[0]))
    return found if told[0].path == path.partition("?")[0] else [*found, told[0].path]


instants = st.integers(-1_000, 1_000).map(
    lambda hours: (TOLD[0].updated_at + timedelta(hours=hours)).isoformat()
)
PARAMETERS: Final = st.fixed_dictionaries(
    {},
    optional={
        "status": st.sampled_from(["open", "withdrawn", "open,resolved", "", "closed"]),
        "state": st.sampled_from(["open", "acknowledged,open", "closed", "no"]),
        "severity": st.sampled_from([*SEVERITIES, "high"]),
        "pattern": st.sampled_from(["quick_cancellation", "unused_account", "burst"]),
        "subject": st.sampled_from(["agent-1", "agent/agent-2", "account/agent-1", "nobody"]),
        "site": st.sampled_from(["site-1", "nowhere", ""]),
        "since": instants,
        "until": instants,
        "limit": st.sampled_from(["1", "7", "500", "0", "501", "x", "²"]),
        "after": st.sampled_from(["2025-03-05T00:00:00+00:00_x", "x", "_"]),
        "surprise": st.just("1"),
    },
)
PATHS: Final = st.sampled_from(
    ["/api/alerts", "/api/cases", *PLACES, "/api/alerts/unknown", "/api", "/api/cases/a%2Fb"]
)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(path=PATHS, parameters=PARAMETERS)
def test_every_name_that_is_answered_is_written_down(
    desk: DeskAtHand, path: str, parameters: dict[str, str]
) -> None:
    asked = f"{path}?{urlencode(parameters)}" if parameters else path
    assert unaccounted(desk, asked) == []


class _SingleRecordsAreFree(Witness):
    async def shown(self, request: web.Request, *rest: Any) -> Any:  # noqa: ANN401 - as the desk has it
        if "id" in request.match_info:
            return rest[-1]
        return await super().shown(request, *rest)


class _TheFirstRowIsEnough(Witness):
    async def shown(self, request: web.Request, *rest: Any) -> Any:  # noqa: ANN401 - as the desk has it
        return await super().shown(request, rest[0][:1], [], rest[-1])


class _ShowsWhatItCannotWrite(Witness):
    async def shown(self, request: web.Request, *rest: Any) -> Any:  # noqa: ANN401 - as the desk has it
        try:
            return await super().shown(request, *rest)
        except BrokerRefused:
            return rest[-1]


@pytest.mark.parametrize("broken", [_SingleRecordsAreFree, _TheFirstRowIsEnough])
def test_a_desk_that_forgets_to_write_down_is_caught(broken: type[Witness]) -> None:
    with DeskAtHand(LocalDoor("viewer"), witness=broken) as desk:
        assert [one for place in PLACES for one in unaccounted(desk, place)]


@pytest.mark.parametrize("broken", [Witness, _ShowsWhatItCannotWrite])
def test_what_cannot_be_written_down_is_not_shown(broken: type[Witness]) -> None:
    with DeskAtHand(LocalDoor("viewer"), witness=broken) as desk:
        desk.failure = BrokerRefused("the broker is away")
        answers = [get(desk, place) for place in PLACES]
        shown = [one for one in answers if any(name.encode() in one.body for name in NAMES)]
        assert bool(shown) == (broken is _ShowsWhatItCannotWrite)
        if broken is Witness:
            assert {answer.status for answer in answers} == {503}
            said = answers[0].json()["detail"]
            assert said == "Kafka does not answer, so nothing is shown or taken: try again"
            unwritten = "aboveboard_desk_unwritten_lookups_total"
            assert desk.metrics.registry.get_sample_value(unwritten) == len(PLACES)


def test_before_everything_is_read_nothing_is_shown() -> None:
    with DeskAtHand(LocalDoor("viewer")) as desk:
        desk.ready = False
        desk.model.share_read = 0.371
        for place in PLACES:
            answer = get(desk, place)
            assert answer.status == 503
            assert "/readyz" in answer.json()["detail"]
            assert "(37% of them)" in answer.json()["detail"]
        assert desk.lookups == []


def test_a_lookup_says_who_looked_at_whom(desk: DeskAtHand) -> None:
    get(desk, "/api/alerts", subject="agent-1", limit=3)
    lookup = desk.lookups[-1]
    assert (lookup.who, lookup.role, lookup.mode) == ("local", "reviewer", "none")
    assert (lookup.path, lookup.query) == ("/api/alerts", "subject=agent-1&limit=3")
    assert ShownSubject("agent", "agent-1") in lookup.subjects
    assert lookup.more == 0
    assert abs(datetime.now(UTC) - lookup.at) < timedelta(minutes=5)


# -------------------------------------------------------------------------------------- the lists


def every_page(desk: DeskAtHand, path: str, **parameters: object) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    following = f"{path}?{urlencode(parameters)}"
    while following:
        answer = ask(desk.address, following)
        rows += answer.json()
        following = answer.headers.get("link", "").partition(">")[0].removeprefix("<")
    return rows


@pytest.mark.parametrize("limit", [1, 7, MOST_ROWS])
def test_pages_give_every_row_once_the_last_changed_first(desk: DeskAtHand, limit: int) -> None:
    if limit == 1:
        alerts = every_page(desk, "/api/alerts", limit=1, pattern="unused_account")
        wanted = {a.alert_id for a in NEWEST.values() if a.pattern == "unused_account"}
    else:
        alerts = every_page(desk, "/api/alerts", limit=limit)
        wanted = {*NEWEST}
    assert len(alerts) == len(wanted)
    assert {row["alert_id"] for row in alerts} == wanted
    changed = [row["updated_at"] for row in alerts]
    assert changed == sorted(changed, reverse=True)


def test_rows_are_flat_and_say_what_the_record_says(desk: DeskAtHand) -> None:
    for row in get(desk, "/api/alerts", limit=MOST_ROWS).json():
        alert = NEWEST[row["alert_id"]]
        assert not any(isinstance(value, (dict, list)) for value in row.values())
        assert (row["subject_id"], row["revision"]) == (alert.subject.id, alert.revision)
        assert row["observed"] == alert.evidence.observed
    for row in get(desk, "/api/cases", limit=MOST_ROWS).json():
        case = msgspec.json.decode(CASES[row["case_id"].encode()], type=Case)
        assert not any(isinstance(value, (dict, list)) for value in row.values())
        assert (row["state"], row["alerts"]) == (case.state, len(case.alerts))
    shown = msgspec.json.decode(get(desk, f"/api/alerts/{ALERT_ID}").body, type=Alert)
    assert shown == NEWEST[ALERT_ID]
    assert get(desk, f"/api/cases/{CASE_ID}").body == CASES[CASE_ID.encode()]


@pytest.mark.parametrize(
    ("parameters", "so"),
    [
        ({"status": "open"}, lambda alert: alert.status == "open"),
        ({"status": "open,withdrawn"}, lambda alert: alert.status in ("open", "withdrawn")),
        ({"severity": "critical"}, lambda alert: alert.severity == "critical"),
        ({"severity": "warning"}, lambda alert: alert.severity != "info"),
        ({"pattern": "unused_account"}, lambda alert: alert.pattern == "unused_account"),
        ({"subject": "agent/agent-3"}, lambda alert: alert.subject.id == "agent-3"),
        ({"team": "team-3"}, lambda alert: alert.team == "team-3"),
        (
            {"site": "site-1", "team": "team-2"},
            lambda it: it.alert_id[-2:] in ("16", "37", "58"),
        ),
        ({"since": "2025-03-04T00:00:00Z"}, lambda it: it.updated_at.isoformat() >= "2025-03-04"),
        ({"until": "2025-03-04T00:00:00Z"}, lambda it: it.updated_at.isoformat() < "2025-03-04"),
    ],
)
def test_filters_give_what_they_say(desk: DeskAtHand, parameters: dict[str, str], so: Any) -> None:  # noqa: ANN401 - a question to an alert
    rows = get(desk, "/api/alerts", limit=MOST_ROWS, **parameters).json()
    wanted = {alert_id for alert_id, alert in NEWEST.items() if so(alert)}
    assert wanted
    assert {row["alert_id"] for row in rows} == wanted


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("statsu=open", "the nearest is status"),
        ("state=open", "there is no parameter 'state'"),
        ("status=closed", "status: 'closed' is not one of open"),
        ("severity=high", "severity: 'high' is not one of info"),
        ("limit=0", "limit: a number from 1 to 500"),
        ("limit=501", "limit: a number from 1 to 500"),
        ("limit=9999999999999", "limit: a number from 1 to 500"),
        ("since=yesterday", "since: write a date"),
        ("after=x", "after: "),
        ("limit=1&limit=2", "limit is there twice"),
    ],
)
def test_a_parameter_that_cannot_be_used_is_named(desk: DeskAtHand, query: str, said: str) -> None:
    answer = ask(desk.address, f"/api/alerts?{query}")
    assert answer.status == 400
    assert said in answer.json()["detail"]


def test_a_newer_state_is_shown_and_an_older_one_is_not() -> None:
    with DeskAtHand(LocalDoor("viewer")) as desk:
        newest = alert_of(revision("alert-9", 3), TOLD[0].subject)
        third = msgspec.json.encode(newest)
        second = msgspec.json.encode(msgspec.structs.replace(newest, revision=2))
        for record in (third, second):
            desk.model.take_in([Told(Topic.ALERTS_CURRENT, b"alert-9", record)])
        assert get(desk, "/api/alerts/alert-9").json()["revision"] == 3
        for key, value in ((b"alert-9", b"[" * 100_000), (b"alert-8", b"{}"), (b"alert-7", third)):
            desk.model.take_in([Told(Topic.ALERTS_CURRENT, key, value)])
        assert desk.model.foreign == {Topic.ALERTS_CURRENT: 3}
        assert get(desk, "/api/alerts/alert-9").json()["revision"] == 3
        desk.model.take_in([Told(Topic.ALERTS_CURRENT, b"alert-9", None)])
        assert get(desk, "/api/alerts/alert-9").status == 404


def test_a_snooze_that_has_ended_is_open_again() -> None:
    with DeskAtHand(LocalDoor("viewer")) as desk:
        case = msgspec.json.decode(CASES[CASE_ID.encode()], type=Case)
        now = datetime.now(UTC)
        for hours, state in ((-1, "open"), (1, "snoozed")):
            changed = msgspec.structs.replace(
                case, state="snoozed", until=now + timedelta(hours=hours), version=case.version + 1
            )
            desk.model.take_in(
                [Told(Topic.CASES_CURRENT, CASE_ID.encode(), msgspec.json.encode(changed))]
            )
            rows = get(desk, "/api/cases", state=state, limit=MOST_ROWS).json()
            assert CASE_ID in {row["case_id"] for row in rows}


# ---------------------------------------------------------------------------------------- answers


def test_nothing_of_an_answer_is_kept_or_run_by_a_browser(desk: DeskAtHand) -> None:
    for path in (*PLACES, "/api/me", "/nowhere", "/api/alerts?limit=0"):
        headers = get(desk, path).headers
        assert headers["cache-control"] == "no-store"
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["content-security-policy"].startswith("default-src 'none'")
        assert headers["server"] == "aboveboard"
        assert not [name for name in headers if name.startswith("access-control")]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nowhere", 404),
        ("GET", "/metrics", 404),
        ("HEAD", "/api/cases", 405),
        ("OPTIONS", "/api/cases", 405),
        ("DELETE", f"/api/cases/{CASE_ID}", 405),
        ("GET", DECISIONS, 405),
    ],
)
def test_what_there_is_not_is_said_with_a_remedy(
    desk: DeskAtHand, method: str, path: str, status: int
) -> None:
    answer = ask(desk.address, path, method=method)
    assert answer.status == status
    if method != "HEAD":
        assert answer.json()["status"] == status
        assert "docs/access.md" in answer.json()["detail"]


# -------------------------------------------------------------------------------------- decisions

SEEN: Final = {"seen": {ALERT_ID: 1}}
NOTE: Final = {"kind": "note", "words": "I called.", **SEEN}


def post(desk: DeskAtHand, body: object, *headers: tuple[str, str]) -> Answer:
    encoded = body if isinstance(body, bytes) else msgspec.json.encode(body)
    return ask(desk.address, DECISIONS, headers or [JSON], body=encoded)


def test_a_decision_is_stored_in_the_name_of_whoever_is_there(desk: DeskAtHand) -> None:
    answer = post(desk, NOTE)
    assert answer.status == 202, answer.body
    decision = desk.decisions[-1]
    assert answer.json()["decision_id"] == decision.decision_id
    assert answer.json()["stored_in"].startswith("decisions[0]@")
    assert (decision.who, decision.role, decision.case_id) == ("local", "reviewer", CASE_ID)
    assert abs(datetime.now(UTC) - decision.occurred_at) < timedelta(minutes=5)


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        (b"no json", 400, "send one JSON object"),
        (b"[" * 50_000, 400, "send one JSON object"),
        ([NOTE], 400, "send one JSON object"),
        ({**NOTE, "who": "ann"}, 422, "who is for the server to say"),
        ({**NOTE, "role": "approver"}, 422, "role is for the server to say"),
        ({**NOTE, "decision_id": "x"}, 422, "decision_id is for the server to say"),
        ({**NOTE, "occurred_at": "2025-01-01T00:00:00Z"}, 422, "occurred_at is for the server"),
        ({**NOTE, "kind": "burn"}, 422, "burn"),
        ({**NOTE, "words": " "}, 422, "words is blank"),
        ({**NOTE, "words": "a\u202eb"}, 422, "U+202E"),
        ({**NOTE, "wrods": "x"}, 422, "'wrods' is no field of 'note'"),
        ({"kind": "note", "words": "x"}, 422, "seen"),
        ({"kind": "approve", "proposal": "p", **SEEN}, 403, "not_permitted"),
        (b"x" * 70_000, 413, "64 KiB"),
    ],
)
def test_what_is_no_decision_is_refused(
    desk: DeskAtHand, body: object, status: int, said: str
) -> None:
    before = len(desk.decisions)
    answer = post(desk, body)
    assert answer.status == status
    assert said in answer.json()["detail"]
    assert len(desk.decisions) == before


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ([JSON, ("Origin", "https://other.example")], 403),
        ([JSON, ("Origin", "null")], 403),
        ([JSON, ("Sec-Fetch-Site", "cross-site")], 403),
        ([JSON, ("Sec-Fetch-Site", "same-site")], 403),
        ([("Content-Type", "text/plain")], 415),
        ([("Content-Type", "application/x-www-form-urlencoded")], 415),
        ([JSON, ("Sec-Fetch-Site", "same-origin")], 202),
    ],
)
def test_a_page_of_another_site_decides_nothing(
    desk: DeskAtHand, headers: list[tuple[str, str]], status: int
) -> None:
    before = len(desk.decisions)
    assert post(desk, NOTE, *headers).status == status
    assert len(desk.decisions) == before + (status == 202)


def test_our_own_page_decides(desk: DeskAtHand) -> None:
    assert post(desk, NOTE, JSON, ("Origin", desk.address)).status == 202


def test_a_decision_that_is_not_stored_is_not_said_to_be() -> None:
    with DeskAtHand(LocalDoor("approver")) as desk:
        desk.failure = BrokerRefused("the broker is away")
        assert post(desk, NOTE).status == 503


@pytest.mark.parametrize("role", ["viewer", "auditor", "admin"])
def test_who_may_only_look_decides_nothing(role: Any) -> None:  # noqa: ANN401 - a role
    with DeskAtHand(LocalDoor(role)) as desk:
        answer = post(desk, NOTE)
        assert answer.status == 403
        assert f"you are {role}" in answer.json()["detail"]
        assert desk.decisions == []


def test_a_case_that_there_is_not_cannot_be_decided(desk: DeskAtHand) -> None:
    body = msgspec.json.encode(NOTE)
    answer = ask(desk.address, "/api/cases/none/decisions", [JSON], body=body)
    assert answer.status == 404


def test_an_address_that_is_taken_is_named(desk: DeskAtHand) -> None:
    port = int(desk.address.rpartition(":")[2])
    with pytest.raises(OSError, match=f"127.0.0.1:{port} .*--port or ABOVEBOARD_DESK_PORT"):
        DeskServer(web.Application(), "127.0.0.1", port, None)
