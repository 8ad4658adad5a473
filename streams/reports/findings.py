"""What a report keeps of a log of alerts while it is read."""

from collections.abc import Iterator
from datetime import datetime
from typing import Final, NamedTuple

from detectors.alerts.alert import Alert
from streams.reports.figures import Figures, figures_of


class Step(NamedTuple):
    """A revision of an alert, as far as its picture needs it."""

    at: datetime
    figures: Figures
    severity: str


class Finding(NamedTuple):
    """An alert in its newest revision.

    Attributes
    ----------
    steps
        Its revisions, oldest first, as far as they are at hand.
    first_told, told
        When the oldest and the newest of them was told.
    """

    alert: Alert
    steps: tuple[Step, ...]
    first_told: datetime
    told: datetime

    def is_new(self, since: datetime | None) -> bool:
        """Return whether it was told for the first time at `since` or later; never without one."""
        if since is None:
            return False
        # Older revisions may have been cleaned away: then the day on which it opened must do.
        first = self.first_told if len(self.steps) == self.alert.revision else self.alert.opened_at
        return first >= since


class AccountFinding(NamedTuple):
    """An open alert about an account."""

    account_id: str
    agent_id: str | None
    pattern: str
    opened_at: datetime
    told: datetime


class Findings:
    """The newest revision of every alert about an agent, and the open ones about accounts."""

    def __init__(self) -> None:
        self._agents: Final[dict[str, Finding]] = {}
        self._accounts: Final[dict[str, AccountFinding]] = {}
        self._ended_accounts: Final[dict[str, tuple[str, datetime]]] = {}
        self._holes: Final[dict[str, None]] = {}

    def add(self, alert: Alert, told: datetime) -> None:
        """Apply a revision that was told at that time; one that is known, or older, is none."""
        if alert.subject.type == "account":
            self._add_account(alert, told)
            return
        known = self._agents.get(alert.alert_id)
        if known is not None and known.alert.revision >= alert.revision:
            return
        step = Step(alert.updated_at, figures_of(alert), alert.severity)
        steps, first = ((), told) if known is None else (known.steps, known.first_told)
        self._agents[alert.alert_id] = Finding(alert, (*steps, step), first, told)

    def forget(self, alert_id: str) -> None:
        """Drop an alert that somebody took away."""
        self._agents.pop(alert_id, None)
        self._accounts.pop(alert_id, None)
        self._ended_accounts.pop(alert_id, None)

    def about_agents(self) -> list[Finding]:
        """Return the alerts about agents, open or not."""
        return list(self._agents.values())

    def about_accounts(self) -> list[AccountFinding]:
        """Return the open alerts about accounts."""
        return list(self._accounts.values())

    def ended_about_accounts(self, status: str, since: datetime | None) -> int:
        """Count the alerts about accounts that ended so, at `since` or later if that is given."""
        return sum(
            status == ended and (since is None or told >= since)
            for ended, told in self._ended_accounts.values()
        )

    def data_quality(self) -> Iterator[str]:
        """Yield what the events lack on which open alerts rest, each sentence once."""
        open_ones = (one.alert for one in self._agents.values() if one.alert.status == "open")
        told = dict.fromkeys(
            sentence for alert in open_ones for sentence in alert.data_quality or ()
        )
        yield from dict.fromkeys((*told, *self._holes))

    def _add_account(self, alert: Alert, told: datetime) -> None:
        alert_id = alert.alert_id
        self._holes.update(dict.fromkeys(alert.data_quality or ()))
        if alert.status != "open":
            self._accounts.pop(alert_id, None)
            self._ended_accounts[alert_id] = (alert.status, told)
            return
        self._ended_accounts.pop(alert_id, None)
        self._accounts[alert_id] = AccountFinding(
            alert.subject.id, alert.agent_id, alert.pattern, alert.opened_at, told
        )
