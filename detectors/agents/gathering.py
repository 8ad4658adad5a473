"""Outcomes on their way from the ledgers to the day on which they are judged."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from itertools import pairwise
from operator import attrgetter
from typing import Final
from zlib import crc32

from msgspec import Struct, field

from detectors.account import Verdict
from detectors.event_time import BEGINNING, day_of, start_of_day
from detectors.identity import content_id
from detectors.outcomes import Outcome, OutcomeBundle, PatternName

_maturity: Final = attrgetter("matured_at")


class Late(Struct, array_like=True):
    """A verdict that a late event brought or changed, and what was told before."""

    outcome: Outcome
    before: Verdict


class DayBatch(Struct, frozen=True):
    """Outcomes of one day in canonical order, and corrections with the verdict they replace."""

    fresh: list[Outcome] = field(default_factory=list)
    corrections: list[tuple[Outcome, Verdict]] = field(default_factory=list)


class GatheringState(Struct):
    """All that a `Gathering` remembers.

    Attributes
    ----------
    watermarks
        Of each ledger partition.
    on_time
        By pattern: what matured on days that were not taken yet.
    late
        By the day on which it became known, then by sale; kept for some days after that day was
        taken, to recognise what is told again.
    """

    watermarks: list[float]
    on_time: dict[PatternName, list[Outcome]]
    late: dict[int, dict[str, Late]] = field(default_factory=dict)


class Gathering:
    """Takes in bundles of several ledgers in any order, and gives whole days in canonical order.

    A ledger that was restarted tells some things again. An outcome that was told in time is known
    by the ledger's watermark, which had passed it; one that a late event brought, by its sale.

    Parameters
    ----------
    patterns
        Names of the patterns.
    ledgers
        How many ledger partitions send to this one.
    kept_days
        For how many days late outcomes are remembered after they were taken.
    """

    def __init__(self, patterns: Iterable[PatternName], ledgers: int, kept_days: int) -> None:
        self._kept_days: Final = kept_days
        self._sorted = True
        self.state = GatheringState([BEGINNING] * ledgers, {name: [] for name in patterns})

    def receive(self, bundle: OutcomeBundle) -> None:
        """Take in what one ledger partition tells."""
        told_until = self.state.watermarks[bundle.ledger_partition]
        on_time = self.state.on_time
        for outcome in bundle.outcomes:
            if outcome.known_at > outcome.matured_at or outcome.before:
                self._receive_late(outcome)
            elif outcome.matured_at >= told_until:
                on_time[outcome.pattern].append(outcome)
        self._sorted = False
        if bundle.watermark > told_until:
            self.state.watermarks[bundle.ledger_partition] = bundle.watermark

    def restore(self, state: GatheringState) -> None:
        """Take over the `state` of another gathering of the same patterns."""
        self.state = state
        self._sorted = False

    def complete_until(self) -> float:
        """Give the event time (seconds) before which every ledger has told everything."""
        return min(self.state.watermarks)

    def first_day(self) -> int:
        """Give a complete day before which nothing happened; all ledgers must have told something.

        It is the last complete one if there is nothing yet: others wait to hear of it.
        """
        days = [day_of(self.complete_until()) - 1, *self.state.late]
        days += [day_of(min(map(_maturity, told))) for told in self.state.on_time.values() if told]
        return min(days)

    def take(self, day: int) -> dict[PatternName, DayBatch]:
        """Give what became known on a complete day, once; days must be taken in their order."""
        late = self.state.late
        for known in [known for known in late if known < day - self._kept_days]:
            del late[known]
        batches: dict[PatternName, DayBatch] = {}
        for name, fresh in self._matured_before(start_of_day(day + 1)):
            brought = [told for told in late.get(day, {}).values() if told.outcome.pattern == name]
            if fresh or brought:
                batches[name] = _batch(day, fresh, brought)
        return batches

    def _matured_before(self, end: float) -> Iterator[tuple[PatternName, list[Outcome]]]:
        """Take from each list what matured before `end`, in the order of maturity."""
        for name, told in self.state.on_time.items():
            if not self._sorted:
                told.sort(key=_maturity)
            ready = bisect_left(told, end, key=_maturity)
            fresh = told[:ready]
            del told[:ready]
            yield name, fresh
        self._sorted = True

    def _receive_late(self, outcome: Outcome) -> None:
        complete_until = self.complete_until()
        known_on = day_of(outcome.known_at)
        open_day = known_on if complete_until == BEGINNING else day_of(complete_until)
        day = max(known_on, open_day)
        late = self.state.late
        key = content_id(*_identity(outcome))
        told_on = max((told for told, entries in late.items() if key in entries), default=None)
        if told_on is None:
            if known_on >= open_day - self._kept_days:
                late.setdefault(day, {})[key] = Late(outcome, outcome.before)
        elif told_on == day:
            late[day][key].outcome = outcome
        elif told_on < day and late[told_on][key].outcome.verdict is not outcome.verdict:
            late.setdefault(day, {})[key] = Late(outcome, late[told_on][key].outcome.verdict)


def _batch(day: int, fresh: list[Outcome], brought: list[Late]) -> DayBatch:
    corrections: list[tuple[Outcome, Verdict]] = []
    for entry in brought:
        outcome, before = entry.outcome, entry.before
        if outcome.verdict is before:
            continue
        counted = before in (Verdict.GOOD, Verdict.BAD)
        if counted and day_of(outcome.matured_at) < day:
            corrections.append((outcome, before))
            continue
        if counted:
            fresh = [other for other in fresh if not _same(other, outcome)]
        if outcome.verdict is not Verdict.EXCLUDED:
            fresh.append(outcome)
    if brought or len({outcome.matured_at for outcome in fresh}) < len(fresh):
        fresh.sort(key=_canonical)
        fresh = [
            outcome
            for before, outcome in pairwise([None, *fresh])
            if outcome is not None and (before is None or not _same(before, outcome))
        ]
        corrections.sort(key=lambda correction: _canonical(correction[0]))
    return DayBatch(fresh, corrections)


def _identity(outcome: Outcome) -> tuple[str, ...]:
    """Say what makes two outcomes statements about the same: all but verdict and knowledge."""
    return (
        outcome.pattern,
        repr(outcome.matured_at),
        outcome.sale_id,
        outcome.account_id,
        outcome.agent_id or "",
        outcome.cell,
    )


def _same(one: Outcome, other: Outcome) -> bool:
    return one.sale_id == other.sale_id and _identity(one) == _identity(other)


def _canonical(outcome: Outcome) -> tuple[float, int, str, str, str, str]:
    """Order by maturity; break ties by a hash, for the order of ids may tell of the outcome."""
    return (
        outcome.matured_at,
        crc32(outcome.sale_id.encode()),
        outcome.sale_id,
        outcome.account_id,
        outcome.agent_id or "",
        outcome.cell,
    )
