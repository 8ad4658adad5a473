"""One agent of a report: what was counted, a picture, what to do, and what would clear them."""

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from detectors.alerts.alert import Alert
from streams.reports.contents import AgentFindings, whom_it_waits_for
from streams.reports.findings import Finding
from streams.reports.markup import Markup, Part, element
from streams.reports.names import moment_in_words, name_of
from streams.reports.pictures import comparison, course
from streams.reports.sentences import sentences_of
from streams.reports.words import words_of

MOST_EVENTS: Final = 10
"""Ids of events that are shown: enough to find the first of them in the source system."""


def card(agent: AgentFindings, since: datetime | None) -> Markup:
    """Return the part of the page about one agent."""
    return element(
        "article",
        element(
            "h3",
            element("span", agent.severity, class_=f"badge {agent.severity}"),
            f"{agent.subject.type.capitalize()} ",
            element("bdi", name_of(agent.subject.id)),
        ),
        [] if agent.case is None else element("p", f"The case {whom_it_waits_for(agent.case)}."),
        *(part for finding in agent.first_of_pattern() for part in _finding(finding, since)),
        *(part for finding in agent.repeated() for part in _repeated(finding, since)),
        class_=f"card {agent.severity}",
    )


def _title(finding: Finding, since: datetime | None) -> Markup:
    new = element("span", "new", class_="badge new") if finding.is_new(since) else ""
    title = words_of(finding.alert.pattern).title
    return element("h4", new, f"{title} ({finding.alert.severity})")


def _repeated(finding: Finding, since: datetime | None) -> Iterator[Part]:
    """Yield an alert of a pattern that was explained above: the early sign of the same sales."""
    yield _title(finding, since)
    counted, *others = sentences_of(finding.alert)
    yield element("p", counted, " ", " ".join(others[:2]))
    yield _record(finding)


def _finding(finding: Finding, since: datetime | None) -> Iterator[Part]:
    alert = finding.alert
    yield _title(finding, since)
    first, *others = sentences_of(alert)
    yield element("p", first, class_="lead")
    for sentence in alert.data_quality or ():
        yield element("p", element("strong", "Not all was seen: "), sentence)
    yield from _pictures(finding)
    yield element("ul", (element("li", sentence) for sentence in others))
    yield from _advice(alert)
    yield from _explanations(alert)
    yield _record(finding)


def _pictures(finding: Finding) -> Iterator[Markup]:
    figures = finding.steps[-1].figures
    bars = comparison(figures)
    if bars is not None:
        yield element("figure", bars)
    line = course(finding)
    if line is not None:
        yield element(
            "figure",
            line,
            element("figcaption", "The evidence as it was told, in multiples of a warning"),
        )


def _advice(alert: Alert) -> Iterator[Markup]:
    told = [
        element("p", element("strong", name), words)
        for name, words in (
            ("Next step. ", alert.next_step),
            ("It would be cleared by: ", alert.would_clear),
        )
        if words
    ]
    if told:
        yield element("div", *told, class_="do")


def _explanations(alert: Alert) -> Iterator[Markup]:
    parts: list[Part] = []
    if alert.explanations_unchecked:
        parts.append(element("p", "Nobody has checked these yet:"))
        parts.append(element("ul", (element("li", one) for one in alert.explanations_unchecked)))
    if alert.explanations_checked:
        parts.append(
            element("p", "Counted against nobody, where the events say so: sales that were")
        )
        parts.append(element("ul", (element("li", one) for one in alert.explanations_checked)))
    if parts:
        yield element(
            "details", element("summary", "Honest explanations to rule out first"), *parts
        )


def _record(finding: Finding) -> Markup:
    alert = finding.alert
    shown = ", ".join(name_of(event) for event in alert.event_ids[:MOST_EVENTS])
    more = len(alert.event_ids) - MOST_EVENTS
    events = f"{shown} and {more:,} more" if more > 0 else shown
    times = (
        f"Opened {moment_in_words(alert.opened_at)}; last changed "
        f"{moment_in_words(alert.updated_at)} (revision {alert.revision})."
    )
    names = (
        f"Alert {alert.alert_id}, pattern {alert.pattern} version {alert.pattern_version}, "
        f"settings {alert.config_hash}."
    )
    lines = (times, names, f"Events: {events}." if events else "")
    return element(
        "details",
        element("summary", "For the record"),
        (element("p", line, class_="muted") for line in lines if line),
        element(
            "p", "Recompute it: ", element("code", f"aboveboard explain {alert.alert_id} EVENTS")
        ),
    )
