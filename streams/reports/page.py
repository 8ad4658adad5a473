"""A report as one HTML page without scripts and without network."""

from collections.abc import Iterator
from typing import Final

from detectors.alerts.alert import Severity
from detectors.cases.case import Case
from streams.reports.account_part import accounts_part
from streams.reports.card import card
from streams.reports.contents import Contents, counted_by_kind, whom_it_waits_for
from streams.reports.ending_part import ending_parts
from streams.reports.markup import Markup, Part, element, joined
from streams.reports.names import moment_in_words, name_of
from streams.reports.style import STYLE
from streams.reports.unseen import Unseen
from streams.reports.words import HOW_TO_READ, PROMISE

_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; form-action 'none'"
"""Whatever a source put into an id, the browser runs and loads nothing."""


def page(contents: Contents) -> str:
    """Return the page; the same contents give the same bytes."""
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=_POLICY),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="referrer", content="no-referrer"),
        element("meta", name="color-scheme", content="light dark"),
        element("title", f"Aboveboard: {contents.headline()}"),
        element("style", Markup(STYLE)),
    )
    body = element(
        "body",
        element("header", element("h1", "Aboveboard report"), _reach(contents)),
        element("main", _main(contents)),
    )
    return f"<!doctype html>\n{element('html', head, body, lang='en')}\n"


def _reach(contents: Contents) -> Iterator[Markup]:
    if contents.judged_until is not None:
        yield element(
            "p", f"Judged up to {moment_in_words(contents.judged_until)}. {PROMISE}", class_="muted"
        )
    if contents.since is not None:
        yield element("p", f"New is what came since {moment_in_words(contents.since)}.")


def _main(contents: Contents) -> Iterator[Part]:
    yield _unseen(contents.unseen)
    yield _tiles(contents)
    yield from _open(contents, "critical", "Critical", "No agent has an open critical alert.")
    yield from _open(contents, "warning", "Warnings", "No agent has an open warning alone.")
    if contents.waiting:
        yield element("h2", "Cases that wait", id="waiting")
        yield element("ul", (element("li", _waiting(case)) for case in contents.waiting))
    yield from ending_parts(contents)
    yield from accounts_part(contents)
    yield element(
        "details",
        element("summary", "How to read this page"),
        element("ul", (element("li", sentence) for sentence in HOW_TO_READ)),
    )


def _unseen(unseen: Unseen) -> Markup:
    kind = "p" if not unseen.loud() else "li"
    told = [element(kind, sentence) for sentence in unseen.told()]
    parts: list[Part] = [element("h2", "What was not seen")]
    parts.append(told if kind == "p" else element("ul", told))
    if unseen.notes or unseen.read:
        parts.append(
            element(
                "details",
                element("summary", "What was read, and what met nothing"),
                _read(unseen),
                element("ul", (element("li", note) for note in unseen.notes)),
            )
        )
    return element("section", *parts, class_="unseen", id="unseen")


def _read(unseen: Unseen) -> Part:
    if not unseen.read:
        return ""
    heads = (
        ("events", None),
        ("counted", "number"),
        ("changed nothing", "number"),
        ("newest", None),
    )
    rows = (
        element(
            "tr",
            element("td", source.name),
            element("td", f"{source.applied:,}", class_="number"),
            element("td", f"{source.unchanged:,}", class_="number"),
            element("td", "none" if source.newest is None else moment_in_words(source.newest)),
        )
        for source in unseen.read
    )
    return element(
        "table",
        element("tr", (element("th", name, class_=kind) for name, kind in heads)),
        rows,
    )


def _tiles(contents: Contents) -> Markup:
    tiles = [
        ("critical", len(contents.of_severity("critical")), "critical", "critical"),
        ("warning", len(contents.of_severity("warning")), "warnings only", "warning"),
    ]
    if contents.since is not None:
        tiles.append(("critical", len(contents.new()), "new alerts", ""))
    tiles += [
        ("ended", len(contents.ended), "ended", ""),
        ("accounts", contents.open_accounts(), "accounts to check", ""),
    ]
    return element(
        "ul",
        (
            element("li", element("a", _tile(number, name, kind), href=f"#{target}"))
            for target, number, name, kind in tiles
        ),
        class_="tiles",
    )


def _tile(number: int, name: str, kind: str) -> Markup:
    return joined([element("b", f"{number:,}", class_=kind if number and kind else None), name])


def _open(contents: Contents, severity: Severity, title: str, empty: str) -> Iterator[Markup]:
    agents = contents.of_severity(severity)
    number = f" ({counted_by_kind(agents)}, the strongest first)" if agents else ""
    yield element("h2", title, element("span", number, class_="muted"), id=severity)
    if not agents:
        yield element("p", empty)
    for agent in agents:
        yield card(agent, contents.since)


def _waiting(case: Case) -> Part:
    return [
        element("span", case.severity, class_=f"badge {case.severity}"),
        f"{case.subject.type} ",
        element("bdi", name_of(case.subject.id)),
        f" {whom_it_waits_for(case)}.",
    ]
