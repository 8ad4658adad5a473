"""Findings about accounts on their way to alerts: told if what they rest on could be seen.

A finding that became known on a day is told by what could be seen at the end of the day before, so
it waits for nothing but that day. When a source turns out to have been blind, what was told of that
time is withdrawn, and if late events fill the gap, told again.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from msgspec import Struct, field

from detectors.alerts.account_alerts import (
    AlertTimes,
    account_alert,
    account_alert_id,
    withdrawn_unseen,
)
from detectors.alerts.alert import Alert
from detectors.alerts.data_quality import with_holes
from detectors.basis.durations import seconds_of
from detectors.basis.event_time import DAY, Day, Seconds, day_of, end_of_day
from detectors.basis.identifiers import PatternName
from detectors.messages.findings import AccountFinding
from detectors.messages.holes import Hole
from detectors.settings import Settings
from detectors.sight.resting import NOTHING, of_account
from detectors.sight.stretch import Blindness, Kind, Look


class Received(Struct, frozen=True, array_like=True):
    """A finding, and the partition of the ledger that sent it."""

    ledger: int
    finding: AccountFinding


class Doubtful(Struct, array_like=True):
    """What a ledger said last, and what was told of it: the revision, 0 for none, if it is open."""

    received: Received
    revision: int
    is_open: bool


class AccountFindingsState(Struct):
    """All that an `AccountFindings` remembers.

    Attributes
    ----------
    latest
        By ledger: the findings that it may send again, with the time at which they became known.
    waiting
        By the day on which they became known.
    doubtful
        By the id of the alert: what may have to be withdrawn, or told after all.
    open
        How many alerts are open, by pattern.
    untold
        Of how many nothing is told, for what they rest on could not be seen, by pattern.
    """

    latest: dict[int, dict[str, Seconds]] = field(default_factory=dict)
    waiting: dict[Day, list[Received]] = field(default_factory=dict)
    doubtful: dict[str, Doubtful] = field(default_factory=dict)
    open: dict[PatternName, int] = field(default_factory=dict)
    untold: dict[PatternName, int] = field(default_factory=dict)


class AccountFindings:
    """Makes alerts about accounts of what ledgers find.

    Parameters
    ----------
    settings
        All settings.
    """

    def __init__(self, settings: Settings) -> None:
        patterns = settings.patterns.on_sales()
        self._config_hash: Final = settings.config_hash
        self._patterns: Final = {pattern.name: pattern for pattern in patterns}
        self._kinds: Final = {pattern.name: of_account(pattern) for pattern in patterns}
        self._forgiven: Final = settings.time.forgiven
        longest = max(seconds_of(pattern.window) for pattern in patterns)
        self._kept_days: Final = (longest + seconds_of(settings.time.corrections_for)) / DAY + 2
        self.state = AccountFindingsState()

    def receive(
        self, ledger: int, findings: Sequence[AccountFinding], before: Seconds, until: Seconds
    ) -> None:
        """Receive what a ledger found; its watermark was `before`, and is `until` with it.

        A ledger that was restarted sends some of it again.
        """
        latest = self.state.latest.setdefault(ledger, {})
        for finding in findings:
            key = f"{self._id(finding)} {finding.revision}"
            if finding.known_at >= before and key not in latest:
                latest[key] = finding.known_at
                day = day_of(finding.known_at)
                self.state.waiting.setdefault(day, []).append(Received(ledger, finding))
        if until > before:
            for key in [key for key, at in latest.items() if at < until]:
                del latest[key]

    def due(self, day: Day, blindness: Blindness, holes: Sequence[Hole]) -> Iterator[Alert]:
        """Yield the alerts that are due once all days before `day` are closed."""
        waiting = self.state.waiting
        for known_on in sorted(one for one in waiting if one <= day):
            for received in waiting.pop(known_on):
                yield from self._tell(received, blindness, holes)

    def look_again(self, day: Day, blindness: Blindness, holes: Sequence[Hole]) -> Iterator[Alert]:
        """Yield what follows for what was told, or not, from what can be seen by a day's end."""
        doubtful, end = self.state.doubtful, end_of_day(day)
        for alert_id in sorted(doubtful):
            known = doubtful[alert_id]
            finding = known.received.finding
            look = self._look(finding, blindness)
            yield from self._reconcile(known, look, end, blindness, holes)
            in_step = known.revision == finding.revision and look is Look.CLEAR
            is_over = day - day_of(finding.known_at) > self._kept_days
            if in_step or is_over or look is Look.NEVER_SEEN:
                del doubtful[alert_id]

    def _tell(
        self, received: Received, blindness: Blindness, holes: Sequence[Hole]
    ) -> Iterator[Alert]:
        finding = received.finding
        alert_id, look = self._id(finding), self._look(finding, blindness)
        known = self.state.doubtful.get(alert_id)
        if known is not None:
            if finding.revision < known.received.finding.revision:
                return
            known.received = received
            yield from self._reconcile(known, look, finding.known_at, blindness, holes)
            return
        if look is Look.NEVER_SEEN or (look is Look.UNSEEN and not finding.withdrawn):
            self._count_untold(finding, 0 if finding.withdrawn else 1)
            if look is Look.UNSEEN:
                self.state.doubtful[alert_id] = Doubtful(received, 0, is_open=False)
            return
        if look is Look.SUSPECTED:
            told = Doubtful(received, finding.revision, is_open=not finding.withdrawn)
            self.state.doubtful[alert_id] = told
        yield self._alert(
            received, finding.revision, finding.known_at, finding.withdrawn, (), holes
        )

    def _reconcile(
        self,
        known: Doubtful,
        look: Look,
        at: Seconds,
        blindness: Blindness,
        holes: Sequence[Hole],
    ) -> Iterator[Alert]:
        """Tell of a finding what is to be said of it now, if that is something else."""
        finding, unseen = known.received.finding, list[str]()
        wanted = not finding.withdrawn and look < Look.UNSEEN
        if wanted is known.is_open:
            return
        if not finding.withdrawn and not wanted:
            sites = blindness.sites_of(finding.sale.site, finding.other_sites)
            touching = blindness.touching(*self._rest(finding), *sites)
            unseen = [stretch.words for stretch in touching]
        if not finding.withdrawn:
            self._count_untold(finding, -1 if wanted else 1)
        known.revision, known.is_open = known.revision + 1, wanted
        yield self._alert(known.received, known.revision, at, not wanted, unseen, holes)

    def _alert(
        self,
        received: Received,
        revision: int,
        at: Seconds,
        withdrawn: bool,  # noqa: FBT001 - the revision says so itself
        unseen: Sequence[str],
        holes: Sequence[Hole],
    ) -> Alert:
        finding = received.finding
        counts = self.state.open
        counts[finding.pattern] = counts.get(finding.pattern, 0) + (-1 if withdrawn else 1)
        pattern = self._patterns[finding.pattern]
        alert = account_alert(
            pattern,
            finding.account_id,
            finding.sale,
            revision,
            times=AlertTimes(finding.opened_at, at),
            withdrawn=withdrawn,
            event_ids=finding.event_ids,
            config_hash=self._config_hash,
        )
        own = [hole for hole in holes if hole.partition == received.ledger]
        alert = with_holes(alert, own, self._forgiven)
        return withdrawn_unseen(alert, pattern, unseen) if unseen else alert

    def _count_untold(self, finding: AccountFinding, number: int) -> None:
        counts = self.state.untold
        counts[finding.pattern] = counts.get(finding.pattern, 0) + number

    def _id(self, finding: AccountFinding) -> str:
        return account_alert_id(self._patterns[finding.pattern], finding.account_id, finding.sale)

    def _look(self, finding: AccountFinding, blindness: Blindness) -> Look:
        kinds, since, until = self._rest(finding)
        sites = blindness.sites_of(finding.sale.site, finding.other_sites)
        return blindness.look_at_all(kinds, sites, since, until)

    def _rest(self, finding: AccountFinding) -> tuple[frozenset[Kind], Seconds, Seconds]:
        """Return on what kinds of events a finding rests, and between which times."""
        at = finding.sale.at
        window = seconds_of(self._patterns[finding.pattern].window)
        kinds = self._kinds.get(finding.pattern, NOTHING)
        return kinds, Seconds(at - self._forgiven), Seconds(at + window)
