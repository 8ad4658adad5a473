"""People log in at a real OpenID Connect provider: what is certified and not ours, over HTTP."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from streams.demo.ports import free_port
from tests.alertmanager import wait_for
from tests.logged_process import LoggedProcess
from tests.streams.access.login_at_hand import CLIENT, SECRET
from tests.streams.desk.browser_at_hand import BrowserAtHand, token_in
from tests.streams.desk.desk_at_hand import DeskAtHand
from tests.streams.desk.login_desk import desk_at_provider

CASES: Final = "/cases?severity=warning"


@pytest.fixture(scope="module")
def port() -> int:
    return free_port()


@pytest.fixture(scope="module")
def provider(login_provider: Path, port: int) -> Iterator[str]:
    """Yield the address of the provider `oidc-provider`, which knows the desk."""
    node = shutil.which("node")
    assert node is not None
    back = f"http://127.0.0.1:{port}/login/return"
    command: list[str | Path] = [node, login_provider / "provider.mjs", CLIENT, SECRET, back]
    with LoggedProcess(command, {**os.environ, "NODE_NO_WARNINGS": "1"}) as process:
        wait_for(lambda: "http://" in process.log(), process.log)
        yield next(one for one in process.log().split() if one.startswith("http://"))


@pytest.fixture(scope="module")
def desk(
    provider: str, port: int, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[DeskAtHand]:
    secret = tmp_path_factory.mktemp("client") / "secret"
    secret.write_text(SECRET + "\n")
    with desk_at_provider(provider, CLIENT, secret, port) as desk:
        yield desk


def logged_in(desk: DeskAtHand, who: str) -> BrowserAtHand:
    browser = BrowserAtHand()
    form = browser.follow(browser.open(desk.address + CASES), "Log in")
    consent = browser.fill_in(form, login=who, password="any")  # noqa: S106 - it takes any
    browser.fill_in(consent)
    return browser


def test_people_log_in_at_a_real_provider_and_come_back(desk: DeskAtHand) -> None:
    browser = logged_in(desk, "ann.reviewer")
    assert browser.at == desk.address + CASES
    shown = browser.open(desk.address + CASES)
    assert shown.status == 200
    assert (desk.lookups[-1].who, desk.lookups[-1].role) == ("ann", "reviewer")
    browser.send(desk.address + "/logout", token=token_in(shown))
    assert browser.open(desk.address + CASES).status == 401
    # The provider still knows them: no password is asked for, as docs/access.md says.
    assert browser.follow(browser.open(desk.address + CASES), "Log in").status == 200
    # Unless they log out there, too, and say yes when they are asked.
    browser.fill_in(
        browser.follow(browser.open(desk.address + "/login?out=1"), "Log out at [^<]+, too"),
        logout="yes",
    )
    out = BrowserAtHand()
    out.jar.update(browser.jar)
    out.jar.pop(desk.address)
    asked = out.follow(out.open(desk.address + CASES), "Log in")
    assert 'name="password"' in asked.body.decode()


def test_who_has_no_role_at_the_provider_sees_nothing(desk: DeskAtHand) -> None:
    before = len(desk.lookups)
    browser = logged_in(desk, "eve")
    assert browser.open(desk.address + CASES).status == 401
    assert len(desk.lookups) == before


def test_a_code_is_good_for_the_browser_that_began(desk: DeskAtHand) -> None:
    thief, victim = BrowserAtHand(), BrowserAtHand()
    form = thief.follow(thief.open(desk.address + CASES), "Log in")
    thief.fill_in(thief.fill_in(form, login="ann.reviewer", password="any"))  # noqa: S106 - it takes any
    begun = thief.ask(desk.address + "/login/start").headers["location"]
    back = thief.ask(begun).headers["location"]
    victim.ask(desk.address + "/login/start")
    assert victim.open(back).status == 400
    assert victim.open(desk.address + CASES).status == 401
