"""Outcomes of time that could not be seen: left out, and corrected where they were told before.

Of a sale whose window touches a stretch in which a kind of event could not be seen, no pattern that
asks for such events says anything, good or bad. To leave out the bad ones alone would make
everybody look better for as long as it lasts, and then worse.

A stretch is known as one only after some days, and late events may fill it up. So what touches a
source that is dark is remembered: it is told as ever, corrected when the source turns out to be
blind, and told after all when it was not.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from msgspec import Struct, field, structs

from detectors.agents.gathering.order import identity
from detectors.basis.event_time import Day, Seconds
from detectors.basis.identifiers import PatternName
from detectors.facts.account import Verdict
from detectors.messages.outcomes import Outcome
from detectors.sight.resting import NOTHING
from detectors.sight.stretch import Blindness, Kind, Look

Corrections = list[tuple[Outcome, Verdict]]


class Doubtful(Struct, array_like=True):
    """An outcome as the ledger knows it, what was told of it, and since when.

    That it is excluded says that nothing was told.
    """

    outcome: Outcome
    told: Verdict
    since: Day


class ScreenState(Struct):
    """All that a `Screen` remembers: outcomes by pattern and identity, and how many it left out."""

    doubtful: dict[PatternName, dict[str, Doubtful]] = field(default_factory=dict)
    left_out: dict[PatternName, int] = field(default_factory=dict)


class Screen:
    """Lets pass what could be seen.

    Parameters
    ----------
    kinds
        What each pattern rests on.
    windows
        Of each pattern, in seconds.
    forgiven
        How many seconds before its sale a fact may be dated.
    kept_days
        For how many days an outcome may be corrected.
    """

    def __init__(
        self,
        kinds: Mapping[PatternName, frozenset[Kind]],
        windows: Mapping[PatternName, float],
        forgiven: float,
        kept_days: int,
    ) -> None:
        self._kinds: Final = kinds
        self._windows: Final = windows
        self._forgiven: Final = forgiven
        self._kept_days: Final = kept_days
        self.state = ScreenState()

    @property
    def left_out(self) -> Mapping[PatternName, int]:
        """How many outcomes were left out, by pattern."""
        return self.state.left_out

    def has_work(self, name: PatternName, blindness: Blindness) -> bool:
        """Return whether anything may have to be left out, corrected or told after all."""
        kinds = self._kinds.get(name, NOTHING)
        return bool(self.state.doubtful.get(name)) or blindness.concerns(kinds)

    def passed(
        self,
        day: Day,
        name: PatternName,
        fresh: Iterable[Outcome],
        corrections: Corrections,
        blindness: Blindness,
    ) -> tuple[list[Outcome], Corrections]:
        """Return what counts of a day's fresh outcomes and corrections; the order is not kept."""
        doubtful = self.state.doubtful.setdefault(name, {})
        told, corrected = list[Outcome](), Corrections()
        for outcome in fresh:
            look = self._look(outcome, blindness)
            if look is Look.NEVER_SEEN:
                self._count(name, 1)
                continue
            if look < Look.UNSEEN:
                told.append(outcome)
            else:
                self._count(name, 1)
            if look is not Look.CLEAR:
                was = outcome.verdict if look is Look.SUSPECTED else Verdict.EXCLUDED
                doubtful[identity(outcome)] = Doubtful(outcome, was, day)
        for outcome, before in corrections:
            known = doubtful.get(identity(outcome))
            if known is not None:
                known.outcome = outcome
            elif self._look(outcome, blindness) is not Look.NEVER_SEEN:
                corrected.append((outcome, before))
        for key, known in list(doubtful.items()):
            look = self._look(known.outcome, blindness)
            self._reconcile(name, known, look, told, corrected)
            is_over = day - known.since > self._kept_days
            if is_over or look in (Look.CLEAR, Look.NEVER_SEEN):
                del doubtful[key]
        return told, corrected

    def _reconcile(
        self,
        name: PatternName,
        known: Doubtful,
        look: Look,
        told: list[Outcome],
        corrected: Corrections,
    ) -> None:
        """Tell of an outcome what is to be said of it now, if that is something else."""
        wanted = Verdict.EXCLUDED if look >= Look.UNSEEN else known.outcome.verdict
        before, known.told = known.told, wanted
        if wanted is before:
            return
        if look >= Look.UNSEEN:
            self._count(name, 1)
        if before is Verdict.EXCLUDED:
            self._count(name, -1)
            told.append(structs.replace(known.outcome, verdict=wanted, before=Verdict.PENDING))
        else:
            corrected.append((structs.replace(known.outcome, verdict=wanted), before))

    def _look(self, outcome: Outcome, blindness: Blindness) -> Look:
        name, end = outcome.pattern, outcome.matured_at
        since = Seconds(end - self._windows[name] - self._forgiven)
        return blindness.look(self._kinds.get(name, NOTHING), outcome.site, since, end)

    def _count(self, name: PatternName, number: int) -> None:
        self.state.left_out[name] = self.state.left_out.get(name, 0) + number
