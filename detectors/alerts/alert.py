"""An alert on the wire: a finding about one subject and one pattern, with a lifecycle."""

from datetime import datetime
from typing import Final, Literal, TypeVar

from msgspec import UNSET, Struct, UnsetType

from detectors.alerts.at_stake import AtStake
from detectors.alerts.evidence import Evidence
from detectors.basis.identifiers import AgentId, PatternName
from detectors.events.decision import Outcome
from detectors.events.event import Moment

ENGINE_VERSION: Final = "0.1.0"

Status = Literal["open", "withdrawn", "resolved"]
Severity = Literal["info", "warning", "critical"]
SubjectType = Literal["agent", "account", "site", "team"]
Ending = Literal["evidence_fell", "silent", "explained"]
Withdrawal = Literal["corrected", "common_cause"]

_Kind = TypeVar("_Kind")


class Subject(Struct, frozen=True):
    """Whom or what an alert is about."""

    type: SubjectType
    id: str


class PriorAlert(Struct, frozen=True):
    """An earlier or other alert about the same agent, as it stood when the revision was made.

    ``outcome`` is what two people found it to be; absent as long as nobody did.
    """

    alert_id: str
    pattern: PatternName
    severity: Severity
    status: Status
    opened_at: Moment
    outcome: Outcome | UnsetType = UNSET


class OtherAlert(Struct, frozen=True):
    """Another alert about the same subject that was open when the revision was made.

    ``sales_in_common`` is how many of the sales that the revision names by ``event_ids`` count
    against the subject in the other alert as well, of the latest fifty there; absent without any.
    """

    alert_id: str
    pattern: PatternName
    severity: Severity
    opened_at: Moment
    sales_in_common: int | UnsetType = UNSET


class Alert(Struct, frozen=True, kw_only=True):
    """One revision of an alert. The same log of events gives the same revisions, byte for byte.

    Every text in it is plain text, made from ids that sources chose: escape it where it goes, in
    HTML, chat markup or a spreadsheet.

    ``data_quality`` is there only if something is wrong: a sentence for each hole (events that were
    deleted before they were read) in the time on which this revision rests, for each time in which
    a kind of event could not be seen, and one on sales about which claims contradict each other and
    one of them names this agent.

    What follows it is for whoever reviews the alert, a field only where there is something to say:
    ``next_step``, what to do first; ``would_clear``, what would clear the subject;
    ``explanations_checked``, honest explanations that count against nobody, where the events tell
    of them; ``explanations_unchecked``, those that only a person can rule out.

    ``team`` and ``site`` are those that most of the sales named by ``event_ids`` say, of several
    the first by name; null where none says one. ``at_stake`` is about the same sales; null where
    none is named, and after a withdrawal. Where others across accounts prove that sales are bad,
    they are named as well, but only the bad ones are at stake.

    An alert that rests on evidence against an agent says more of its life. ``quiet_since``: the day
    since which the evidence has been below the threshold, of an open alert for which that has
    lasted. ``ending``: why it was resolved. ``evidence_fell``: far below the threshold, and stayed
    there; ``silent``: nothing of the agent's has been judged for long; ``explained``: people found
    an honest explanation. ``withdrawal``: why it should never have been told. ``corrected``: by
    the outcomes as they stand now, the evidence would never have passed the threshold;
    ``common_cause``: the agent's site or team rose with them, and they do not stand out within it.

    ``prior_alerts`` are the other alerts about the same agent (the latest ten), with what people
    found them to be. ``other_alerts`` are those about the same subject that were open at the end of
    the day of the revision, the most severe first: they make no revision of their own.

    An alert about a site or a team is about no person: its ``agent_id`` is null. ``group_alerts``
    are the ids of those that were open about the ``site`` and the ``team`` of an agent's alert at
    the last review: look there first. An alert that was withdrawn for a common cause names those
    that tell of it.
    """

    alert_id: str
    revision: int
    status: Status
    pattern: PatternName
    pattern_version: int
    severity: Severity
    subject: Subject
    agent_id: AgentId | None
    opened_at: Moment
    updated_at: Moment
    summary: str
    evidence: Evidence
    event_ids: tuple[str, ...]
    config_hash: str
    engine_version: str = ENGINE_VERSION
    data_quality: tuple[str, ...] | UnsetType = UNSET
    next_step: str | UnsetType = UNSET
    would_clear: str | UnsetType = UNSET
    explanations_checked: tuple[str, ...] | UnsetType = UNSET
    explanations_unchecked: tuple[str, ...] | UnsetType = UNSET
    team: str | None = None
    site: str | None = None
    at_stake: AtStake | None = None
    prior_alerts: tuple[PriorAlert, ...] | UnsetType = UNSET
    quiet_since: str | UnsetType = UNSET
    ending: Ending | UnsetType = UNSET
    withdrawal: Withdrawal | UnsetType = UNSET
    group_alerts: tuple[str, ...] | UnsetType = UNSET
    other_alerts: tuple[OtherAlert, ...] | UnsetType = UNSET


def canonical_order(alert: Alert) -> tuple[datetime, str, int]:
    """Return the key that orders a log of revisions."""
    return (alert.updated_at, alert.alert_id, alert.revision)


def evidence_of(alert: Alert, kind: type[_Kind]) -> _Kind:
    """Return the evidence of an alert that is known to be of some kind.

    Raises
    ------
    TypeError
        It is of another kind.
    """
    evidence = alert.evidence
    if not isinstance(evidence, kind):
        raise TypeError(f"alert {alert.alert_id} has no {kind.__name__}")
    return evidence
