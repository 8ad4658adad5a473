"""Commissions on their way: facts of ledgers wait for the alerts that were open on their day.

What is told of the end of a day needs the alerts of all partitions, for one stage tells all of a
sale: that of its account, as its seller may be corrected. So each partition reports its open
*critical* alerts with the day after, and the review brings all of them. Reports wait for judgements
then, and actions come a day later than alerts.
"""

from collections.abc import Iterable, Sequence
from typing import Final

from msgspec import Struct, field, structs

from detectors.alerts.alert import Alert
from detectors.alerts.data_quality import concerns, time_of
from detectors.basis.durations import seconds_of
from detectors.basis.event_time import DAY, Day, Seconds, day_of
from detectors.commission.action import CommissionAction
from detectors.commission.book import CANCELLED, CommissionBook
from detectors.commission.course import BookState
from detectors.facts.account import Verdict
from detectors.messages.commissions import CommissionFact, OpenCritical
from detectors.messages.holes import Hole
from detectors.messages.outcomes import DayReport, OutcomeBundle
from detectors.settings import Settings
from detectors.sight.stretch import Blindness, Stretch


class CommissionsState(Struct):
    """All that a `Commissions` remembers.

    Attributes
    ----------
    waiting
        Facts by the day on which they became known.
    blind
        When cancellations could not be seen, as of the end of days that wait.
    critical
        The open *critical* alerts about agents of this partition, by their ids.
    book
        What is known of sales.
    """

    waiting: dict[Day, list[CommissionFact]] = field(default_factory=dict)
    blind: dict[Day, tuple[Stretch, ...]] = field(default_factory=dict)
    critical: dict[str, OpenCritical] = field(default_factory=dict)
    book: BookState = field(default_factory=BookState)


class Commissions:
    """Tells what becomes of commissions; nothing where the settings do not ask.

    Order of calls: `receive` bundles as they come; for each day `report`, then `judged`, in the
    order of days, and no day is reported before the one before it was judged; `drain` now and then.

    Parameters
    ----------
    settings
        All settings.

    Attributes
    ----------
    is_on
        Whether the settings ask for it.
    """

    def __init__(self, settings: Settings) -> None:
        window, time = settings.commission.window, settings.time
        self.is_on: Final = settings.commission.is_on
        self._forgiven: Final = time.forgiven
        kept = settings.longest() + seconds_of(time.corrections_for)
        kept_days = int(kept // DAY) + 2
        self._book: Final = CommissionBook(window, time.forgiven, kept_days, settings.config_hash)
        self._state = CommissionsState()
        self._told: list[CommissionAction] = []

    @property
    def held(self) -> int:
        """How many commissions are held."""
        return self._book.held() if self.is_on else 0

    def receive(self, bundle: OutcomeBundle, before: Seconds, first_open: Day | None) -> None:
        """Receive a bundle of a ledger, whose watermark was `before`.

        `first_open` is the first day that is not closed, if there is one. What a ledger that was
        restarted sends again is known, or was.
        """
        for fact in bundle.commissions:
            if fact.known_at >= before:
                known_on = day_of(fact.known_at)
                day = known_on if first_open is None else max(known_on, first_open)
                self._state.waiting.setdefault(day, []).append(self._with(bundle.holes, fact))

    def report(self, report: DayReport, blindness: Blindness) -> DayReport:
        """Return the report of a day with the alerts that were open when it began.

        `blindness` is what could not be seen, as of the end of that day.
        """
        if not self.is_on:
            return report
        if blind := blindness.of(CANCELLED):
            self._state.blind[report.day] = blind
        return structs.replace(report, critical=sorted(self._state.critical.values()))

    def judged(self, day: Day, critical: list[OpenCritical], alerts: Iterable[Alert]) -> None:
        """Take in the alerts of a day, and decide about the day before it.

        `critical` are those that were open when the day began, of all partitions.
        """
        if self.is_on:
            self._decide(Day(day - 1), critical)
            self._note(alerts)

    def _decide(self, day: Day, critical: list[OpenCritical]) -> None:
        waiting = self._state.waiting
        known_on = [one for one in waiting if one <= day]
        facts = [fact for one in known_on for fact in waiting.pop(one)]
        blindness = Blindness(self._state.blind.pop(day, ()))
        self._told += self._book.decide(day, facts, critical, blindness)

    def _note(self, alerts: Iterable[Alert]) -> None:
        for alert in alerts:
            is_critical = alert.status == "open" and alert.severity == "critical"
            if is_critical and alert.agent_id is not None:
                since, _ = time_of(alert)
                one = OpenCritical(alert.agent_id, day_of(since), alert.alert_id)
                self._state.critical[alert.alert_id] = one
            else:
                self._state.critical.pop(alert.alert_id, None)

    def _with(self, holes: Sequence[Hole], fact: CommissionFact) -> CommissionFact:
        """Return a fact, unclear if it says that something did not happen in a hole."""
        if holes and fact.phase == "due" and fact.verdict is Verdict.GOOD:
            since = Seconds(fact.sold_at - self._forgiven)
            if any(concerns(hole, since, fact.known_at) for hole in holes):
                return structs.replace(fact, verdict=Verdict.EXCLUDED)
        return fact

    def drain(self) -> list[CommissionAction]:
        """Return what is to be told since the last call."""
        told, self._told = self._told, []
        return told

    def snapshot(self) -> CommissionsState:
        """Return the whole state; it shares records with this object: encode it at once."""
        self._state.book = self._book.snapshot()
        return self._state

    def restore(self, state: CommissionsState) -> None:
        """Restore a state that `snapshot` returned."""
        self._state = state
        self._book.restore(state.book)
