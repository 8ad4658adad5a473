"""The parts of the page about alerts that ended, and about changes that accuse nobody."""

from collections.abc import Iterator, Sequence

from streams.printable import printable
from streams.reports.contents import MOST_ENDED, Contents
from streams.reports.findings import Finding
from streams.reports.markup import Markup, Part, element
from streams.reports.names import counted, day_in_words, name_of
from streams.reports.words import words_of


def ending_parts(contents: Contents) -> Iterator[Markup]:
    """Yield what was withdrawn, what was resolved, and the changes to look at."""
    yield element("h2", "Ended", id="ended")
    resolved, withdrawn = contents.ended_accounts
    if not contents.ended:
        yield element("p", "No warning was resolved or withdrawn.")
    for status, told in (
        ("withdrawn", "Withdrawn: what was said does not hold. Tell whoever heard it."),
        ("resolved", "Resolved: it does not go on, or nothing more is heard. Each says which."),
    ):
        ended = [one for one in contents.ended if one.alert.status == status]
        if ended:
            yield element("p", told)
            yield _list(ended)
    if withdrawn:
        yield element("p", f"Of accounts: {counted(withdrawn, 'alert')} withdrawn.")
    if resolved:
        yield element("p", f"Of accounts: {counted(resolved, 'alert')} resolved.")
    if contents.ended_changes:
        changes = counted(contents.ended_changes, "change")
        yield element("p", f"Of changes to look at: {changes} ended.")
    if contents.changes:
        yield element("h2", "Changes to look at", id="changes")
        yield element("p", "They accuse nobody: an agent does something else than before.")
        yield _list(contents.changes)


def _list(findings: Sequence[Finding]) -> Markup:
    more = len(findings) - MOST_ENDED
    return element(
        "ul",
        (element("li", _line(finding)) for finding in findings[:MOST_ENDED]),
        element("li", f"and {more:,} more") if more > 0 else "",
    )


def _line(finding: Finding) -> Part:
    alert = finding.alert
    return [
        element("bdi", name_of(alert.subject.id)),
        f", {printable(words_of(alert.pattern).title).lower()}, {day_in_words(alert.updated_at)}: ",
        element("span", alert.summary, class_="muted"),
    ]
