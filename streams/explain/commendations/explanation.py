"""A commendation beside what the outcomes of the agent say."""

from collections.abc import Sequence
from itertools import pairwise
from math import fsum, isclose
from typing import Final

from msgspec import structs
from rich.console import Console

from detectors.agents.alerting.judgement import Judgement
from detectors.alerts.commendation import Commendation, Ground, commendation_sentence
from detectors.basis.content_id import content_id
from detectors.basis.event_time import DAY, Day, day_name, end_of_day, moment, seconds_at
from detectors.settings import Settings
from streams.explain.beside import agreement, one_or_both, table_of
from streams.explain.commendations.grounds import CERTAINTY, Counted, counted, level
from streams.printable import printable

AGAIN: Final = 2
"""It is told again when so many times as many sales have matured."""

ENDS_BELOW: Final = 0.5
"""It ends below this share of the evidence with which one begins."""

_PRECISION: Final = 2e-5
"""Six figures are told, of sums that were added in another order."""


class CommendationExplanation:
    """A commendation, recomputed from the outcomes of the agent.

    How much agents differ, and which outcomes overlap with others, is a matter of all agents: the
    spread and the exponents are taken as they were told. So is the day on which it ended: that may
    rest on an alert, on a finding of people, or on contradicting claims.

    Parameters
    ----------
    settings
        All settings, those it was told with.
    revisions
        Of the commendation, oldest first; at least one.
    judgements
        All of the agent, in the order in which they were made.
    """

    def __init__(
        self,
        settings: Settings,
        revisions: Sequence[Commendation],
        judgements: Sequence[Judgement],
    ) -> None:
        self._settings: Final = settings
        self._revisions: Final = revisions
        self._judgements: Final = judgements
        self._threshold: Final = 1_000.0 / settings.commendations.at_most_per_1000_agent_years
        self._patterns: Final = settings.commended()
        self._share: Final = CERTAINTY / (self._threshold * max(1, len(self._patterns)))
        self._recomputed: Final = list(self._told())

    def agrees(self) -> bool:
        """Return whether the outcomes give the same revisions, and each had to be told."""
        recomputed = zip(self._revisions, self._recomputed, strict=True)
        return all(said == found for said, found in recomputed) and not self._reasons_against()

    def print(self, console: Console) -> None:
        """Show what counts by each pattern, what follows from it, and each revision."""
        latest = self._revisions[-1]
        console.print(
            f"The evidence is the mean over {len(self._patterns)} patterns of how many times as "
            f"likely the agent is among the best {self._share:.3g} of agents as anybody is. A "
            f"commendation begins at {self._threshold:g} and ends below half of it."
        )
        counts = table_of(
            "What is counted, as it was told last",
            (
                "pattern",
                "since",
                "matured",
                "bad",
                "peers would have",
                "among the best",
                "evidence",
            ),
        )
        begun = [one for one in self._revisions if one.status == "open"] or self._revisions
        day = _day(begun[-1])
        for ground in latest.grounds:
            found = self._counted(ground.pattern, day)
            if found is not None:
                known = level(found, ground.between_agent_sd, self._share)
                counts.add_row(
                    ground.pattern,
                    day_name(found.first_day),
                    f"{found.matured:,}",
                    f"{found.observed:,}",
                    f"{found.expected:.1f}",
                    f"{known.probability:.3f}",
                    f"{known.e_value:.2f}",
                )
        console.print(counts)
        revisions = table_of(
            "Told, and recomputed beside it", ("rev.", "at", "status", "evidence", "agree")
        )
        for said, found_one in zip(self._revisions, self._recomputed, strict=True):
            both = (said, found_one)
            revisions.add_row(
                str(said.revision),
                said.updated_at.isoformat(),
                said.status,
                one_or_both(f"{one.value:g}" for one in both),
                agreement(*both),
            )
        console.print(revisions)
        for reason in self._reasons_against():
            console.print(printable(reason))
        if latest.status == "ended":
            console.print(f"It ended: {self._why_ended(_day(latest))}.")

    def _told(self) -> list[Commendation]:
        found: list[Commendation] = []
        for number, said in enumerate(self._revisions):
            if said.status == "open" or not found:  # the first begins it, whatever it says
                one = self._open(said)
            else:
                one = structs.replace(found[-1], status="ended", updated_at=said.updated_at)
            agent_id, grounds = self._revisions[0].agent_id, one.grounds
            found.append(
                structs.replace(
                    one,
                    revision=number + 1,
                    agent_id=agent_id,
                    summary=commendation_sentence(agent_id, grounds, one.status),
                )
            )
        return found

    def _open(self, said: Commendation) -> Commendation:
        first, day = self._revisions[0], _day(said)
        opened = _day(first)
        known = {one.pattern: one for one in said.grounds}
        values, grounds = list[float](), list[Ground]()
        for pattern in self._patterns:
            counts, ground = self._counted(pattern, day), known.get(pattern)
            if counts is None:
                values.append(1.0)
            elif ground is not None:
                values.append(level(counts, ground.between_agent_sd, self._share).e_value)
                grounds.append(self._ground(counts, ground))
        return Commendation(
            commendation_id=content_id("commendation", first.agent_id, day_name(opened)),
            revision=said.revision,
            status="open",
            agent_id=first.agent_id,
            opened_at=moment(end_of_day(opened)),
            updated_at=moment(end_of_day(day)),
            summary="",
            value=_as_told(said.value, fsum(values) / len(values)),
            threshold=_as_told(said.threshold, self._threshold),
            grounds=tuple(grounds),
            config_hash=self._settings.config_hash,
        )

    def _ground(self, counts: Counted, said: Ground) -> Ground:
        """Return what the outcomes say, by the words and the spread that were told."""
        tier = next(one for one in self._settings.patterns.on_sales() if one.name == said.pattern)
        known = level(counts, said.between_agent_sd, self._share)
        rate = counts.expected / counts.matured
        low, median, high = (odds / (1.0 + rate * (odds - 1.0)) for odds in known.odds_ratios)
        return Ground(
            pattern=said.pattern,
            window=tier.window,
            outcome=tier.outcome_phrase,
            since=day_name(counts.first_day),
            matured=counts.matured,
            observed=counts.observed,
            expected=_as_told(said.expected, counts.expected),
            peers=tier.peers_phrase(self._settings.peers.cell),
            probability=_as_told(said.probability, known.probability),
            best_share=_as_told(said.best_share, self._share),
            rate_ratio=_as_told(said.rate_ratio, median),
            rate_ratio_low=_as_told(said.rate_ratio_low, low),
            rate_ratio_high=_as_told(said.rate_ratio_high, high),
            between_agent_sd=said.between_agent_sd,
            tempering=said.tempering,
        )

    def _counted(self, pattern: str, day: Day) -> Counted | None:
        return counted((one for one in self._judgements if one.pattern == pattern), day)

    def _reasons_against(self) -> list[str]:
        """Return why what was told should not have been."""
        found: list[str] = []
        first = self._recomputed[0]
        if first.value < self._threshold:
            found.append(f"The evidence was {first.value:g} when it began: too little.")
        least = self._settings.commendations.least_matured
        for ground in first.grounds:
            if ground.matured < least:
                found.append(f"{ground.matured:,} sales by {ground.pattern}: {least:,} are needed.")
            if ground.observed > ground.expected:
                found.append(f"By {ground.pattern} more were bad than peers would have.")
        for before, after in pairwise(self._recomputed):
            if after.status == "open" and _matured(after) < AGAIN * _matured(before):
                found.append(f"Revision {after.revision} came before {AGAIN} times as many sales.")
        return found

    def _why_ended(self, day: Day) -> str:
        """Return what the outcomes of the agent alone say of the end."""
        least, values, heard = self._settings.commendations.least_matured, list[float](), Day(0)
        for pattern in self._patterns:
            counts = self._counted(pattern, day)
            if counts is None:
                values.append(1.0)
                continue
            if counts.matured < least:
                few = f"by {pattern} {counts.matured:,} sales were judged"
                return f"{few}, of the {least:,} that are needed"
            if counts.observed > counts.expected:
                return f"by {pattern} more were bad than peers would have"
            values.append(level(counts, self._spread(pattern, day), self._share).e_value)
            heard = max(heard, counts.last_day)
        value = fsum(values) / len(values)
        if value < ENDS_BELOW * self._threshold:
            return f"the evidence fell to {value:.3g}"
        return (
            f"nothing of theirs was judged after {day_name(heard)}, or an alert, a finding of "
            "people or contradicting claims are about the agent"
        )

    def _spread(self, pattern: str, day: Day) -> float:
        """Return how much agents differ by a pattern, as of the last outcome by then."""
        own = (one for one in self._judgements if one.pattern == pattern and one.day <= day)
        return max(own, key=lambda one: one.day).between_agent_sd


def _day(one: Commendation) -> Day:
    """Return the day at whose end a revision was told."""
    return Day(int(seconds_at(one.updated_at) // DAY) - 1)


def _matured(one: Commendation) -> int:
    return sum(ground.matured for ground in one.grounds)


def _as_told(said: float, found: float) -> float:
    """Return a figure as it was told, if that is what was found; else what was found."""
    return said if isclose(said, found, rel_tol=_PRECISION) else float(f"{found:.6g}")
