"""The groups of all kinds that are judged, of one partition."""

from collections.abc import Iterator, Mapping
from typing import Final

from detectors.agents.alerting.judgement import Judgement
from detectors.agents.groups.one_kind import Groups, GroupsState
from detectors.alerts.alert import Alert, Severity, Subject
from detectors.basis.event_time import Day
from detectors.basis.identifiers import GroupKind, PatternName
from detectors.messages.good_outcomes import GoodOutcomes
from detectors.messages.outcomes import DayReport, DayReview, OutcomeBundle, SalesDay
from detectors.settings import Settings
from detectors.sight.stretch import Blindness


class AllGroups:
    """Passes on to the groups of each kind; the parameters are those of `Groups`."""

    def __init__(
        self, settings: Settings, partition: int, ledgers: int, seen: list[Judgement] | None
    ) -> None:
        self.kinds: Final = {
            kind: Groups(settings, kind, partition, ledgers, seen) for kind in settings.groups.kinds
        }

    def open_alerts(self) -> Iterator[tuple[tuple[PatternName, Severity], int]]:
        """Yield how many alerts are open of a pattern and severity, for each kind of groups."""
        for groups in self.kinds.values():
            yield from groups.open_alerts().items()

    def not_judged(self) -> dict[GroupKind, int]:
        """Count the groups that are not judged, because there are too few others of their kind."""
        return {kind: groups.not_judged() for kind, groups in self.kinds.items()}

    def without_place(self) -> dict[GroupKind, int]:
        """Count the outcomes of groups that are not judged, because there are too many groups."""
        return {kind: groups.roster.not_judged for kind, groups in self.kinds.items()}

    def receive(self, bundle: OutcomeBundle, good: tuple[GoodOutcomes, ...] = ()) -> None:
        """Receive a bundle of one ledger partition, and outcomes of it that came in columns."""
        for groups in self.kinds.values():
            groups.receive(bundle, good)

    def first_day(self, known: Day) -> Day:
        """Return a complete day before which nothing happened; for agents it is `known`."""
        return min([known, *(groups.gathering.first_day() for groups in self.kinds.values())])

    def report(
        self,
        day: Day,
        sales: Mapping[Day, SalesDay],
        blindness: Blindness,
        *,
        follows_review: bool,
    ) -> dict[GroupKind, DayReport]:
        """Return what the peers stage has to know of a complete day."""
        return {
            kind: groups.report(day, sales, blindness, follows_review=follows_review)
            for kind, groups in self.kinds.items()
        }

    def judge(
        self, day: Day, review: DayReview
    ) -> tuple[list[Alert], list[tuple[Subject, PatternName, Day]]]:
        """Judge a day; return alerts, and of whom people ended which evidence with it."""
        alerts: list[Alert] = []
        ended: list[tuple[Subject, PatternName, Day]] = []
        for groups in self.kinds.values():
            due, over = groups.judge(day, review)
            alerts += due
            ended += over
        return alerts, ended

    def snapshot(self) -> dict[GroupKind, GroupsState]:
        """Return the whole state; it shares records with this object: encode it at once."""
        return {kind: groups.snapshot() for kind, groups in self.kinds.items()}

    def restore(self, state: Mapping[GroupKind, GroupsState]) -> None:
        """Restore a state that `snapshot` returned, into an object that is still empty."""
        for kind, groups in state.items():
            self.kinds[kind].restore(groups)
