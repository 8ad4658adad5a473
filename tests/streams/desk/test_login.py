"""People log in at an issuer; a login that is not theirs, or has ended, shows nobody a name."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing
from http.client import HTTPConnection
from typing import Final

import pytest
from aiohttp import web
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from joserfc.jwk import RSAKey

from streams.access.code_flow import Attempt
from streams.access.sessions import Sessions
from streams.access.tokens import TokenDoor
from streams.desk import forms, live
from streams.desk.gate import PERSON
from streams.desk.login.login import Login
from streams.desk.model.intake import Taken
from tests.streams.access.issuer_at_hand import (
    ANN,
    rsa_key,
    signed_by_the_public_key,
    unsigned,
    with_claims,
)
from tests.streams.access.login_at_hand import CLIENT, LoginAtHand
from tests.streams.desk.browser_at_hand import FORM, HTML, BrowserAtHand, token_in
from tests.streams.desk.desk_at_hand import CASE_ID, DeskAtHand, ask, leaks
from tests.streams.desk.login_desk import IDLE, LONGEST, Clock, login_desk
from tests.streams.desk.queue.kept_desk import CASE_ID as OPEN_ID
from tests.streams.desk.queue.kept_desk import fields_in
from tests.streams.desk.test_pages import PAGES
from tests.streams.desk.test_strangers import seen

COOKIE: Final = "aboveboard"
ATTEMPT: Final = "aboveboard-login"
CASES: Final = "/cases?severity=warning"


@pytest.fixture(scope="module")
def issuer() -> Iterator[LoginAtHand]:
    with LoginAtHand() as found:
        yield found


@pytest.fixture(autouse=True)
def _as_it_should_be(issuer: LoginAtHand) -> None:
    issuer.claims, issuer.answers, issuer.tampers, issuer.away = {}, {}, str, False
    issuer.ends = None


@pytest.fixture(scope="module")
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="module")
def desk(issuer: LoginAtHand, clock: Clock) -> Iterator[DeskAtHand]:
    with login_desk(issuer, clock) as found:
        yield found


def logged_in(desk: DeskAtHand, browser: BrowserAtHand | None = None) -> BrowserAtHand:
    found = browser or BrowserAtHand()
    assert found.follow(found.open(desk.address + "/login"), "Log in").status == 200
    return found


def session_of(browser: BrowserAtHand, desk: DeskAtHand) -> str | None:
    return browser.jar[desk.address].get(COOKIE)


def with_cookie(value: str) -> list[tuple[str, str]]:
    return [("Cookie", f"{COOKIE}={value}")]


# ----------------------------------------------------------------------------------- as it should


def test_people_come_back_to_where_they_were(desk: DeskAtHand) -> None:
    browser = BrowserAtHand()
    asked = browser.open(desk.address + CASES)
    assert asked.status == 401
    assert asked.headers["www-authenticate"] == "Bearer"
    shown = browser.follow(asked, "Log in")
    assert (shown.status, browser.at) == (200, desk.address + CASES)
    assert desk.lookups[-1].who == ANN
    assert (desk.lookups[-1].role, desk.lookups[-1].mode) == ("approver", "oidc")
    assert ATTEMPT not in browser.jar[desk.address]


def test_the_cookies_are_for_the_browser_alone(
    desk: DeskAtHand, issuer: LoginAtHand, clock: Clock
) -> None:
    browser = BrowserAtHand()
    begun = browser.ask(desk.address + "/login/start")
    assert begun.headers["location"].startswith(f"{issuer.address}/authorize?tenant=bank&")
    back = browser.ask(begun.headers["location"]).headers["location"]
    with login_desk(issuer, clock, secure=True) as by_tls:
        secure = ask(by_tls.address, "/login/start")
    for answer in (begun, browser.ask(back), secure):
        assert answer.status == 303
        assert answer.cookies
        for cookie in answer.cookies:
            assert "; HttpOnly; " in cookie
            assert "; Path=/; SameSite=Lax" in cookie
            assert "Domain" not in cookie
    assert secure.cookies[0].startswith("__Host-aboveboard-login=")
    assert secure.cookies[0].endswith("; Secure")


def test_who_logs_out_is_known_no_more_and_others_still_are(desk: DeskAtHand) -> None:
    ann, other = logged_in(desk), logged_in(desk)
    before = session_of(ann, desk)
    assert before is not None
    token = token_in(ann.open(desk.address + "/cases"))
    assert ann.send(desk.address + "/logout", token=token).headers["location"] == "/login?out=1"
    assert "You are logged out" in ann.open(desk.address + "/login?out=1").body.decode()
    assert seen(desk, with_cookie(before)) == []
    assert other.open(desk.address + "/cases").status == 200


@pytest.mark.parametrize(
    ("ends", "led_to"),
    [
        ("https://login.example/end", "https://login.example/end?client_id=the-desk"),
        ("https://login.example/?a=1", "https://login.example/?a=1&amp;client_id=the-desk"),
        ("http://login.example/end", None),  # anybody between could answer there
        ("javascript:alert(1)", None),
        (None, None),
    ],
)
def test_who_logs_out_is_led_to_where_the_issuer_logs_them_out(
    issuer: LoginAtHand, clock: Clock, ends: str | None, led_to: str | None
) -> None:
    issuer.ends = ends
    with login_desk(issuer, clock) as desk:
        out = ask(desk.address, "/login?out=1", [HTML]).body.decode()
        assert "You are logged out" in out
        assert ("Log out at login.example, too" in out) == (led_to is not None)
        assert led_to is None or f'href="{led_to}"' in out
        assert "login.example" not in ask(desk.address, "/login", [HTML]).body.decode()


def test_an_issuer_that_is_away_keeps_nobody_in(clock: Clock) -> None:
    with ExitStack() as running:
        with LoginAtHand() as gone:
            desk = running.enter_context(login_desk(gone, clock))
        out = ask(desk.address, "/login?out=1", [HTML])
        assert out.status == 200
        assert "You are logged out" in out.body.decode()


def test_programs_bring_tokens_as_before(desk: DeskAtHand, issuer: LoginAtHand) -> None:
    for token, status in ((issuer.token(), 200), (issuer.token(aud=CLIENT), 401)):
        headers = [("Authorization", f"Bearer {token}")]
        assert ask(desk.address, "/api/cases", headers).status == status
    answer = ask(desk.address, "/api/cases")
    assert (answer.status, answer.headers["www-authenticate"]) == (401, "Bearer")
    assert "Authorization: Bearer TOKEN" in answer.json()["detail"]
    # A token that is none is not made good by a session.
    good = with_cookie(session_of(logged_in(desk), desk) or "")
    assert seen(desk, [*good, ("Authorization", "Bearer a.b.c")]) == []


def test_who_logs_in_anew_has_another_session_and_the_old_one_ends(desk: DeskAtHand) -> None:
    browser = logged_in(desk)
    before = session_of(browser, desk)
    logged_in(desk, browser)
    assert session_of(browser, desk) != before
    assert seen(desk, with_cookie(before or "")) == []


# ----------------------------------------------------------------------------------- forged logins


def other_key(token: str) -> str:
    """Return it under a key that calls itself as that of the issuer."""
    forged = rsa_key("rsa-2").as_dict(private=True) | {"kid": "rsa-1"}
    return LoginAtHand.signed_anew(token, RSAKey.import_key(forged))


FORGED: Final[Mapping[str, Callable[[LoginAtHand], None]]] = {
    "another state": lambda it: it.answers.update(state="x" * 43),
    "a state that no one has": lambda it: it.answers.update(state="ü\udcff"),
    "no state": lambda it: it.answers.update(state=None),
    "no code": lambda it: it.answers.update(code=None),
    "a code of somebody": lambda it: it.answers.update(code="0" * 32),
    "an error": lambda it: it.answers.update(code=None, error="access_denied"),
    "another issuer": lambda it: it.answers.update(iss="https://other.example"),
    "another nonce": lambda it: it.claims.update(nonce="x" * 43),
    "no nonce": lambda it: it.claims.update(nonce=None),
    "a nonce in a list": lambda it: it.claims.update(nonce=["x"]),
    "another audience": lambda it: it.claims.update(aud="crm"),
    "several audiences, given to nobody": lambda it: it.claims.update(aud=[CLIENT, "crm"]),
    "given to another": lambda it: it.claims.update(azp="crm"),
    "expired": lambda it: it.claims.update(exp=time.time() - 60),
    "of another issuer": lambda it: it.claims.update(iss="https://other.example"),
    "no role": lambda it: it.claims.update(roles=[]),
    "no login": lambda it: it.claims.update(preferred_username=None),
    "signed by nobody": lambda it: setattr(it, "tampers", unsigned),
    "signed by the public key": lambda it: setattr(it, "tampers", signed_by_the_public_key),
    "signed by another": lambda it: setattr(it, "tampers", other_key),
    "claims changed": lambda it: setattr(
        it, "tampers", lambda token: with_claims(token, roles=["admin"])
    ),
    "no token at all": lambda it: setattr(it, "tampers", lambda _: ""),
    "an issuer that is away": lambda it: setattr(it, "away", True),
}


def opened(desk: DeskAtHand, browser: BrowserAtHand) -> list[str]:
    """Return what a browser is shown after it tried to log in."""
    answer = browser.follow(browser.open(desk.address + "/login"), "Log in")
    found = [] if answer.status >= 400 else [f"{browser.at} answers {answer.status}"]
    cookies = browser.jar[desk.address].items()
    line = [("Cookie", "; ".join(f"{name}={value}" for name, value in cookies))]
    return [*found, *seen(desk, line)]


@pytest.mark.parametrize("forged", FORGED)
def test_a_forged_login_opens_nothing(desk: DeskAtHand, issuer: LoginAtHand, forged: str) -> None:
    FORGED[forged](issuer)
    assert opened(desk, BrowserAtHand()) == []


def test_a_login_that_goes_wrong_says_so_and_can_be_tried_again(
    desk: DeskAtHand, issuer: LoginAtHand
) -> None:
    issuer.answers = {"code": None, "error": "<script>"}
    browser = BrowserAtHand()
    answer = browser.follow(browser.open(desk.address + "/login"), "Log in")
    assert answer.status == 403
    assert b"<script>" not in answer.body
    issuer.answers = {}
    assert browser.follow(answer, "Log in").status == 200


class _AnyNonce(TokenDoor):
    def _require_login(self, everything: object, nonce: str) -> None: ...


class _NoTimes(TokenDoor):
    def _require_valid(self, claims: object) -> None: ...


@pytest.mark.parametrize(
    ("broken", "forged"),
    [
        (_AnyNonce, ("another nonce", "no nonce", "given to another")),
        (_NoTimes, ("expired", "another audience")),
    ],
)
def test_a_broken_reader_of_logins_is_caught(
    issuer: LoginAtHand, clock: Clock, broken: type[TokenDoor], forged: tuple[str, ...]
) -> None:
    with login_desk(issuer, clock, broken) as desk:
        for name in forged:
            issuer.claims = {}
            FORGED[name](issuer)
            assert opened(desk, BrowserAtHand()), name


# ------------------------------------------------------- a login that somebody else has begun


def planted(desk: DeskAtHand, cookies: Mapping[str, str]) -> list[str]:
    """Return what becomes of a browser that is led to the end of another's login."""
    thief, victim = BrowserAtHand(), BrowserAtHand()
    begun = thief.ask(desk.address + "/login/start")
    back = thief.ask(begun.headers["location"]).headers["location"]
    victim.jar[desk.address] = {**cookies}
    answer = victim.ask(back)
    return [] if answer.status >= 400 else [f"logged in as {thief.jar}"]


def of_another_attempt(desk: DeskAtHand) -> dict[str, str]:
    begun = BrowserAtHand()
    begun.ask(desk.address + "/login/start")
    return {**begun.jar[desk.address]}


def test_nobody_is_logged_in_as_somebody_else(desk: DeskAtHand) -> None:
    for cookies in ({}, of_another_attempt(desk), {ATTEMPT: "x"}, {ATTEMPT: "x.9999999999.Lw=="}):
        assert planted(desk, cookies) == []


def test_a_broken_look_at_the_state_is_caught(
    desk: DeskAtHand, issuer: LoginAtHand, monkeypatch: pytest.MonkeyPatch
) -> None:
    def any_state(self: Login, request: web.Request) -> Attempt:
        found = self._attempts.attempt(request.cookies[ATTEMPT])
        assert found is not None
        return found

    monkeypatch.setattr(Login, "_attempt_of", any_state)
    issuer.answers = {"state": "x"}
    assert opened(desk, BrowserAtHand())


# -------------------------------------------------------------------------------------- sessions


@settings(max_examples=40, deadline=None, suppress_health_check=[*HealthCheck])
@given(data=st.data())
def test_a_cookie_that_is_not_quite_right_shows_nothing(
    desk: DeskAtHand, data: st.DataObject
) -> None:
    right = session_of(logged_in(desk), desk) or ""
    character = st.sampled_from("abzAZ09-_=. ")
    place = data.draw(st.integers(0, len(right) - 1))
    wrong = data.draw(
        st.sampled_from([right[:place], right + right, right[::-1], right.swapcase()])
        | st.text(character, max_size=60)
        | character.map(lambda one: right[:place] + one + right[place + 1 :])
    )
    if wrong.strip() != right:
        as_page = [*with_cookie(wrong), ("Accept", "text/html")]
        assert (
            leaks(desk, lambda it: ask(desk.address, it, as_page), ("/cases", "/api/cases")) == []
        )
    twice = [("Cookie", f"{COOKIE}={right}; {COOKIE}={right}")]
    assert leaks(desk, lambda it: ask(desk.address, it, twice), ("/cases",)) == []


def ended(desk: DeskAtHand, clock: Clock, waits: tuple[float, ...]) -> list[str]:
    """Return what a session shows that was used after each wait but the last."""
    browser = logged_in(desk)
    for seconds in waits[:-1]:
        clock.now += seconds
        assert browser.open(desk.address + "/cases").status == 200
    clock.now += waits[-1]
    return seen(desk, with_cookie(session_of(browser, desk) or ""))


WAITS: Final = (
    (IDLE,),
    (IDLE - 1, IDLE - 1, IDLE),
    (IDLE - 1,) * int(LONGEST // (IDLE - 1)) + (60,),
)


@pytest.mark.parametrize("waits", WAITS)
def test_a_session_ends(desk: DeskAtHand, clock: Clock, waits: tuple[float, ...]) -> None:
    assert ended(desk, clock, waits) == []


class _NeverIdle(Sessions):
    def __init__(self, _: float, longest: float, clock: Callable[[], float]) -> None:
        super().__init__(1e9, longest, clock)


class _ForEver(Sessions):
    def __init__(self, idle: float, _: float, clock: Callable[[], float]) -> None:
        super().__init__(idle, 1e9, clock)


@pytest.mark.parametrize(("broken", "waits"), [(_NeverIdle, WAITS[0]), (_ForEver, WAITS[2])])
def test_a_session_that_does_not_end_is_caught(
    issuer: LoginAtHand, broken: type[Sessions], waits: tuple[float, ...]
) -> None:
    clock = Clock()
    with login_desk(issuer, clock, sessions=broken) as desk:
        assert ended(desk, clock, waits)


@pytest.mark.parametrize("header", [("HX-Request", "true"), ("Sec-Fetch-Mode", "cors")])
def test_what_a_page_asks_by_itself_keeps_no_session_going(
    desk: DeskAtHand, clock: Clock, header: tuple[str, str]
) -> None:
    browser = logged_in(desk)
    found = []
    for _ in range(2):
        clock.now += IDLE / 2
        found.append(browser.ask(desk.address + "/cases", [header]).status)
    assert found == [200, 401]


def told_after_the_end(desk: DeskAtHand, clock: Clock) -> bytes:
    """Return what a page is told that has listened since before its session ended."""
    value = session_of(logged_in(desk), desk)
    address = desk.address.removeprefix("http://")
    with closing(HTTPConnection(address, timeout=20)) as connection:
        connection.request("GET", "/live", headers={"Cookie": f"{COOKIE}={value}"})
        with connection.getresponse() as answer:
            for line in (b"event: hello\n", b"data: true\n", b"\n"):
                assert answer.readline() == line
            clock.now += IDLE
            desk.live.tell(Taken(frozenset({CASE_ID}), frozenset()))
            return answer.readline() + answer.readline()


def test_the_stream_of_changes_ends_with_the_session(
    desk: DeskAtHand, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert leaks(desk, lambda it: ask(desk.address, it, with_cookie("none")), ("/live",)) == []
    assert told_after_the_end(desk, clock) == b""

    async def always(_: web.Request) -> bool:
        return True

    monkeypatch.setattr(live, "is_still_known", always)
    assert CASE_ID.encode() in told_after_the_end(desk, clock), "a stream without end is caught"


# ----------------------------------------------------------------------------------------- forms


def logout_with(desk: DeskAtHand, token: str) -> bool:
    """Return whether a form with this token is taken from somebody who is logged in."""
    browser = logged_in(desk)
    browser.send(desk.address + "/logout", token=token)
    return browser.open(desk.address + "/cases").status != 200


@settings(max_examples=20, deadline=None, suppress_health_check=[*HealthCheck])
@given(token=st.text(st.characters(exclude_categories=["Cs"]), max_size=70))
def test_a_form_with_a_made_up_token_is_not_taken(desk: DeskAtHand, token: str) -> None:
    assert not logout_with(desk, token)


def test_a_form_of_another_session_is_not_taken(
    desk: DeskAtHand, monkeypatch: pytest.MonkeyPatch
) -> None:
    theirs = token_in(logged_in(desk).open(desk.address + "/cases"))
    assert not logout_with(desk, theirs)

    def of_the_person(request: web.Request) -> str:
        return "0a" if request.get(PERSON) else ""

    monkeypatch.setattr(forms, "token_of", of_the_person)
    assert logout_with(desk, "0a"), "one token for all sessions of a person is caught"


def stored(desk: DeskAtHand, browser: BrowserAtHand, fields: Mapping[str, str]) -> int:
    """Return how many decisions a form stores."""
    before = len(desk.decisions)
    browser.send(f"{desk.address}/cases/{OPEN_ID}/decide", **fields)
    return len(desk.decisions) - before


def test_no_decision_is_stored_but_by_the_form_of_ones_own_session(
    desk: DeskAtHand, clock: Clock
) -> None:
    ann, other, nobody = logged_in(desk), logged_in(desk), BrowserAtHand()
    form = f"{desk.address}/cases/{OPEN_ID}/decide?kind=note"
    right = {**fields_in(ann.open(form)), "words": "I called three customers."}
    theirs = fields_in(other.open(form))["token"]
    for token in ("", theirs, theirs[::-1], right["token"].upper(), right["token"][:-1]):
        assert stored(desk, ann, {**right, "token": token}) == 0
    assert stored(desk, ann, {name: value for name, value in right.items() if name != "token"}) == 0
    assert stored(desk, nobody, right) == stored(desk, nobody, {**right, "token": ""}) == 0
    assert stored(desk, other, right) == 0
    assert stored(desk, ann, right) == 1
    clock.now += IDLE
    assert stored(desk, ann, right) == 0
    again = fields_in(ann.send(f"{desk.address}/cases/{OPEN_ID}/decide", **right))
    logged_in(desk, ann)
    assert stored(desk, ann, again) == 0  # it is looked through first
    last = fields_in(ann.send(f"{desk.address}/cases/{OPEN_ID}/decide", **again))
    assert last["words"] == "I called three customers."
    assert stored(desk, ann, last) == 1


def test_a_form_that_came_too_late_is_given_back_as_it_was_filled_in(
    desk: DeskAtHand, clock: Clock
) -> None:
    browser = logged_in(desk)
    token = token_in(browser.open(desk.address + "/cases"))
    clock.now += IDLE
    path = f"/logout?x={CASE_ID}"
    written = {"words": 'He <said> "no"', "token": token}
    late = browser.send(desk.address + path, **written)
    assert late.status == 401
    assert 'value="He &lt;said&gt; &#34;no&#34;"' in late.body.decode()
    assert f'action="{path}"' in late.body.decode()
    logged_in(desk, browser)
    again = browser.send(desk.address + path, **written)
    assert again.status == 403
    assert 'value="He &lt;said&gt; &#34;no&#34;"' in again.body.decode()
    assert browser.send(desk.address + path, words="x", token=token_in(again)).status == 303


def test_a_form_of_another_site_is_not_given_back(desk: DeskAtHand) -> None:
    browser = logged_in(desk)
    for header in (("Origin", "https://other.example"), ("Sec-Fetch-Site", "cross-site")):
        answer = browser.ask(desk.address + "/logout", [FORM, header], b"words=planted")
        assert answer.status == 403
        assert b"planted" not in answer.body
    assert browser.open(desk.address + PAGES[0]).status == 200
