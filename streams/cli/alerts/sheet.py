"""An alert on one sheet, for a reader in a hurry: what, how much, since when, and what to do."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Final

from msgspec import Struct

from detectors.alerts.alert import Alert
from detectors.cases.case import Case, Proposal
from streams.cli.alerts.case_alerts import CaseAlerts, seen_options, shell_word
from streams.cli.alerts.figures import figures_of

_MOST_EVENTS: Final = 20
"""Ids of events that are shown; `explain` goes through all of them."""


class Sheet(Struct, frozen=True):
    """What is known of an alert: ``revisions`` in their order, ``case`` None if it was not told.

    ``known.named`` is the alert.
    """

    known: CaseAlerts
    revisions: Sequence[Alert]
    case: Case | None

    def lines(self) -> Iterator[str]:
        """Yield the sheet. Ids and sentences stand in it as sources and people wrote them."""
        alert = self.revisions[-1]
        yield alert.summary
        yield (
            f"{alert.severity}, {alert.status}, about the {alert.subject.type} "
            f'"{alert.subject.id}", by {alert.pattern} version {alert.pattern_version}'
        )
        yield (
            f"alert {alert.alert_id}, revision {alert.revision}, opened "
            f"{_minute(alert.opened_at)}, changed {_minute(alert.updated_at)} (all times UTC)"
        )
        if alert.agent_id is not None and alert.subject.type != "agent":
            yield f'agent concerned: "{alert.agent_id}"'
        yield from _section("What may be wrong with it", alert.data_quality or ())
        yield from _section("What to do first", [alert.next_step] if alert.next_step else ())
        yield from _section("What would clear it", [alert.would_clear] if alert.would_clear else ())
        yield from _section(
            "Honest explanations that nobody has checked", alert.explanations_unchecked or ()
        )
        yield from _section(
            "Counted against nobody, where the events say so: sales that were",
            alert.explanations_checked or (),
        )
        yield from _section("Figures", figures_of(alert))
        yield from _section(f"Events named ({len(alert.event_ids):,})", _events(alert))
        yield from _section("Revisions", map(_revision, self.revisions))
        others = [_other(one) for one in self.known.alerts if one.alert_id != alert.alert_id]
        yield from _section(f"Other alerts about the same {alert.subject.type}", others)
        yield from _section(f"Case {self.known.case_id}", self._decided())
        yield from _section("Commands", self._next(alert))

    def _decided(self) -> Iterator[str]:
        case = self.case
        if case is None:
            yield "nobody has decided anything, or it was not judged yet"
            return
        whose = "nobody's" if case.assignee is None else f"{case.assignee}'s"
        until = "" if case.until is None else f" until {_minute(case.until)}"
        yield f"{case.state}{until}, {case.severity}, {whose}"
        if case.proposal is not None:
            yield f"waits for another person: {proposal_in_words(case.proposal)}"
        if case.closing is not None:
            closing = case.closing
            why = "" if closing.explanation is None else f" ({closing.explanation})"
            yield (
                f"closed as {closing.outcome}{why} by {closing.proposed_by} and "
                f"{closing.approved_by}: {closing.words}"
            )
        for entry in case.history:
            if entry.who is None:
                continue
            words = "" if entry.words is None else f": {entry.words}"
            refused = "" if entry.refused is None else f"; refused ({entry.refused}) {entry.detail}"
            yield (f"{_minute(entry.at)}  {entry.who} ({entry.role})  {entry.what}{words}{refused}")

    def _next(self, alert: Alert) -> Iterator[str]:
        name = shell_word(alert.alert_id)
        yield "check it from the events:  aboveboard explain " + name + " EVENTS --config SETTINGS"
        decide = f"aboveboard alerts decide {name}"
        if self.case is not None and self.case.proposal is not None:
            proposal = shell_word(self.case.proposal.decision_id)
            decide += f" approve --proposal {proposal} --role approver"
        elif self.case is not None and self.case.closing is not None:
            decide += " reopen --note WORDS"
        else:
            decide += " acknowledge --until 4h"
        yield f"decide on what is here:    {decide} {seen_options(self.known.rests_on())}"


def proposal_in_words(proposal: Proposal) -> str:
    """Return who proposes what, and why."""
    why = "" if proposal.explanation is None else f" ({proposal.explanation})"
    return f"{proposal.who} proposes {proposal.outcome}{why}: {proposal.words}"


def _events(alert: Alert) -> Iterator[str]:
    yield from alert.event_ids[:_MOST_EVENTS]
    more = len(alert.event_ids) - _MOST_EVENTS
    if more > 0:
        yield f"and {more:,} more: aboveboard alerts list --format json has all of them"


def _revision(alert: Alert) -> str:
    return (
        f"{alert.revision:>3}  {_minute(alert.updated_at)}  {alert.severity:<8}  "
        f"{alert.status:<9}  {alert.summary}"
    )


def _other(alert: Alert) -> str:
    return (
        f"{alert.alert_id}  revision {alert.revision}  {alert.severity:<8}  {alert.status:<9}  "
        f"{alert.summary}"
    )


def _section(title: str, lines: Iterator[str] | Sequence[str]) -> Iterator[str]:
    """Yield a section, nothing if it has no lines."""
    found = list(lines)
    if found:
        yield ""
        yield title
        yield from (f"  {line}" for line in found)


def _minute(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M}"
