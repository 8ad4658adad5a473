import getpass
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from detectors.alerts.alert import Alert
from detectors.cases.case import case_id_of
from detectors.events.decision import Assign, Decision, Propose, Snooze
from streams.cli.alerts.case_alerts import CaseAlerts
from streams.cli.alerts.deciding import login, made, refuse_what_was_not_seen
from streams.cli.main import main
from streams.errors import InvalidDecision
from streams.wire.decision_record import decision_record
from tests.streams.broker.published_alerts import alert_of

NOW = datetime(2025, 3, 1, tzinfo=UTC)
ALERT = alert_of(1, revision=2)


def decision_of(**fields: object) -> Decision:
    """Return the decision about `ALERT` that has these fields."""
    return made(
        {
            "decision_id": "d-1",
            "case_id": case_id_of(ALERT.subject),
            "occurred_at": NOW,
            "who": "anna",
            "role": "reviewer",
            "seen": {ALERT.alert_id: 2},
            **fields,
        }
    )


def test_a_decision_is_made_of_what_was_said() -> None:
    later = NOW + timedelta(days=2)
    snooze = decision_of(kind="snooze", until=later, reason="a returns desk")
    assert isinstance(snooze, Snooze)
    assert (snooze.until, snooze.reason, snooze.type) == (later, "a returns desk", "decision")
    nobody = decision_of(kind="assign", assignee=None)
    assert isinstance(nobody, Assign)
    assert nobody.assignee is None
    unclear = decision_of(kind="propose", outcome="unclear", explanation=None, words="two\nlines")
    assert isinstance(unclear, Propose)


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"kind": "note", "words": " \n "}, "the note is blank"),
        ({"kind": "note", "words": ""}, "length >= 1"),
        ({"kind": "note", "words": "x" * 5_000}, "length <= 4096"),
        ({"kind": "note", "words": "\udcff"}, "no valid UTF-8"),
        ({"kind": "note", "words": "a\x1b[2Jb"}, "U\\+001B"),
        ({"kind": "note", "words": "x", "who": "ad\u202emin"}, "--who holds .* U\\+202E"),
        ({"kind": "assign", "assignee": "x" * 300}, "length <= 256"),
        ({"kind": "note", "words": "x", "seen": {}}, "length >= 1"),
        ({"kind": "propose", "outcome": "honest", "words": "x"}, "--explanation NAME"),
        (
            {"kind": "propose", "outcome": "confirmed", "words": "x", "explanation": "y"},
            "leave it out of a proposal of confirmed",
        ),
    ],
)
def test_what_is_plainly_wrong_is_refused(fields: dict[str, object], told: str) -> None:
    with pytest.raises(InvalidDecision, match=told):
        decision_of(**fields)


OTHER = msgspec.structs.replace(ALERT, alert_id="other")
DONE = msgspec.structs.replace(ALERT, alert_id="done", status="resolved")


@pytest.mark.parametrize(
    ("alerts", "seen", "told", "a_note_too"),
    [
        ([ALERT], {"id0001": 2}, None, False),
        ([ALERT, DONE], {"id0001": 2}, None, False),
        ([ALERT, DONE], {"id0001": 2, "done": 2}, None, False),
        ([ALERT], {"id0001": 1}, "was seen in revision 1, and its newest is 2", False),
        ([ALERT, DONE], {"id0001": 2, "done": 1}, "alert done was seen in revision 1", False),
        ([ALERT, OTHER], {"id0001": 2}, "alert other was not seen", False),
        ([ALERT], {"id0001": 3}, "has no revision 3 yet", True),
        ([ALERT], {"id0002": 1}, "none of case", True),
    ],
)
def test_a_decision_rests_on_the_newest_of_what_is_open(
    alerts: list[Alert], seen: dict[str, int], told: str | None, *, a_note_too: bool
) -> None:
    """A note rests on no evidence, and may name an old revision, but none that is not there."""
    known = CaseAlerts.of("id0001", alerts)
    reopen = decision_of(kind="reopen", words="x", seen=seen)
    note = decision_of(kind="note", words="x", seen=seen)
    for decision, refused in ((reopen, told is not None), (note, a_note_too)):
        if refused:
            with pytest.raises(InvalidDecision, match=told):
                refuse_what_was_not_seen(decision, known)
        else:
            refuse_what_was_not_seen(decision, known)


@pytest.mark.parametrize(
    ("alerts", "named", "found"),
    [
        ([ALERT, OTHER, DONE], "id0001", {"id0001", "other"}),
        ([ALERT, OTHER, DONE], "done", {"id0001", "other", "done"}),
        ([ALERT, OTHER, DONE], case_id_of(ALERT.subject), {"id0001", "other"}),
        ([DONE], case_id_of(ALERT.subject), {"done"}),
        ([ALERT, alert_of(2)], "id0001", {"id0001"}),
    ],
)
def test_what_the_command_reads_is_what_a_decision_rests_on(
    alerts: list[Alert], named: str, found: set[str]
) -> None:
    assert {one.alert_id for one in CaseAlerts.of(named, alerts).rests_on()} == found


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["acknowledge"], "--until"),
        (["acknowledge", "--until", "0s"], "has passed"),
        (["snooze", "--reason", "x", "--until", "2020-01-01T00:00:00Z"], "has passed"),
        (["snooze", "--reason", "x", "--until", "tomorrow"], "such as 2d"),
        (["snooze", "--reason", "x", "--until", "2030-01-01"], "such as 2d"),
        (["snooze", "--reason", "x", "--until", "99999999999d"], "too far away"),
        (["snooze", "--until", "2d"], "--reason"),
        (["assign"], "--to --nobody"),
        (["assign", "--to", "x", "--nobody"], "not allowed with"),
        (["propose", "guilty", "--note", "x"], "'confirmed', 'honest', 'unclear'"),
        (["reject"], "--note"),
        (["note", "x", "--seen", "id0001"], "ALERT_ID=REVISION"),
        (["note", "x", "--seen", "id0001=²"], "ALERT_ID=REVISION"),
        (["note", "x", "--role", "boss"], "invalid choice"),
        ([], "required"),
    ],
)
def test_no_broker_is_asked_for_what_cannot_be(
    words: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["alerts", "--broker", "127.0.0.1:1", "decide", "id0001", *words]) == 2
    printed = capsys.readouterr().err
    assert told in printed
    assert "127.0.0.1" not in printed


@pytest.mark.parametrize("text", ["yesterday", "2025-06-30", "2025-06-30T00:00:00", "2w"])
def test_a_list_since_no_time_is_refused(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["alerts", "list", "--since", text]) == 2
    assert "such as 2h" in capsys.readouterr().err


def test_a_user_without_a_name_says_who_decides(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("os.getuid", lambda: 2**31 - 7)  # as a container gives it
    with pytest.raises(InvalidDecision, match="--who LOGIN"):
        login()
    monkeypatch.setenv("LOGNAME", "anna")
    assert login() == getpass.getuser() == "anna"


def test_a_record_says_what_it_is_in_its_headers() -> None:
    decision = decision_of(kind="note", words="x")
    record = decision_record(decision)
    assert record.key == decision.case_id.encode()
    assert msgspec.json.decode(record.value, type=Decision) == decision
    assert dict(record.headers) == {
        "ce_specversion": b"1.0",
        "ce_id": b"d-1",
        "ce_source": b"/aboveboard",
        "ce_type": b"aboveboard.decision.note.v1",
        "ce_subject": f"case/{decision.case_id}".encode(),
        "ce_time": b"2025-03-01T00:00:00Z",
        "content-type": b"application/json",
    }
