"""Forms decide what the API would take and no more; two at once see each other; words are kept."""

from collections.abc import Sequence
from typing import Final, get_args

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.cases.case import Case, Refusal
from detectors.events.decision import Decision, Role
from streams.access.person import Person
from streams.desk.deciding import decision_of
from streams.desk.model.intake import Told
from streams.desk.offers import Kind
from streams.desk.queue import decide, judging
from streams.desk.site.words import LANGUAGES, words_of
from streams.wire.topics import Topic
from tests.streams.desk.desk_at_hand import CASES
from tests.streams.desk.queue.kept_desk import CASE_ID, OPEN, KeptDesk, Somebody, fields_in

KINDS: Final = get_args(Kind)
OTHER: Final = OPEN[1:6]
ANN, BOB, CY = "ann.lee@bank.example", "bob.ray@bank.example", "cy.zoe@bank.example"


@pytest.fixture
def bob(desk: KeptDesk) -> Somebody:
    return Somebody(desk, BOB, "approver")


# ------------------------------------------------------------ only what the API would also take


Post = tuple[str, Role, str, dict[str, str]]

POSTS: Final = st.lists(
    st.tuples(
        st.sampled_from([ANN, "BANK\\ann.lee", BOB, CY]),
        st.sampled_from(get_args(Role)),
        st.sampled_from([*KINDS, "burn"]),
        st.fixed_dictionaries(
            {},
            optional={
                "words": st.sampled_from(["", " ", "Fine.", "a\u202eb"]),
                "until": st.sampled_from(["1d", "99d", "", "soon"]),
                "to": st.sampled_from(["me", "nobody", "other"]),
                "assignee": st.sampled_from(["", BOB]),
                "outcome": st.sampled_from(["confirmed", "honest", "burnt"]),
                "explanation": st.sampled_from(["campaign", "none"]),
                "seen": st.sampled_from(["{}", "[", '{"nobody": 1}']),
                "version": st.sampled_from(["1", "x"]),
                "token": st.just("forged"),
                "proposal": st.just("none"),
                "role": st.just("approver"),
                "who": st.just(CY),
                "decision_id": st.just("mine"),
            },
        ),
    ),
    max_size=8,
)


def wrongly_stored(desk: KeptDesk, posts: Sequence[Post]) -> list[str]:
    """Return what is stored that the API would not take from whoever has sent it."""
    wrong = []
    for login, role, kind, filled in posts:
        before = len(desk.decisions)
        answer = Somebody(desk, login, role).decide(kind, **filled)
        stored = desk.decisions[before:]
        if len(stored) > 1 or (stored and answer.status in (400, 403, 404, 422)):
            wrong.append(f"{kind}: {len(stored)} stored, and the answer is {answer.status}")
        wrong += [one for decision in stored for one in _not_of_the_api(decision, login, role)]
    return wrong


def _not_of_the_api(decision: Decision, login: str, role: Role) -> list[str]:
    fields = msgspec.json.decode(msgspec.json.encode(decision))
    ours = ("decision_id", "case_id", "occurred_at", "who", "role", "type")
    body = msgspec.json.encode({name: fields[name] for name in fields.keys() - {*ours}})
    known = (decision.case_id, Person(login, role, "proxy"), decision.decision_id)
    try:
        same = decision_of(body, *known, decision.occurred_at) == decision
    except Exception as error:  # noqa: BLE001 - whatever the API says to it
        return [f"{decision}: {error}"]
    return [] if same else [f"{decision} is another than the API takes from {login}"]


@settings(max_examples=6)
@given(posts=POSTS)
def test_forms_decide_only_what_the_api_would_take(posts: list[Post]) -> None:
    with KeptDesk() as desk:
        assert wrongly_stored(desk, posts) == []


class _EverybodyApproves(KeptDesk):
    def _decide(self, decision: Decision) -> str:
        return super()._decide(msgspec.structs.replace(decision, role="approver"))


class _ForgetsWho(KeptDesk):
    def _decide(self, decision: Decision) -> str:
        return super()._decide(msgspec.structs.replace(decision, who="desk"))


@pytest.mark.parametrize("broken", [_EverybodyApproves, _ForgetsWho])
def test_a_desk_that_decides_for_others_is_caught(broken: type[KeptDesk]) -> None:
    with broken() as desk:
        assert wrongly_stored(desk, [(ANN, "reviewer", "note", {})])


# ----------------------------------------------------------------------- a case from hand to hand


def test_a_case_is_decided_by_two(desk: KeptDesk, ann: Somebody, bob: Somebody) -> None:
    acknowledged = ann.decide("acknowledge", until="3d")
    assert acknowledged.status == 303
    assert acknowledged.headers["location"] == f"/cases?mine=1#case-{CASE_ID}"
    assert (desk.case().state, desk.case().assignee) == ("acknowledged", ANN)
    assert ann.decide("propose").status == 303
    proposal = desk.case().proposal
    assert proposal is not None
    assert (proposal.outcome, proposal.explanation) == ("honest", "campaign")
    assert ann.form("approve") == {}  # who has proposed is not offered it
    assert bob.decide("approve", words="").status == 303
    assert desk.case().state == "closed"
    assert bob.decide("reopen").status == 303
    assert desk.case().state == "open"


def test_who_may_only_look_is_offered_nothing(desk: KeptDesk) -> None:
    looker = Somebody(desk, CY, "auditor")
    for kind in KINDS:
        assert looker.form(kind) == {}
        assert looker.decide(kind).status in (403, 409)
    assert desk.decisions == []


@pytest.mark.parametrize("kind", ["propose", "acknowledge"])
def test_of_two_at_once_one_wins_and_the_other_sees_it(
    desk: KeptDesk, ann: Somebody, bob: Somebody, kind: str
) -> None:
    form = bob.form(kind) | {"outcome": "unclear", "words": "Bob's words.", "until": "7d"}
    assert ann.decide("propose", outcome="confirmed", words="Ann was first.").status == 303
    answer = bob.post(f"/cases/{CASE_ID}/decide", [*form.items()])
    text = answer.body.decode()
    assert answer.status == 409
    assert f"{ANN} proposed a closing" in text
    assert "Ann was first." in text
    assert len(desk.decisions) == 1
    if kind == "propose":
        assert "Bob&#39;s words." in text
        assert fields_in(answer) == {}  # it is not open to them any more
    else:
        again = fields_in(answer)
        assert again["until"] == "7d"
        assert bob.post(f"/cases/{CASE_ID}/decide", [*again.items()]).status == 303


def test_what_the_fold_refuses_is_said_with_its_reason(
    desk: KeptDesk, bob: Somebody, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(judging, "PATIENCE_SECONDS", 0.1)
    form = bob.form("propose") | {"outcome": "unclear", "words": "Bob's words."}
    desk.keeps = False  # the other decision is stored, and nobody has judged it
    Somebody(desk, ANN, "reviewer").decide("propose")
    desk.keeps = True
    answer = bob.post(f"/cases/{CASE_ID}/decide", [*form.items()])
    assert answer.status == 409
    assert "another proposal waits" in answer.body.decode()
    assert f"{ANN} proposed a closing" in answer.body.decode()
    assert "Bob&#39;s words." in answer.body.decode()


def test_what_is_not_judged_yet_is_said_so(
    desk: KeptDesk, ann: Somebody, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(judging, "PATIENCE_SECONDS", 0.1)
    desk.keeps = False
    answer = ann.decide("note")
    assert answer.status == 202
    assert "Stored, not judged yet" in answer.body.decode()


def test_a_form_that_is_sent_twice_decides_once(desk: KeptDesk, ann: Somebody) -> None:
    form = [*(ann.form("note") | {"words": "Once."}).items()]
    assert [ann.post(f"/cases/{CASE_ID}/decide", form).status for _ in range(2)] == [303, 303]
    assert len(desk.decisions) == 1


@pytest.mark.parametrize(
    "back", ["//evil.example", "https://evil.example", "/cases\\evil", "/casesx", "javascript:x"]
)
def test_nobody_is_led_away(ann: Somebody, back: str) -> None:
    answer = ann.decide("note", back=back)
    assert answer.headers["location"] == f"/cases#case-{CASE_ID}"
    assert decide.back_of({"back": "/inbox"}) == "/inbox"


def test_a_script_is_given_the_form_alone(desk: KeptDesk, ann: Somebody) -> None:
    script = (decide.FRAGMENT, "1")
    form = ann.get(f"/cases/{CASE_ID}/decide?kind=note", script)
    assert b"<html" not in form.body
    fields = fields_in(form) | {"words": "<b>Bold</b>"}
    answer = ann.post(f"/cases/{CASE_ID}/decide", [*fields.items()], script)
    assert answer.status == 200
    assert b"data-done" in answer.body
    assert desk.case().history[-1].words == "<b>Bold</b>"


# ------------------------------------------------------------------------------- several at once


def chosen(desk: KeptDesk, case_ids: Sequence[str]) -> list[tuple[str, str]]:
    return [("case", f"{case_id}@{desk.case(case_id).version}") for case_id in case_ids]


def test_several_are_decided_each_for_itself(desk: KeptDesk, ann: Somebody, bob: Somebody) -> None:
    cases = [*chosen(desk, OTHER), ("case", "none@3")]
    token = [("token", ann.form("note")["token"])]
    form = ann.post("/cases/choose", [*token, *cases, ("kind", "snooze")])
    assert form.status == 200
    fields = fields_in(form)
    assert bob.decide("note", OTHER[0], words="Meanwhile.").status == 303
    filled = [one for one in (fields | {"words": "A campaign."}).items() if one[0] != "case"]
    answer = ann.post("/cases/decide", [*filled, *cases])
    text = answer.body.decode()
    states = [desk.case(case_id).state for case_id in OTHER]
    assert answer.status == 200
    assert states.count("snoozed") == len(OTHER) - 1
    assert text.count("It counts.") == states.count("snoozed")
    assert text.count("changed since you selected it") == 1
    assert text.count("there is no such case any more") == 1
    assert len({decision.decision_id for decision in desk.decisions}) == len(desk.decisions)


def test_several_without_words_keep_the_form(desk: KeptDesk, ann: Somebody) -> None:
    cases = chosen(desk, OTHER)
    token = [("token", ann.form("note")["token"])]
    answer = ann.post("/cases/decide", [*token, *cases, ("kind", "note"), ("words", " ")])
    assert answer.status == 422
    assert "words is blank" in answer.body.decode()
    assert desk.decisions == []
    for wrong, status in (("approve", 400), ("note", 422)):
        assert ann.post("/cases/choose", [*token, ("kind", wrong)]).status == status


# ------------------------------------------------------------------------------------------ words


def test_every_language_has_words_for_every_refusal_and_decision() -> None:
    for language in LANGUAGES:
        words = words_of(language)
        for reason in get_args(Refusal):
            assert f"refused.{reason}" in words
        for kind in KINDS:
            assert {f"decide.{part}.{kind}" in words for part in ("title", "hint", "did")} == {True}


def test_a_hostile_name_stays_a_name(desk: KeptDesk, ann: Somebody) -> None:
    case = msgspec.json.decode(CASES[CASE_ID.encode()], type=Case)
    name = "<script>alert(1)</script>\u202e"
    hostile = msgspec.structs.replace(
        case, subject=msgspec.structs.replace(case.subject, id=name), version=case.version + 1
    )
    record = msgspec.json.encode(hostile)
    desk.model.take_in([Told(Topic.CASES_CURRENT, CASE_ID.encode(), record)])
    for path in ("/cases?state=all", f"/cases/{CASE_ID}/decide?kind=note"):
        text = ann.get(path).body.decode()
        assert "<script>alert" not in text
        assert "<bdi>&lt;script&gt;" in text
