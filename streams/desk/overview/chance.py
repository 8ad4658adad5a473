"""Whether chance explains the alarms, and how often people found them to be right."""

from collections import Counter
from collections.abc import Mapping
from typing import Final, NamedTuple, get_args

import msgspec
from msgspec import Struct

from detectors.basis.identifiers import PatternName
from detectors.events.decision import Outcome
from detectors.settings import Settings
from streams.desk.model.read_model import ReadModel
from streams.desk.model.tallies import MONTHS_OF_A_YEAR
from streams.desk.overview.intervals import Interval, share_interval

PER: Final = 1_000
"""Agent-years of a budget."""

_NULL: Final = """
SELECT patterns, record, max(updated_at) FROM alerts
WHERE severity > 0 AND instr(record, CAST('"null_agent_years":' AS BLOB)) > 0
    AND instr(record, CAST('"null_agent_years":null' AS BLOB)) = 0
GROUP BY patterns"""


class OfPattern(NamedTuple):
    """One pattern.

    Attributes
    ----------
    warned
        Alerts about agents that were a warning at least, and were not withdrawn.
    null_alarms, null_years
        What chance alone gave, by the newest alert that says so, and in how many agent-years.
    closings
        How two people closed the cases that it was part of.
    """

    name: PatternName
    warned: int
    null_alarms: int | None
    null_years: float | None
    closings: Mapping[Outcome, int]

    @property
    def null_rate(self) -> float | None:
        """Alarms of chance in `PER` agent-years."""
        if self.null_alarms is None or not self.null_years:
            return None
        return PER * self.null_alarms / self.null_years

    @property
    def judged(self) -> int:
        """Closings that say whether the alert was right: as unclear says nothing."""
        return self.closings["confirmed"] + self.closings["honest"]

    @property
    def precision(self) -> float | None:
        """The share of them that was confirmed."""
        return self.closings["confirmed"] / self.judged if self.judged else None

    @property
    def precision_interval(self) -> Interval:
        """Its 90 % interval."""
        return share_interval(self.closings["confirmed"], self.judged)


class Chance(NamedTuple):
    """All patterns, and the budget that they share.

    Attributes
    ----------
    budget
        Warnings about honest agents in `PER` agent-years, at most, by the settings.
    agent_years
        Months in which an agent has sold, as years: what the desk has read of them.
    patterns
        By name.
    """

    budget: float
    agent_years: float
    patterns: tuple[OfPattern, ...]

    @property
    def warned(self) -> int:
        """Warnings about agents, of all patterns."""
        return sum(one.warned for one in self.patterns)

    @property
    def by_chance(self) -> float:
        """How many of them the budget grants to chance, at most."""
        return self.budget * self.agent_years / PER

    @property
    def null_rate(self) -> float | None:
        """Alarms of chance in `PER` agent-years, of all patterns that say so together."""
        rates = [one.null_rate for one in self.patterns if one.null_rate is not None]
        return sum(rates) if rates else None


class _Null(Struct, frozen=True):
    null_alarms: int | None = None
    null_agent_years: float | None = None


class _Alert(Struct, frozen=True):
    evidence: _Null


class _Closing(Struct, frozen=True):
    outcome: Outcome
    patterns: tuple[PatternName, ...]


class _Case(Struct, frozen=True):
    closing: _Closing | None


_alert: Final = msgspec.json.Decoder(_Alert).decode
_case: Final = msgspec.json.Decoder(_Case).decode


def chance_in(model: ReadModel, settings: Settings) -> Chance:
    """Return what chance explains, by what a read model holds."""
    warned: dict[PatternName, int] = dict(
        model.ask(
            "SELECT patterns, count(*) FROM alerts WHERE subject_type = 'agent' AND severity > 0 "
            "AND standing <> 'withdrawn' GROUP BY patterns"
        )
    )
    null = {pattern: _alert(record).evidence for pattern, record, _ in model.ask(_NULL)}
    closings: dict[PatternName, Counter[Outcome]] = {}
    for (record,) in model.ask("SELECT record FROM cases WHERE standing = 'closed'"):
        if (closing := _case(record).closing) is not None:
            for pattern in closing.patterns:
                closings.setdefault(pattern, Counter())[closing.outcome] += 1
    ((months,),) = model.ask("SELECT count(*) FROM (SELECT DISTINCT agent_id, month FROM sold)")
    evidence = settings.evidence
    early = evidence.early_false_alarms_per_1000_agent_years
    has_early = bool(settings.patterns.early_tiers())
    return Chance(
        budget=evidence.false_alarms_per_1000_agent_years + (early if has_early else 0.0),
        agent_years=months / MONTHS_OF_A_YEAR,
        patterns=tuple(
            OfPattern(
                name,
                warned.get(name, 0),
                None if name not in null else null[name].null_alarms,
                None if name not in null else null[name].null_agent_years,
                {one: closings.get(name, Counter())[one] for one in get_args(Outcome)},
            )
            for name in sorted({*warned, *null, *closings})
        ),
    )
