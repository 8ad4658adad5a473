"""The laws of cases, each a function that raises where a fold breaks it."""

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from hypothesis import Phase, settings

from detectors.alerts.alert import Subject
from detectors.cases.case import SEVERITIES, Case, CaseAlert, Entry
from detectors.events.decision import Decision
from detectors.settings import CaseSettings
from tests.detectors.cases.lives import Life
from tests.detectors.cases.people import PERSON_OF, SUBJECT

Fold = Callable[[Subject, Sequence[CaseAlert], Sequence[Decision], CaseSettings], Case | None]

Law = Callable[[Fold, Life], None]

SETTINGS: Final = CaseSettings()

SEARCH: Final = settings(
    max_examples=5_000, derandomize=True, database=None, phases=[Phase.generate]
)
"""How a life is looked for that catches what is broken; the first one will do."""


def case_of(fold: Fold, life: Life) -> Case:
    case = fold(SUBJECT, life.revisions, life.decisions, SETTINGS)
    assert case is not None
    return case


def any_order_of_revisions(fold: Fold, life: Life) -> None:
    """Ask for the same case, however revisions came, and however often."""
    case = case_of(fold, life)
    for revisions in (life.revisions[::-1], life.revisions + life.revisions[:2]):
        assert case_of(fold, Life(revisions, life.decisions)) == case


def everything_stands_on_the_record(fold: Fold, life: Life) -> None:
    """Every revision and every decision once, in the order of time, refused ones with a reason."""
    history = case_of(fold, life).history
    revisions = [(e.alert_id, e.revision) for e in history if e.alert_id is not None]
    assert sorted(revisions) == sorted((a.alert_id, a.revision) for a in life.revisions)
    decisions = [e.decision_id for e in history if e.decision_id is not None]
    assert decisions == [decision.decision_id for decision in life.decisions]
    assert [e.at for e in history] == sorted(e.at for e in history)
    assert all(e.detail for e in history if e.refused is not None)


def a_closing_takes_two_people(fold: Fold, life: Life) -> None:
    """Whoever approved is another person than whoever proposed, and may approve."""
    case = case_of(fold, life)
    if case.closing is not None:
        assert PERSON_OF[case.closing.proposed_by] != PERSON_OF[case.closing.approved_by]
    for entry in case.history:
        if entry.what == "approve" and entry.refused is None:
            assert entry.role == "approver"


def what_was_refused_changes_nothing(fold: Fold, life: Life) -> None:
    """Without the refused decisions the case stands as with them."""
    case = case_of(fold, life)
    refused = {entry.decision_id for entry in case.history if entry.refused is not None}
    counted = [one for one in life.decisions if one.decision_id not in refused]
    # A refused decision still holds its place in time: none after it in the log comes before it.
    if sorted(life.decisions, key=lambda one: one.occurred_at) == life.decisions:
        other = case_of(fold, Life(life.revisions, counted))
        for name in ("state", "assignee", "until", "proposal", "closing", "alerts", "severity"):
            assert getattr(other, name) == getattr(case, name), name


def what_is_withdrawn_beats_people(fold: Fold, life: Life) -> None:
    """Ask that a case is withdrawn if, and only if, all of its alerts are."""
    case = case_of(fold, life)
    newest = {a.alert_id: a for a in sorted(life.revisions, key=lambda a: a.revision)}
    gone = all(alert.status == "withdrawn" for alert in newest.values())
    assert (case.state == "withdrawn") == gone
    if gone:
        assert case.closing is None
        assert case.proposal is None


def nothing_sleeps_through_news(fold: Fold, life: Life) -> None:
    """Ask that what is put aside at the end was not told anything new since."""
    case = case_of(fold, life)
    if case.state in ("acknowledged", "snoozed", "closed", "proposed"):
        before, after = _since_put_aside(case, life)
        confirmed = case.closing is not None and case.closing.outcome == "confirmed"
        for alert in after:
            assert not _is_news(before, alert, confirmed=confirmed), alert


def nothing_wakes_without_news(fold: Fold, life: Life) -> None:
    """Whatever woke a case was news to whoever put it aside."""
    case = case_of(fold, life)
    for place, entry in enumerate(case.history):
        if entry.woke is None or entry.woke == "partly_withdrawn":
            continue
        aside = max(n for n, e in enumerate(case.history[:place]) if _puts_aside(e))
        before = list(_revisions(case.history[:aside], life))
        (alert,) = _revisions([entry], life)
        assert _is_news(before, alert, confirmed=False), entry


def _puts_aside(entry: Entry) -> bool:
    kinds = ("acknowledge", "snooze", "propose", "approve")
    return entry.what in kinds and entry.refused is None


def _since_put_aside(case: Case, life: Life) -> tuple[list[CaseAlert], list[CaseAlert]]:
    """Return the revisions before the case was put aside last, and those after it."""
    # A proposal that was rejected leaves an older snooze in force: this may look at less, not more.
    aside = max(n for n, entry in enumerate(case.history) if _puts_aside(entry))
    return (
        list(_revisions(case.history[:aside], life)),
        list(_revisions(case.history[aside:], life)),
    )


def _revisions(history: Sequence[Entry], life: Life) -> Iterator[CaseAlert]:
    known = {(alert.alert_id, alert.revision): alert for alert in life.revisions}
    for entry in history:
        if entry.alert_id is not None and entry.revision is not None:
            yield known[entry.alert_id, entry.revision]


def _is_news(before: Sequence[CaseAlert], alert: CaseAlert, *, confirmed: bool) -> bool:
    """Return what the rule calls news, said in another way than the code says it."""
    newest = {one.alert_id: one for one in before}
    told = [one for one in newest.values() if one.status != "withdrawn"]
    if alert.status != "open":
        return False
    if alert.alert_id not in {one.alert_id for one in told}:
        return True
    if confirmed:
        return False
    worst = max(SEVERITIES.index(one.severity) for one in told)
    most = max(one.observed for one in told if one.pattern == alert.pattern)
    return SEVERITIES.index(alert.severity) > worst or alert.observed >= 2 * most


LAWS: Final[tuple[Law, ...]] = (
    any_order_of_revisions,
    everything_stands_on_the_record,
    a_closing_takes_two_people,
    what_was_refused_changes_nothing,
    what_is_withdrawn_beats_people,
    nothing_sleeps_through_news,
    nothing_wakes_without_news,
)
