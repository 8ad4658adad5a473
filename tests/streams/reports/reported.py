"""Alerts and cases for reports, made by hand; every text in them may be a hostile one."""

from datetime import UTC, datetime, timedelta
from typing import Final

from msgspec.structs import asdict, replace

from detectors.alerts.advice import advised
from detectors.alerts.alert import Alert, Severity, Status, Subject
from detectors.alerts.evidence import (
    EarlyRateEvidence,
    Evidence,
    FactEvidence,
    RateEvidence,
    ShiftEvidence,
)
from detectors.basis.identifiers import AgentId, PatternName
from detectors.cases.case import Case, Proposal, State, case_id_of
from detectors.patterns.account.quick_cancellation import QuickCancellation
from streams.reports.contents import Contents, contents_of
from streams.reports.findings import Findings
from streams.reports.unseen import Unseen

DAY: Final = timedelta(days=1)
OPENED: Final = datetime(2025, 4, 1, tzinfo=UTC)
END: Final = datetime(2025, 6, 1, tzinfo=UTC)

HOSTILE: Final = (
    "<script>document.title='run'</script>",
    '"><img src=x onerror="document.title=\'run\'">',
    "</style></title><script>document.title='run'</script>",
    "javascript:document.title='run'",
    '=HYPERLINK("http://example.invalid","x")',
    "-->'`${document.title='run'}<svg/onload=document.title='run'>",
    "left\u202eright\u2066 and \x1b[2J \x07 \U000e0041",
    "a\nSubject: b\r\n\r\n<b>c</b>",
    "&lt;b&gt; &#60;b&#62;",
)
"""Ids as a source may choose them, some of which no stage would accept."""


EVIDENCE: Final = RateEvidence(
    window="14d",
    matured=60,
    pending=3,
    observed=12,
    peers="all other sellers, by product",
    value=200_000.0,
    threshold=100_000.0,
    expected=3.0,
    rate_ratio=3.2,
    rate_ratio_low=1.6,
    rate_ratio_high=5.0,
    likely_start="2025-03-01",
    null_alarms=1,
    null_agent_years=55.4,
    rate=0.16,
    rate_low=0.08,
    rate_high=0.25,
    between_agent_sd=0.25,
    tempering=1.0,
)

SHIFT: Final = ShiftEvidence(observed=12, peers="their own past", likely_start="2025-03-01")


def early(evidence: RateEvidence = EVIDENCE) -> EarlyRateEvidence:
    """Return the same of sales in their window: none has matured, so there is no rate."""
    fields = {
        name: value
        for name, value in asdict(evidence).items()
        if name in EarlyRateEvidence.__struct_fields__
    }
    return EarlyRateEvidence(**fields)


def about_agent(
    agent_id: str = "agent-1",
    *,
    pattern: str = "quick_cancellation",
    revision: int = 1,
    severity: Severity = "warning",
    status: Status = "open",
    evidence: Evidence = EVIDENCE,
    updated_at: datetime = OPENED,
) -> Alert:
    alert = Alert(
        alert_id=f"{pattern} {agent_id}",
        revision=revision,
        status=status,
        pattern=PatternName(pattern),
        pattern_version=1,
        severity=severity,
        subject=Subject("agent", agent_id),
        agent_id=AgentId(agent_id),
        opened_at=OPENED,
        updated_at=updated_at,
        summary=f"Agent {agent_id}: a sentence.",
        evidence=evidence,
        event_ids=("e-1", "e-2"),
        config_hash="0" * 16,
    )
    return advised(alert, ("replaced by another sale",), QuickCancellation.advice)


def lacking(alert: Alert, *sentences: str) -> Alert:
    """Return the alert with something wrong about the events on which it rests."""
    return replace(alert, data_quality=sentences)


def growing(alert: Alert, *values: float) -> list[Alert]:
    """Return revisions of an alert, a day apart, with this evidence."""
    return [
        replace(
            alert,
            revision=revision,
            updated_at=OPENED + revision * DAY,
            evidence=replace(alert.evidence, value=value),
        )
        for revision, value in enumerate(values, start=1)
    ]


def about_account(
    account_id: str, agent_id: str | None = "agent-1", *, status: Status = "open", revision: int = 1
) -> Alert:
    alert = Alert(
        alert_id=f"unused {account_id}",
        revision=revision,
        status=status,
        pattern=PatternName("unused_account"),
        pattern_version=1,
        severity="info",
        subject=Subject("account", account_id),
        agent_id=None if agent_id is None else AgentId(agent_id),
        opened_at=OPENED,
        updated_at=OPENED,
        summary=f"Account {account_id}: a sentence.",
        evidence=FactEvidence(window="30d", observed=1),
        event_ids=("e-3",),
        config_hash="0" * 16,
    )
    return advised(alert, (), QuickCancellation.advice)


def case_about(
    agent_id: str,
    state: State = "open",
    *,
    assignee: str | None = None,
    proposed_by: str | None = None,
    severity: Severity = "warning",
) -> Case:
    subject = Subject("agent", agent_id)
    proposal = None
    if proposed_by is not None:
        proposal = Proposal(
            decision_id="d-1",
            outcome="honest",
            explanation="returns_desk",
            words="A returns desk.",
            who=proposed_by,
            at=OPENED,
        )
    return Case(
        case_id=case_id_of(subject),
        version=1,
        state=state,
        severity=severity,
        subject=subject,
        agent_id=AgentId(agent_id),
        opened_at=OPENED,
        updated_at=OPENED,
        assignee=assignee,
        until=END if state in {"acknowledged", "snoozed"} else None,
        acknowledged_at=None,
        proposal=proposal,
        closing=None,
        alerts=(),
        history=(),
    )


def contents_with(
    *alerts: Alert,
    unseen: Unseen | None = None,
    since: datetime | None = None,
    cases: tuple[Case, ...] = (),
) -> Contents:
    findings = Findings()
    for alert in alerts:
        findings.add(alert, alert.updated_at)
    return contents_of(
        findings,
        Unseen() if unseen is None else unseen,
        judged_until=END,
        since=since,
        cases=cases,
    )


def hostile_contents() -> Contents:
    """Return a report in which every text of a source, a person or a record is hostile."""
    alerts = []
    for text in HOSTILE:
        strongest = replace(
            about_agent(text, severity="critical"),
            event_ids=(text,) * 20,
            next_step=text,
            would_clear=text,
            explanations_checked=(text,),
            explanations_unchecked=(text,),
        )
        course = growing(lacking(strongest, text), 200_000.0, 3_000_000.0)
        alerts += [
            *course,
            about_agent(text, pattern="quick_cancellation_early"),
            about_agent(text, pattern=text, severity="info"),
            about_agent(text, pattern="unused_account", status="withdrawn"),
            about_account(text, text),
        ]
    return contents_with(
        *alerts,
        unseen=Unseen(HOSTILE, HOSTILE, HOSTILE),
        since=OPENED,
        cases=tuple(
            case
            for text in HOSTILE
            for case in (
                case_about(text, assignee=text),
                case_about(f"{text}!", "proposed", proposed_by=text),
            )
        ),
    )
