"""A report as plain text, in the order of the page, for mail, terminals and screen readers."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from textwrap import wrap
from typing import Final

from detectors.alerts.alert import Alert, Severity
from streams.printable import printable
from streams.reports.contents import (
    MOST_AGENTS_NAMED,
    MOST_ENDED,
    AgentFindings,
    Contents,
    counted_by_kind,
    whom_it_waits_for,
)
from streams.reports.findings import Finding
from streams.reports.names import counted, day_in_words, moment_in_words, name_of
from streams.reports.sentences import sentences_of
from streams.reports.words import ACCOUNTS, HOW_TO_READ, PROMISE, words_of

_WIDTH: Final = 78


def text(contents: Contents) -> str:
    """Return the text; lines of at most 78 characters where words allow it."""
    return "".join(f"{printable(line)}\n" for line in _lines(contents))


def _lines(contents: Contents) -> Iterator[str]:
    yield from _heading(f"Aboveboard report: {contents.headline()}", "=")
    if contents.judged_until is not None:
        yield from _wrapped(f"Judged up to {moment_in_words(contents.judged_until)}. {PROMISE}")
    if contents.since is not None:
        yield from _wrapped(
            f"New is what came since {moment_in_words(contents.since)}: "
            f"{counted(len(contents.new()), 'alert')} about agents."
        )
    yield from _unseen(contents)
    yield from _open(contents, "critical", "Critical")
    yield from _open(contents, "warning", "Warnings")
    if contents.waiting:
        yield from _heading("Cases that wait")
        for case in contents.waiting:
            name = f"{case.subject.type} {name_of(case.subject.id)}"
            yield from _item(f"{case.severity}: {name} {whom_it_waits_for(case)}.")
    yield from _ended(contents)
    yield from _accounts(contents)
    yield from _heading("How to read this")
    for sentence in HOW_TO_READ:
        yield from _item(sentence)


def _unseen(contents: Contents) -> Iterator[str]:
    unseen = contents.unseen
    yield from _heading("What was not seen")
    for sentence in unseen.told():
        yield from _item(sentence)
    if unseen.notes or unseen.read:
        yield ""
        yield "What was read, and what met nothing:"
    for source in unseen.read:
        newest = "none" if source.newest is None else moment_in_words(source.newest)
        yield from _item(
            f"{source.name}: {source.applied:,} counted, {source.unchanged:,} changed nothing, "
            f"newest: {newest}"
        )
    for note in unseen.notes:
        yield from _item(note)


def _open(contents: Contents, severity: Severity, title: str) -> Iterator[str]:
    agents = contents.of_severity(severity)
    yield from _heading(f"{title}: {counted_by_kind(agents)}")
    for agent in agents:
        yield from _agent(agent, contents.since)


def _agent(agent: AgentFindings, since: datetime | None) -> Iterator[str]:
    yield ""
    yield f"{agent.subject.type.capitalize()} {name_of(agent.subject.id)} ({agent.severity})"
    if agent.case is not None:
        yield from _item(f"The case {whom_it_waits_for(agent.case)}.")
    repeated = agent.repeated()
    for finding in (*agent.first_of_pattern(), *repeated):
        alert, words = finding.alert, words_of(finding.alert.pattern)
        new = "new, " if finding.is_new(since) else ""
        yield ""
        yield f"  {printable(words.title)} ({new}{alert.severity}), alert {name_of(alert.alert_id)}"
        for sentence in sentences_of(alert):
            yield from _item(sentence)
        for sentence in alert.data_quality or ():
            yield from _item(f"Not all was seen: {printable(sentence)}")
        if finding in repeated:
            continue
        yield from _advice(alert)


def _advice(alert: Alert) -> Iterator[str]:
    if alert.next_step:
        yield from _item(f"Next step: {alert.next_step}")
    if alert.would_clear:
        yield from _item(f"It would be cleared by: {alert.would_clear}")
    if alert.explanations_unchecked:
        yield from _item(f"Nobody has checked yet: {' '.join(alert.explanations_unchecked)}")
    if alert.explanations_checked:
        checked = "; ".join(alert.explanations_checked)
        yield from _item(f"Counted against nobody: sales that were {checked}.")


def _ended(contents: Contents) -> Iterator[str]:
    yield from _heading("Ended")
    resolved, withdrawn = contents.ended_accounts
    if not contents.ended:
        yield "No warning was resolved or withdrawn."
    for status in ("withdrawn", "resolved"):
        yield from _list([one for one in contents.ended if one.alert.status == status])
    if resolved or withdrawn:
        yield from _item(f"Of accounts: {withdrawn:,} withdrawn, {resolved:,} resolved.")
    if contents.ended_changes:
        yield from _item(f"Of changes to look at: {contents.ended_changes:,} ended.")
    if contents.changes:
        yield from _heading("Changes to look at: they accuse nobody")
        yield from _list(contents.changes)


def _list(findings: Iterable[Finding]) -> Iterator[str]:
    found = list(findings)
    for finding in found[:MOST_ENDED]:
        alert = finding.alert
        yield from _item(
            f"{alert.status}: {alert.subject.type} {name_of(alert.subject.id)}, "
            f"{printable(alert.pattern)}, {day_in_words(alert.updated_at)}: "
            f"{printable(alert.summary)}"
        )
    if len(found) > MOST_ENDED:
        yield from _item(f"and {len(found) - MOST_ENDED:,} more")


def _accounts(contents: Contents) -> Iterator[str]:
    yield from _heading(f"Accounts to check: {counted(contents.open_accounts(), 'open alert')}")
    if not contents.accounts:
        return
    yield from _wrapped(ACCOUNTS)
    for one in contents.accounts[:MOST_AGENTS_NAMED]:
        seller = "no selling agent" if one.agent_id is None else f"agent {name_of(one.agent_id)}"
        yield from _item(f"{seller}: {counted(one.open, 'account')}")
    others = contents.accounts[MOST_AGENTS_NAMED:]
    if others:
        accounts = counted(sum(one.open for one in others), "account")
        yield from _item(f"{counted(len(others), 'other')}: {accounts}")


def _heading(title: str, line: str = "-") -> Iterator[str]:
    if line == "-":
        yield ""
    yield title
    yield line * min(len(title), _WIDTH)


def _item(sentence: str) -> Iterator[str]:
    yield from _wrapped(sentence, "- ", "  ")


def _wrapped(sentence: str, first: str = "", other: str = "") -> Iterator[str]:
    yield from wrap(
        printable(sentence),
        _WIDTH,
        initial_indent=first,
        subsequent_indent=other,
        break_long_words=False,
        break_on_hyphens=False,
    )
