"""What a table of evidence returns about one agent."""

import msgspec

from detectors.basis.event_time import Day


class Counts(msgspec.Struct, frozen=True):
    """Outcomes of one agent: how many, how many bad, and how many bad ones peers would have."""

    outcomes: int
    observed: int
    expected: float


class LikelyStart(msgspec.Struct, frozen=True):
    """Where the change most likely began.

    Attributes
    ----------
    day
        Start day of the largest single term of the evidence.
    since
        Outcomes from that day's first one up to the latest.
    odds_ratio
        The member of `ODDS_RATIOS` that carries most of the evidence, over all start days.

    """

    day: Day
    since: Counts
    odds_ratio: float


class EvidenceExplanation(msgspec.Struct, frozen=True):
    """The evidence against one agent since the last restart.

    Attributes
    ----------
    evidence
        The Shiryaev-Roberts sum M, at least 0.
    agent_days
        Days with an outcome since the restart; M grows by one on each, on average, by chance.
    start
        None as long as no day has begun since the restart.

    """

    evidence: float
    agent_days: int
    start: LikelyStart | None
