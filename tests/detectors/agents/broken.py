"""Agents stages that each break one law."""

from typing import Final

from msgspec import structs

from detectors.agents.gathering.gathering import DayBatch, Gathering, LateOutcome
from detectors.agents.stage import Agents
from detectors.basis.event_time import BEGINNING, Day, Seconds, day_of, start_of_day
from detectors.basis.identifiers import PatternName
from detectors.messages.outcomes import DayReview, Outcome, OutcomeBundle
from detectors.settings import Settings
from detectors.sight.stretch import EVERYTHING_SEEN, Blindness
from tests.detectors.channels import place_of
from tests.detectors.worlds import WINDOWS

KEPT_DAYS = 5


class _Impatient(Gathering):
    def complete_until(self) -> Seconds:
        return max(self.state.watermarks)


class _Forgetful(Gathering):
    def receive(self, bundle: OutcomeBundle) -> None:
        known = self.state.watermarks[bundle.ledger_partition]
        self.state.watermarks[bundle.ledger_partition] = BEGINNING
        super().receive(bundle)
        self.state.watermarks[bundle.ledger_partition] = max(known, bundle.watermark)


class _ForgetfulOfLate(Gathering):
    def _receive_late(self, outcome: Outcome) -> None:
        open_day = day_of(max(self.complete_until(), outcome.known_at))
        entries = self.state.late.setdefault(open_day, {})
        entries[str(len(entries))] = LateOutcome(outcome, outcome.before)


class _Unsorted(Gathering):
    def pop(self, day: Day, blindness: Blindness = EVERYTHING_SEEN) -> dict[PatternName, DayBatch]:
        del blindness
        end = start_of_day(day + 1)
        batches = {}
        for name, sent in self.state.on_time.items():
            batches[name] = DayBatch([outcome for outcome in sent if outcome.matured_at < end])
            sent[:] = [outcome for outcome in sent if outcome.matured_at >= end]
        return batches


class BelievesTheFirstLedger(Agents):
    """Judges a day when the first of several ledgers has passed it."""

    def __init__(self, settings: Settings, partition: int = 0, ledger_partitions: int = 1) -> None:
        super().__init__(settings, partition, ledger_partitions)
        self._gathering = _Impatient(WINDOWS, ledger_partitions, KEPT_DAYS)
        for groups in self.groups.kinds.values():
            groups.gathering = _Impatient(WINDOWS, ledger_partitions, KEPT_DAYS)


class KnowsOnlyGroupsOfItsOwn(Agents):
    """Names the alerts of those groups only that are judged in this partition."""

    def __init__(self, settings: Settings, partition: int = 0, ledger_partitions: int = 1) -> None:
        super().__init__(settings, partition, ledger_partitions)
        self._place: Final = partition
        self._places: Final = ledger_partitions

    def review(self, review: DayReview) -> None:
        groups = {
            kind: structs.replace(
                told,
                open_alerts={
                    name: ids
                    for name, ids in told.open_alerts.items()
                    if place_of(name, self._places) == self._place
                },
            )
            for kind, told in review.groups.items()
        }
        super().review(structs.replace(review, groups=groups))


class CountsWhatIsSentAgain(Agents):
    """Does not recognise what a ledger sends again after a restart."""

    def __init__(self, settings: Settings, partition: int = 0, ledger_partitions: int = 1) -> None:
        super().__init__(settings, partition, ledger_partitions)
        self._gathering = _Forgetful(WINDOWS, ledger_partitions, KEPT_DAYS)


class CorrectsWhatIsSentAgain(Agents):
    """Does not recognise a late outcome that is sent again."""

    def __init__(self, settings: Settings, partition: int = 0, ledger_partitions: int = 1) -> None:
        super().__init__(settings, partition, ledger_partitions)
        self._gathering = _ForgetfulOfLate(WINDOWS, ledger_partitions, KEPT_DAYS)


class AppliesAsItComes(Agents):
    """Applies the outcomes of a day in the order of their arrival."""

    def __init__(self, settings: Settings, partition: int = 0, ledger_partitions: int = 1) -> None:
        super().__init__(settings, partition, ledger_partitions)
        self._gathering = _Unsorted(WINDOWS, ledger_partitions, KEPT_DAYS)
