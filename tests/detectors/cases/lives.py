"""Generated lives of a case: revisions of its alerts, and what three people decide about them."""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from hypothesis import strategies as st

from detectors.alerts.alert import Status
from detectors.basis.identifiers import AgentId
from detectors.cases.case import SEVERITIES, CaseAlert
from detectors.events.decision import Decision
from tests.detectors.cases.people import PERSON_OF, at, decide, revision

PATTERNS: Final = ("quick_cancellation", "unused_account")
HOURS: Final = 40

_ENDS: Final[tuple[Status, ...]] = ("open", "open", "resolved", "withdrawn")


class Life(NamedTuple):
    """Revisions in any order, and decisions in the order of their log."""

    revisions: list[CaseAlert]
    decisions: list[Decision]


@st.composite
def _alert(draw: st.DrawFn, number: int) -> list[CaseAlert]:
    """Draw the revisions of one alert: it gets worse, and may end."""
    pattern = draw(st.sampled_from(PATTERNS))
    hours = sorted(draw(st.sets(st.integers(0, HOURS), min_size=1, max_size=4)))
    observed, severity = draw(st.integers(1, 5)), draw(st.integers(0, 1))
    revisions = []
    for count, hour in enumerate(hours, start=1):
        last = count == len(hours)
        status: Status = draw(st.sampled_from(_ENDS)) if last else "open"
        revisions.append(
            revision(
                f"alert-{number}",
                count,
                hour,
                status=status,
                severity=SEVERITIES[severity],
                observed=observed,
                pattern=pattern,
                agent=AgentId(f"agent-{number}"),
            )
        )
        observed += draw(st.integers(0, observed))
        severity = max(severity, draw(st.integers(0, 2)))
    return revisions


_FIELDS: Final[dict[str, st.SearchStrategy[dict[str, Any]]]] = {
    "acknowledge": st.builds(lambda h: {"until": at(h)}, st.integers(1, HOURS + 10)),
    "assign": st.just({"assignee": "zoe.cy"}),
    "note": st.just({"words": "I called two customers."}),
    "snooze": st.builds(
        lambda h: {"until": at(h), "reason": "A campaign."}, st.integers(1, HOURS + 10)
    ),
    "propose": st.sampled_from(
        (
            {"outcome": "honest", "explanation": "returns_desk", "words": "Returns."},
            {"outcome": "confirmed", "words": "Denied."},
            {"outcome": "unclear", "words": "Nobody answers."},
        )
    ),
    "approve": st.just({}),
    "reject": st.just({"words": "No."}),
    "reopen": st.just({"words": "Again."}),
}

_KINDS: Final = ("propose", "propose", "approve", "approve", "approve", *_FIELDS)


@st.composite
def lives(draw: st.DrawFn) -> Life:
    """Draw a life in which most decisions are taken by somebody who saw what there was."""
    revisions = [
        one for number in range(draw(st.integers(1, 3))) for one in draw(_alert(number + 1))
    ]
    decisions: list[Decision] = []
    proposals = ["none"]
    for number in range(draw(st.integers(0, 9))):
        kind = draw(st.sampled_from(_KINDS))
        hour = draw(st.integers(0, HOURS))
        seen = _seen(revisions, hour if draw(st.integers(0, 4)) else draw(st.integers(0, HOURS)))
        fields = draw(_FIELDS[kind])
        if kind in ("approve", "reject"):
            fields = fields | {"proposal": proposals[-1 if draw(st.integers(0, 4)) else 0]}
        role = draw(st.sampled_from(("approver", "approver", "approver", "reviewer", "viewer")))
        who = draw(st.sampled_from(sorted(PERSON_OF)))
        said = fields | {"seen": seen, "role": role, "decision_id": f"decision-{number}"}
        decisions.append(decide(kind, hour, who, **said))
        if kind == "propose":
            proposals.append(f"decision-{number}")
    decisions.sort(key=lambda decision: decision.occurred_at if draw(st.booleans()) else at(HOURS))
    return Life(draw(st.permutations(revisions)), decisions)


def _seen(revisions: Sequence[CaseAlert], hour: float) -> dict[str, int]:
    """Return what somebody saw who looked at that hour; the first revision if there was none."""
    seen: dict[str, int] = {}
    for one in revisions:
        if one.updated_at <= at(hour):
            seen[one.alert_id] = max(one.revision, seen.get(one.alert_id, 0))
    return seen or {"alert-1": 1}
