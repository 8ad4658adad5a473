"""A login belongs to one browser, ends soon, and leads to no other site."""

from collections.abc import Callable
from typing import Final
from urllib.parse import urljoin, urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from streams.desk.login.attempts import LASTS_SECONDS, Attempts, landing, own_path

DESK: Final = "https://desk.example"
PARTS: Final = st.sampled_from(
    [
        *("/", "//", "\\", "\t", "\n", "\r", " ", "https:", "javascript:", "evil.example", "@"),
        *(".", ":", "%2f", "%5c", "cases", "?to=", "#", "..", "login", "ü", "\x00", "\u2215"),
    ]
)


def leads_away(path_of: Callable[[str], str], text: str) -> bool:
    """Return whether a browser that is led so leaves the desk, as the URL Standard reads it."""
    led = path_of(text)
    read = "".join(one for one in led if one not in "\t\n\r").strip("\x00\x1f ").replace("\\", "/")
    joined = urlsplit(urljoin(DESK, read))
    return f"{joined.scheme}://{joined.netloc}" != DESK or "\n" in led or "\r" in led


@given(st.lists(PARTS, max_size=8).map("".join))
@example("//evil.example")
@example("/\\evil.example")
@example("/\t/evil.example")
@example("/" * 3 + "evil.example")
def test_nobody_is_led_to_another_site(text: str) -> None:
    assert not leads_away(own_path, text)
    assert not leads_away(landing, text)


def _begins_so(text: str) -> str:
    return text if text.startswith("/") else "/"


def _has_no_host(text: str) -> str:
    return "/" if urlsplit(text).netloc else text


@pytest.mark.parametrize(
    ("broken", "text"), [(_begins_so, "//evil.example"), (_has_no_host, "/\\evil.example")]
)
def test_a_broken_look_at_an_address_is_caught(broken: Callable[[str], str], text: str) -> None:
    assert leads_away(broken, text)


@pytest.mark.parametrize(
    ("text", "led"),
    [
        ("/cases?state=open&site=a%2Fb", "/cases?state=open&site=a%2Fb"),
        ("/cases/x#top", "/cases/x#top"),
        ("/login?to=/login", "/"),
        ("/logout", "/"),
        ("cases", "/"),
        ("", "/"),
        ("/" + "a" * 3_000, "/"),
    ],
)
def test_people_come_to_pages_of_the_desk(text: str, led: str) -> None:
    assert landing(text) == led


def test_a_login_is_known_again_for_ten_minutes_by_its_own_desk() -> None:
    now = 1_000.0
    attempts = Attempts(b"k" * 32, lambda: now)
    cookie = attempts.begin("/cases?x=1")
    attempt = attempts.attempt(cookie)
    assert attempt is not None
    assert attempt.to == "/cases?x=1"
    assert len({attempt.state, attempt.nonce, attempt.verifier, cookie}) == 4
    assert 43 <= len(attempt.verifier) <= 128
    now += LASTS_SECONDS - 1
    assert attempts.attempt(cookie) == attempt
    after_a_restart = Attempts(clock=lambda: now).attempt(cookie)
    assert after_a_restart is not None
    assert after_a_restart.state != attempt.state
    now += 1
    assert attempts.attempt(cookie) is None


@given(st.text(max_size=40) | st.from_regex(r"[a-z]{0,3}\.[0-9]{1,20}\.[A-Za-z0-9_=-]{0,12}"))
def test_a_cookie_that_is_none_is_no_login_or_another_one(cookie: str) -> None:
    attempts = Attempts(b"k" * 32, lambda: 1_000.0)
    right = attempts.attempt(attempts.begin("/"))
    found = attempts.attempt(cookie)
    assert right is not None
    assert found is None or found.state != right.state
    assert found is None or not leads_away(lambda _: found.to, "")
