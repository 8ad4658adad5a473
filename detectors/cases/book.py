"""All cases: takes alerts and decisions in any order, and says which cases changed."""

from collections.abc import Iterator
from typing import Final

from msgspec import Struct, field

from detectors.alerts.alert import Alert, Subject
from detectors.cases.case import Case, CaseAlert, case_alert, case_id_of
from detectors.cases.fold import fold
from detectors.events.decision import Decision
from detectors.settings import CaseSettings


class _Page(Struct):
    """What is known of one case. ``subject`` is None until an alert about it comes."""

    subject: Subject | None = None
    revisions: dict[tuple[str, int], CaseAlert] = field(default_factory=dict)
    decisions: list[Decision] = field(default_factory=list)


class CaseBook:
    """Gathers alerts and decisions by case.

    The cases are the same whichever order alerts come in, and however they and the decisions are
    mixed; the decisions of a case must come in the order of their log. Repeats change nothing.
    """

    def __init__(self, settings: CaseSettings) -> None:
        self._settings: Final = settings
        self._pages: Final[dict[str, _Page]] = {}
        self._changed: Final[set[str]] = set()

    def add_alert(self, alert: Alert) -> None:
        """Take a revision of an alert in."""
        case_id = case_id_of(alert.subject)
        page = self._pages.setdefault(case_id, _Page())
        place = (alert.alert_id, alert.revision)
        if place not in page.revisions:
            page.subject = alert.subject
            page.revisions[place] = case_alert(alert)
            self._changed.add(case_id)

    def add_decision(self, decision: Decision) -> None:
        """Take a decision in, after those that stand before it in the log."""
        page = self._pages.setdefault(decision.case_id, _Page())
        if decision not in page.decisions:
            page.decisions.append(decision)
            self._changed.add(decision.case_id)

    def changed(self) -> list[Case]:
        """Return the cases that changed since they were last asked for, by id."""
        cases = [self._case(case_id) for case_id in sorted(self._changed)]
        self._changed.clear()
        return [case for case in cases if case is not None]

    def cases(self) -> Iterator[Case]:
        """Yield all cases, by id."""
        for case_id in sorted(self._pages):
            case = self._case(case_id)
            if case is not None:
                yield case

    def unmatched(self) -> int:
        """Return how many decisions are about cases of which no alert is known."""
        return sum(len(page.decisions) for page in self._pages.values() if page.subject is None)

    def _case(self, case_id: str) -> Case | None:
        page = self._pages[case_id]
        if page.subject is None:
            return None
        return fold(page.subject, page.revisions.values(), page.decisions, self._settings)
