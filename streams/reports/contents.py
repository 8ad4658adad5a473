"""What stands in a report, in its order: chosen once, for the page and for the text."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final, NamedTuple

from detectors.alerts.alert import Severity, Subject
from detectors.cases.case import Case, State, case_id_of
from detectors.patterns.early import mature_name
from streams.reports.figures import strength
from streams.reports.findings import AccountFinding, Finding, Findings
from streams.reports.names import counted, enumerated
from streams.reports.unseen import Unseen

MOST_AGENTS_NAMED: Final = 10
"""Agents with the most unused accounts that are named."""

MOST_ACCOUNTS_LISTED: Final = 50
"""Accounts that are listed, the newest ones."""

MOST_ENDED: Final = 50
"""Alerts that have ended and are listed, the latest ones."""


class AgentFindings(NamedTuple):
    """The open warnings and worse about one agent, the strongest first, and their case if any."""

    subject: Subject
    findings: tuple[Finding, ...]
    case: Case | None

    @property
    def severity(self) -> Severity:
        """The highest severity of them."""
        return self.findings[0].alert.severity

    def first_of_pattern(self) -> list[Finding]:
        """Return the strongest of each pattern; its early sign is the same pattern."""
        first: dict[str, Finding] = {}
        for finding in self.findings:
            first.setdefault(mature_name(finding.alert.pattern), finding)
        return list(first.values())

    def repeated(self) -> list[Finding]:
        """Return the others."""
        first = self.first_of_pattern()
        return [finding for finding in self.findings if finding not in first]


def counted_by_kind(found: Sequence[AgentFindings]) -> str:
    """Return how many agents there are, and how many sites and teams, if any."""
    kinds = Counter(one.subject.type for one in found)
    agents = kinds.pop("agent", 0)
    groups = [counted(number, kind) for kind, number in sorted(kinds.items())]
    return enumerated([counted(agents, "agent"), *groups] if agents or not groups else groups)


class AgentAccounts(NamedTuple):
    """How many open alerts there are about accounts that one agent sold, and how many are new."""

    agent_id: str | None
    open: int
    new: int


class Contents(NamedTuple):
    """Everything that a report says.

    Attributes
    ----------
    judged_until
        The event time up to which everything has been judged; None if nothing was, or if unknown.
    since
        From when on something counts as new; None if that was not asked.
    agents
        The agents, sites and teams with an open warning or worse, the strongest first.
    changes
        Open alerts about agents at *info*: changes to look at.
    accounts, newest_accounts
        Open alerts about accounts: by agent, most first; the newest of them.
    ended
        Warnings and worse that were resolved or withdrawn, since then; the latest first.
    ended_changes
        How many of the alerts about agents at *info* ended.
    ended_accounts
        How many about accounts were resolved, and how many withdrawn.
    waiting
        The cases in which somebody has to do something.
    """

    judged_until: datetime | None
    since: datetime | None
    unseen: Unseen
    agents: tuple[AgentFindings, ...]
    changes: tuple[Finding, ...]
    accounts: tuple[AgentAccounts, ...]
    newest_accounts: tuple[AccountFinding, ...]
    ended: tuple[Finding, ...]
    ended_changes: int
    ended_accounts: tuple[int, int]
    waiting: tuple[Case, ...]

    def of_severity(self, severity: Severity) -> list[AgentFindings]:
        """Return the agents of that severity."""
        return [agent for agent in self.agents if agent.severity == severity]

    def open_accounts(self) -> int:
        """Count the open alerts about accounts."""
        return sum(one.open for one in self.accounts)

    def new(self) -> list[Finding]:
        """Return the open alerts about agents that were told first since then."""
        return [
            finding
            for agent in self.agents
            for finding in agent.findings
            if finding.is_new(self.since)
        ]

    def headline(self) -> str:
        """Return the report in one line, without the name of anybody."""
        critical, warning = len(self.of_severity("critical")), len(self.of_severity("warning"))
        parts = []
        if critical:
            parts.append(f"{critical:,} critical")
        if warning:
            parts.append(counted(warning, "warning"))
        if not parts:
            parts.append("no open warning")
        if self.unseen.sources:
            parts.append(f"{counted(len(self.unseen.sources), 'source')} not seen")
        if self.unseen.lost:
            parts.append(f"{counted(len(self.unseen.lost), 'gap')} in what was read")
        return ", ".join(parts)


_WAITING: Final[tuple[State, ...]] = ("proposed", "open", "acknowledged", "snoozed")
"""States in which somebody has to do something, the most pressing first."""


def contents_of(
    findings: Findings,
    unseen: Unseen,
    *,
    judged_until: datetime | None,
    since: datetime | None = None,
    cases: Sequence[Case] = (),
) -> Contents:
    """Choose what a report says."""
    about = findings.about_agents()
    by_case = {case.case_id: case for case in cases}
    open_ones = [one for one in about if one.alert.status == "open"]
    ended = [
        one for one in about if one.alert.status != "open" and (since is None or one.told >= since)
    ]
    accounts = findings.about_accounts()
    return Contents(
        judged_until,
        since,
        unseen,
        agents=_by_agent((one for one in open_ones if one.alert.severity != "info"), by_case),
        changes=tuple(_sorted(one for one in open_ones if one.alert.severity == "info")),
        accounts=_by_seller(accounts, since),
        newest_accounts=tuple(
            sorted(accounts, key=lambda one: (-one.opened_at.timestamp(), one.account_id))[
                :MOST_ACCOUNTS_LISTED
            ]
        ),
        ended=tuple(
            sorted(
                (one for one in ended if one.alert.severity != "info"),
                key=lambda one: (-one.told.timestamp(), one.alert.alert_id),
            )
        ),
        ended_changes=sum(one.alert.severity == "info" for one in ended),
        ended_accounts=(
            findings.ended_about_accounts("resolved", since),
            findings.ended_about_accounts("withdrawn", since),
        ),
        waiting=tuple(
            sorted(
                (case for case in cases if case.state in _WAITING and case.severity != "info"),
                key=lambda case: (_WAITING.index(case.state), case.opened_at, case.case_id),
            )
        ),
    )


def _sorted(findings: Iterable[Finding]) -> list[Finding]:
    return sorted(findings, key=lambda one: strength(one.alert))


def _by_agent(findings: Iterable[Finding], cases: dict[str, Case]) -> tuple[AgentFindings, ...]:
    agents: dict[Subject, list[Finding]] = {}
    for finding in _sorted(findings):
        agents.setdefault(finding.alert.subject, []).append(finding)
    return tuple(
        AgentFindings(
            found[0].alert.subject, tuple(found), cases.get(case_id_of(found[0].alert.subject))
        )
        for found in agents.values()
    )


def _by_seller(
    accounts: Iterable[AccountFinding], since: datetime | None
) -> tuple[AgentAccounts, ...]:
    counts: dict[str | None, list[int]] = {}
    for one in accounts:
        count = counts.setdefault(one.agent_id, [0, 0])
        count[0] += 1
        count[1] += since is not None and one.told >= since
    sellers = (AgentAccounts(agent, *count) for agent, count in counts.items())
    return tuple(sorted(sellers, key=lambda one: (-one.open, one.agent_id or "")))


def whom_it_waits_for(case: Case) -> str:
    """Return in a sentence without names of agents what a case waits for."""
    if case.proposal is not None and case.state == "proposed":
        return f"waits for another person than {case.proposal.who} to approve or reject"
    if case.state == "open":
        return (
            "waits for somebody to take it"
            if case.assignee is None
            else f"waits for {case.assignee}"
        )
    whose = "nobody" if case.assignee is None else case.assignee
    until = "" if case.until is None else f" until {case.until:%Y-%m-%d}"
    return f"is {case.state}{until} by {whose}"


def patterns_in_words(titles: Iterable[str]) -> str:
    """Return names of patterns as a sentence lists them, each once."""
    return enumerated([*dict.fromkeys(titles)])
