"""Every page that people see, by a name, and where it stands."""

from typing import Final

PAGES: Final = {
    "queue": "/cases",
    "queue-all": "/cases?state=all&severity=warning",
    "nothing-found": "/cases?q=nobody-of-this-name",
    "case": "/cases/{case}",
    "case-of-an-account": "/cases/{account}",
    "explain": "/cases/{case}/explain/{alert}",
    "propose": "/cases/{case}/decide?kind=propose",
    "snooze": "/cases/{case}/decide?kind=snooze",
    "inbox": "/inbox",
    "overview": "/overview",
    "fairness": "/fairness",
    "problem": "/cases/nothing",
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
