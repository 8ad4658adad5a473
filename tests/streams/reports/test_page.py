"""The page runs nothing, loads nothing, and begins with what was not seen."""

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest
from msgspec import UNSET
from msgspec.structs import replace

from streams.reports.contents import Contents
from streams.reports.page import page
from streams.reports.text import text
from streams.reports.unseen import Unseen
from tests.streams.reports.read_page import ReadPage
from tests.streams.reports.reported import (
    DAY,
    HOSTILE,
    OPENED,
    about_account,
    about_agent,
    case_about,
    contents_with,
    hostile_contents,
    lacking,
)

Form = Callable[[Contents], str]
FORMS: Final[tuple[Form, ...]] = (page, text)

POLICY: Final = '<meta http-equiv="Content-Security-Policy"'


@pytest.fixture(scope="module")
def browser() -> str:
    """Return the path of Chromium; `.ci/run` installs it."""
    found = shutil.which("chromium")
    if found is None:
        pytest.skip("chromium is not here; on Debian the package chromium brings it")
    return found


def title_in(browser: str, path: Path) -> str:
    """Return the title of a page after its scripts have run, if it has any."""
    dumped = subprocess.run(
        [browser, "--headless", "--no-sandbox", "--disable-gpu", "--dump-dom", path.as_uri()],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    ).stdout
    return dumped.partition("<title>")[2].partition("</title>")[0]


def test_a_page_of_hostile_ids_holds_nothing_that_runs_or_loads() -> None:
    written = page(hostile_contents())
    assert ReadPage(written).dangers() == []
    assert POLICY in written


def test_every_report_of_hostile_ids_is_printable() -> None:
    for written in (page(hostile_contents()), text(hostile_contents())):
        assert all(character.isprintable() or character == "\n" for character in written)


def test_an_id_that_is_not_plain_stands_in_quotes_and_begins_no_formula() -> None:
    written = page(hostile_contents())
    ids = [after.partition("</bdi>")[0] for after in written.split("<bdi>")[1:]]
    assert len(ids) > len(HOSTILE)
    assert all(one.startswith("“") and one.endswith("”") for one in ids)


def test_in_a_browser_no_script_of_an_id_runs(browser: str, tmp_path: Path) -> None:
    """The page alone must hold: its policy, the second lock, is taken away here."""
    ours, broken = tmp_path / "ours.html", tmp_path / "broken.html"
    written = page(hostile_contents()).replace(POLICY, "<meta name='nothing'")
    ours.write_text(written, encoding="utf-8")
    # The same page with one id unescaped, to see that the browser would have told.
    scripted = written.replace("<main>", f"<main>{HOSTILE[0]}")
    broken.write_text(scripted, encoding="utf-8")
    assert title_in(browser, broken) == "run"
    assert title_in(browser, ours).startswith("Aboveboard: ")


def test_in_a_browser_the_policy_alone_stops_a_script(browser: str, tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    scripted = page(hostile_contents()).replace("<main>", f"<main>{HOSTILE[0]}{HOSTILE[1]}")
    path.write_text(scripted, encoding="utf-8")
    assert title_in(browser, path).startswith("Aboveboard: ")


def contents() -> Contents:
    return contents_with(
        lacking(about_agent("agent-7", severity="critical"), "sales lack 3 records"),
        about_agent("agent-7", pattern="quick_cancellation_early"),
        about_agent("agent-8"),
        about_agent("agent-9", status="withdrawn"),
        about_agent("agent-5", pattern="volume_shift", severity="info"),
        *(about_account(f"account-{number}", f"agent-{number % 30}") for number in range(500)),
        unseen=Unseen(sources=("No sales were read.",), lost=("3 records were refused.",)),
        cases=(case_about("agent-8", assignee="eve"),),
    )


@pytest.mark.parametrize("form", FORMS)
def test_both_forms_open_with_what_was_not_seen(form: Form) -> None:
    written = form(contents())
    body = written.partition("<body>")[2] or written
    places = [
        body.index(words)
        for words in ("What was not seen", "No sales were read", "agent-7", "agent-8", "agent-9")
    ]
    assert places == sorted(places)


@pytest.mark.parametrize("form", FORMS)
def test_accounts_are_counted_and_not_listed_by_the_thousand(form: Form) -> None:
    written = form(contents())
    assert "500 open alerts" in written
    assert written.count("account-") <= 50
    assert "20 others" in written


@pytest.mark.parametrize("form", FORMS)
def test_what_to_do_is_told_as_the_alert_tells_it(form: Form) -> None:
    words = {
        "next_step": "Ask five customers.",
        "would_clear": "A roster.",
        "explanations_checked": ("replaced",),
        "explanations_unchecked": ("A shared login.",),
    }
    told = form(contents_with(replace(about_agent(), **words)))
    for one in ("Ask five customers.", "A roster.", "sales that were", "replaced", "A shared log"):
        assert one in told
    bare = form(contents_with(replace(about_agent(), **dict.fromkeys(words, UNSET))))
    for one in ("Next step", "cleared by", "against nobody", "Nobody has", "rule out", "UNSET"):
        assert one not in bare


@pytest.mark.parametrize("form", FORMS)
def test_the_same_contents_give_the_same_bytes(form: Form) -> None:
    assert form(contents()) == form(contents())


def test_what_is_new_bears_a_mark() -> None:
    old = about_agent("agent-1", updated_at=OPENED)
    new = about_agent("agent-2", updated_at=OPENED + 9 * DAY)
    written = page(contents_with(old, new, since=OPENED + DAY))
    assert written.count(">new<") == 1
    assert "new" not in page(contents_with(old, new)).partition("<main>")[2].partition("How to")[0]
