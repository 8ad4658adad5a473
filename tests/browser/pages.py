"""Every page that people see, by a name, and where it stands."""

from typing import Final

from playwright.sync_api import Page

PAGES: Final = {
    "queue": "/cases",
    "queue-all": "/cases?state=all&severity=warning",
    "nothing-found": "/cases?q=nobody-of-this-name",
    "case": "/cases/{case}",
    "case-of-an-account": "/cases/{account}",
    "propose": "/cases/{case}/decide?kind=propose",
    "snooze": "/cases/{case}/decide?kind=snooze",
    "inbox": "/inbox",
    "overview": "/overview",
    "fairness": "/fairness",
    "problem": "/cases/nothing",
    "explain": "/cases/{case}/explain/{alert}",
}
"""``{case}`` stands for the id of the case of an agent and ``{alert}`` for that of an alert in it,
``{account}`` for the id of the case of an account."""

NO_PAGES: Final = frozenset(
    {
        "/",  # leads to the queue
        "/alerts/{id}",  # leads to a case
        "/audit.jsonl",
        "/cases.csv",
        "/cases/{id}/export.html",  # a file
        "/live",
        "/login/return",  # lead to the issuer, and back
        "/login/start",
        "/queue/rows",  # a part of the queue
        "/static/{name}",
    }
)

PROBLEM: Final = "status of 404"
"""What a browser says of the page that is not there."""

_RECOMPUTED_MILLISECONDS: Final = 120_000


def show(page: Page, address: str) -> None:
    """Open an address, and wait until the page asks for nothing more of itself."""
    page.goto(address)
    waiting = page.locator("main [hx-trigger^=load]")
    waiting.first.wait_for(state="detached", timeout=_RECOMPUTED_MILLISECONDS)
