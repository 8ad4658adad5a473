"""Implementations that each break one law of commissions."""

from collections.abc import Iterable, Sequence
from typing import Any

from msgspec import structs

from detectors.agents.commissions import Commissions
from detectors.agents.stage import Agents
from detectors.basis.event_time import Day, Seconds
from detectors.commission.action import CommissionAction
from detectors.commission.book import CommissionBook
from detectors.commission.course import BookState, Course
from detectors.messages.commissions import CommissionFact, OpenCritical
from detectors.messages.outcomes import DayReport
from detectors.sight.stretch import EVERYTHING_SEEN, Blindness


class GoesByArrival(CommissionBook):
    """Believes whatever comes last."""

    def _learn(self, fact: CommissionFact) -> Any:  # noqa: ANN401 - a key of its own
        self._arrived = getattr(self, "_arrived", 0) + 1
        return super()._learn(structs.replace(fact, known_at=Seconds(self._arrived)))


class ForgetsWhatItTold(CommissionBook):
    """Saves what it knows of sales, and not what it told."""

    def snapshot(self) -> BookState:
        state = super().snapshot()
        courses = [structs.replace(course, told=None) for course in state.courses]
        return structs.replace(state, courses=courses)


class RepeatsItself(CommissionBook):
    """Tells whatever it is told of, though nothing changed."""

    def decide(
        self,
        day: Day,
        facts: Iterable[CommissionFact],
        critical: Sequence[OpenCritical],
        blindness: Blindness,
    ) -> list[CommissionAction]:
        facts = list(facts)
        for fact in facts:
            course = self._courses.get((fact.account_id, fact.sale_id))
            if course is not None and course.told is not None:
                course.told = structs.replace(course.told, because="nobody")
        return super().decide(day, facts, critical, blindness)


class HoldsEverything(CommissionBook):
    """Takes an alert for one about every sale of its agent, whenever it was made."""

    def decide(
        self,
        day: Day,
        facts: Iterable[CommissionFact],
        critical: Sequence[OpenCritical],
        blindness: Blindness,
    ) -> list[CommissionAction]:
        always = [structs.replace(one, since=Day(0)) for one in critical]
        return super().decide(day, facts, always, blindness)


class HoldsWhatWasReleased(CommissionBook):
    """Does not know what it told when an alert opens."""

    def _wanted(self, course: Course, *others: Any) -> Any:  # noqa: ANN401 - passed on
        return super()._wanted(structs.replace(course, told=None), *others)


class SeesEverything(CommissionBook):
    """Releases what it knows nothing bad of, whether that could be seen or not."""

    def decide(
        self,
        day: Day,
        facts: Iterable[CommissionFact],
        critical: Sequence[OpenCritical],
        blindness: Blindness,
    ) -> list[CommissionAction]:
        del blindness
        return super().decide(day, facts, critical, EVERYTHING_SEEN)


class _OwnAlerts(Commissions):
    def judged(self, day: Day, critical: list[OpenCritical], alerts: Any) -> Any:  # noqa: ANN401 - passed on
        del critical
        return super().judged(day, sorted(self._state.critical.values()), alerts)


class _Unreported(Commissions):
    def report(self, report: DayReport, blindness: Blindness) -> DayReport:
        super().report(report, blindness)
        return report


class HoldsForItsOwnAlertsOnly(Agents):
    """Knows the alerts of its own partition, and not those of the partition of the seller."""

    def __init__(self, *arguments: Any) -> None:  # noqa: ANN401 - passed on
        super().__init__(*arguments)
        self.beside.commissions = _OwnAlerts(arguments[0])  # type: ignore[misc] # broken on purpose


class ReportsNoAlerts(Agents):
    """Never says which alerts are open."""

    def __init__(self, *arguments: Any) -> None:  # noqa: ANN401 - passed on
        super().__init__(*arguments)
        self.beside.commissions = _Unreported(arguments[0])  # type: ignore[misc] # broken on purpose
