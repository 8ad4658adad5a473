"""What people decided about the agents of one partition, and what follows for their evidence.

The cases here are made by the same fold as those that people see (`detectors.cases.fold`), from the
alerts that this partition emitted. So a decision that was refused there counts for nothing here.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import msgspec
from msgspec import Struct, field

from detectors.agents.alerting.other_alerts import NamesSales, with_other_alerts
from detectors.alerts.alert import Alert, PriorAlert, Subject
from detectors.basis.identifiers import AgentId, PatternName, SubjectKind
from detectors.cases.case import Case, CaseAlert, Closing, case_alert, case_id_of
from detectors.cases.fold import fold
from detectors.events.decision import Decision, Outcome
from detectors.patterns import EarlyPattern
from detectors.settings import CaseSettings

MOST_PRIOR: Final = 10
"""Alerts of the past that an alert names at most, the latest ones."""

NO_TIERS: Final[Mapping[PatternName, NamesSales]] = {}


class AgentRecord(Struct):
    """What was told and decided about one agent.

    ``revisions`` are those of all alerts, in the order in which they were emitted, without their
    sentences; ``closing`` is how the case was closed last, and ``outcomes`` what people found the
    alerts to be.
    """

    revisions: list[CaseAlert] = field(default_factory=list)
    decisions: list[Decision] = field(default_factory=list)
    closing: Closing | None = None
    is_confirmed: bool = False
    outcomes: dict[str, Outcome] = field(default_factory=dict)


ClosingsState = dict[AgentId, AgentRecord]


class Closings:
    """Follows the cases of agents, as far as evidence depends on them.

    Of an agent without alerts nothing is kept: there is no case, and decisions about it have none
    to count for.

    Parameters
    ----------
    settings
        What people may decide.
    early_tiers
        Each looks ahead to a pattern, and both rest on the same sales: what people found of one
        holds for the other.
    kind
        Whose cases they are: those of agents, or of one kind of groups, whose names then stand in
        the place of agents' ids.
    """

    def __init__(
        self,
        settings: CaseSettings,
        early_tiers: Iterable[EarlyPattern] = (),
        kind: SubjectKind = "agent",
    ) -> None:
        self._settings: Final = settings
        self._kind: Final = kind
        self._source_of: Final = {early.name: early.source for early in early_tiers}
        self._records: ClosingsState = {}
        self._agents: dict[str, AgentId] = {}

    @property
    def confirmed(self) -> frozenset[AgentId]:
        """The agents whose cases are closed as confirmed."""
        return frozenset(name for name, record in self._records.items() if record.is_confirmed)

    def decide(self, decisions: Iterable[Decision]) -> dict[PatternName, frozenset[AgentId]]:
        """Take decisions in; return the agents newly found honest, by pattern."""
        changed: dict[AgentId, None] = {}
        for decision in decisions:
            agent_id = self._agents.get(decision.case_id)
            if agent_id is None:
                continue  # about an account, or about an agent of another partition
            known = self._records[agent_id].decisions
            if not self._is_refused_anyway(decision, known):
                known.append(decision)
                changed[agent_id] = None
        honest: dict[PatternName, frozenset[AgentId]] = {}
        for agent_id in changed:
            closing = self._close(agent_id)
            if closing is None or closing.outcome != "honest":
                continue
            for name in self._over_the_same_sales(closing.patterns):
                honest[name] = honest.get(name, frozenset()) | {agent_id}
        return honest

    def told(
        self, alerts: Sequence[Alert], tiers: Mapping[PatternName, NamesSales] = NO_TIERS
    ) -> list[Alert]:
        """Take in the revisions of a day, once its decisions are; return each with the others.

        Those before it are as they were when the day began: alerts of one day are no history of
        each other. Those open beside it are as they are when it ends; `tiers` know what sales of
        theirs they count.
        """
        named = [self._with_prior(alert) for alert in alerts]
        self._tell(alerts)
        return [self._with_others(alert, tiers) for alert in named]

    def _is_refused_anyway(self, decision: Decision, known: Sequence[Decision]) -> bool:
        """Return whether the fold refuses it whatever it says: what is flooded is not kept."""
        is_full = len(known) >= self._settings.most_decisions
        return is_full or any(one.decision_id == decision.decision_id for one in known)

    def _over_the_same_sales(self, names: Iterable[PatternName]) -> set[PatternName]:
        sources = {self._source_of.get(name, name) for name in names}
        return sources | {early for early, source in self._source_of.items() if source in sources}

    def _tell(self, alerts: Iterable[Alert]) -> None:
        changed: dict[AgentId, None] = {}
        for alert in alerts:
            if alert.subject.type != self._kind:
                continue
            agent_id = AgentId(alert.subject.id)
            record = self._records.get(agent_id)
            if record is None:
                record = self._records[agent_id] = AgentRecord()
                self._agents[case_id_of(alert.subject)] = agent_id
            record.revisions.append(msgspec.structs.replace(case_alert(alert), summary=""))
            if record.decisions:
                changed[agent_id] = None
        for agent_id in changed:
            self._close(agent_id)

    def _with_prior(self, alert: Alert) -> Alert:
        """Return an alert that names the others about its agent, the earliest first."""
        record = self._records.get(AgentId(alert.subject.id))
        if record is None:
            return alert
        latest = {one.alert_id: one for one in record.revisions if one.alert_id != alert.alert_id}
        by_time = sorted(latest.values(), key=lambda one: (one.opened_at, one.alert_id))
        prior = tuple(
            PriorAlert(
                one.alert_id,
                one.pattern,
                one.severity,
                one.status,
                one.opened_at,
                record.outcomes.get(one.alert_id, msgspec.UNSET),
            )
            for one in by_time[-MOST_PRIOR:]
        )
        return msgspec.structs.replace(alert, prior_alerts=prior) if prior else alert

    def _with_others(self, alert: Alert, tiers: Mapping[PatternName, NamesSales]) -> Alert:
        record = self._records.get(AgentId(alert.subject.id))
        return alert if record is None else with_other_alerts(alert, record.revisions, tiers)

    @property
    def state(self) -> ClosingsState:
        """The whole state; it shares records with this object: encode it at once."""
        return self._records

    def restore(self, state: ClosingsState) -> None:
        """Restore a state that `state` returned, into an object that is still empty."""
        self._records = state
        self._agents = {case_id_of(Subject(self._kind, agent_id)): agent_id for agent_id in state}

    def _close(self, agent_id: AgentId) -> Closing | None:
        """Follow the case of an agent; return how it was closed, if that is news."""
        record = self._records[agent_id]
        subject = Subject(self._kind, agent_id)
        case = fold(subject, record.revisions, record.decisions, self._settings)
        closing = None if case is None or case.state != "closed" else case.closing
        record.is_confirmed = closing is not None and closing.outcome == "confirmed"
        if case is None:
            return None
        if closing is None:
            if record.closing is not None and _reopened_since(case, record.closing):
                self._forget_outcomes(record, record.closing)
            return None
        if closing == record.closing:
            return None
        record.closing = closing
        for alert in case.alerts:
            if alert.status != "withdrawn":
                record.outcomes[alert.alert_id] = closing.outcome
        return closing

    @staticmethod
    def _forget_outcomes(record: AgentRecord, closing: Closing) -> None:
        """Let a closing that a person took back say nothing any more."""
        opened = {one.alert_id for one in record.revisions if one.updated_at <= closing.at}
        for alert_id in opened:
            record.outcomes.pop(alert_id, None)
        record.closing = None


def _reopened_since(case: Case, closing: Closing) -> bool:
    """Return whether a person opened the case again that was closed so."""
    return any(
        entry.what == "reopen" and entry.refused is None and entry.at >= closing.at
        for entry in case.history
    )
