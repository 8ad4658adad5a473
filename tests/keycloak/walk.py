"""People log in at Keycloak, as docs/access.md has it; `make test-keycloak` runs this.

It is no part of `make test`: Keycloak is 150 MB, and starts for minutes.
"""

import os
import shutil
import time
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from typing import Final

import pytest

from streams.demo.ports import free_port
from tests.logged_process import LoggedProcess
from tests.streams.desk.browser_at_hand import BrowserAtHand, token_in
from tests.streams.desk.desk_at_hand import DeskAtHand
from tests.streams.desk.login_desk import desk_at_provider

PATIENCE: Final = 600.0
"""Seconds: it compiles itself on its first start."""

PASSWORD: Final = "of a test"  # noqa: S105 - of a test
CASES: Final = "/cases?severity=warning"


def is_up(port: int) -> bool:
    """Return whether Keycloak knows the realm."""
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("GET", "/realms/bank/.well-known/openid-configuration")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


@pytest.fixture(scope="module")
def keycloak() -> Iterator[str]:
    """Yield the address of a realm of Keycloak, unpacked in the folder ABOVEBOARD_KEYCLOAK."""
    home = Path(os.environ["ABOVEBOARD_KEYCLOAK"])
    (home / "data" / "import").mkdir(parents=True, exist_ok=True)
    shutil.copy(Path(__file__).parent / "bank.json", home / "data" / "import")
    port = free_port()
    command = ["/bin/bash", str(home / "bin" / "kc.sh"), "start-dev", "--import-realm"]
    command += ["--db=dev-mem", "--http-host=127.0.0.1", f"--http-port={port}"]
    with LoggedProcess(command, {**os.environ}) as process:
        deadline = time.monotonic() + PATIENCE
        while not is_up(port):
            assert time.monotonic() < deadline, process.log()
            time.sleep(0.5)
        yield f"http://127.0.0.1:{port}/realms/bank"


@pytest.fixture(scope="module")
def desk(keycloak: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeskAtHand]:
    """Yield a desk at which people of the realm log in."""
    secret = tmp_path_factory.mktemp("client") / "secret"
    secret.write_text(PASSWORD)
    roles = {"desk_oidc_roles_claim": "realm_access.roles"}
    with desk_at_provider(keycloak, "aboveboard-desk", secret, free_port(), **roles) as desk:
        yield desk


def logged_in(desk: DeskAtHand, who: str) -> BrowserAtHand:
    """Return a browser in which somebody has given their password to Keycloak."""
    browser = BrowserAtHand()
    form = browser.follow(browser.open(desk.address + CASES), "Log in")
    browser.fill_in(form, username=who, password=PASSWORD)
    return browser


def test_people_log_in_at_keycloak_and_come_back(desk: DeskAtHand) -> None:
    browser = logged_in(desk, "ann")
    assert browser.at == desk.address + CASES
    assert browser.open(desk.address + CASES).status == 200
    assert (desk.lookups[-1].who, desk.lookups[-1].role) == ("ann", "reviewer")


def test_who_logs_out_there_too_is_asked_for_their_password(desk: DeskAtHand) -> None:
    browser = logged_in(desk, "ann")
    shown = browser.open(desk.address + CASES)
    browser.send(desk.address + "/logout", token=token_in(shown))
    known = browser.follow(browser.open(desk.address + CASES), "Log in")
    assert known.status == 200
    assert 'name="password"' not in known.body.decode()
    browser.send(desk.address + "/logout", token=token_in(known))
    end = browser.follow(browser.open(desk.address + "/login?out=1"), "Log out at [^<]+, too")
    browser.fill_in(end, confirmLogout="Logout")
    asked = browser.follow(browser.open(desk.address + CASES), "Log in")
    assert 'name="password"' in asked.body.decode()


def test_who_has_no_role_at_keycloak_sees_nothing(desk: DeskAtHand) -> None:
    before = len(desk.lookups)
    browser = logged_in(desk, "eve")
    assert browser.open(desk.address + CASES).status == 401
    assert len(desk.lookups) == before
