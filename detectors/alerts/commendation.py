"""A commendation on the wire: an agent whose sales are kept and used more than those of peers."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, Literal

from msgspec import Struct

from detectors.alerts.alert import ENGINE_VERSION
from detectors.alerts.wording import expected_as_read
from detectors.basis.identifiers import AgentId, PatternName
from detectors.events.event import Moment

CommendationStatus = Literal["open", "ended"]


class Ground(Struct, frozen=True, kw_only=True):
    """What an agent is commended for: outcomes by one pattern, few of which were bad.

    ``window``
        How long after its sale an outcome becomes known, such as ``10d``.
    ``outcome``
        What a bad one was, such as ``cancelled within 10 days``.
    ``since``
        The first day that is counted, of the last one or two years.
    ``matured``, ``observed``, ``expected``
        Sales whose window has passed, how many of them were bad, and how many would be among peers.
    ``peers``
        Who the peers are, in words.
    ``probability``
        That the agent is among the best ``best_share`` of agents, by how much these differ.
    ``rate_ratio``, ``rate_ratio_low``, ``rate_ratio_high``
        How often outcomes are bad as a multiple of what peers have: the best estimate, allowing for
        chance and for how much agents differ, with its 90 % interval.
    ``between_agent_sd``, ``tempering``
        How much agents differ (on the logit), and the exponent of every likelihood.
    """

    pattern: PatternName
    window: str
    outcome: str
    since: str
    matured: int
    observed: int
    expected: float
    peers: str
    probability: float
    best_share: float
    rate_ratio: float
    rate_ratio_low: float
    rate_ratio_high: float
    between_agent_sd: float
    tempering: float


class Commendation(Struct, frozen=True, kw_only=True):
    """One revision of a commendation. The same log of events gives the same, byte for byte.

    Every text in it is plain text, made from ids that sources chose: escape it where it goes.

    ``status`` is ``ended`` when it does not stand any more. It says nothing of why: among the
    reasons are some that only compliance may know.

    ``value`` is the evidence, ``threshold`` where a commendation begins; it ends below half of it.
    """

    commendation_id: str
    revision: int
    status: CommendationStatus
    severity: Literal["info"] = "info"
    agent_id: AgentId
    opened_at: Moment
    updated_at: Moment
    summary: str
    value: float
    threshold: float
    grounds: tuple[Ground, ...]
    config_hash: str
    engine_version: str = ENGINE_VERSION


def canonical_commendations(one: Commendation) -> tuple[datetime, str, int]:
    """Return the key that orders a log of revisions."""
    return (one.updated_at, one.commendation_id, one.revision)


_ENDED: Final = "Ended: this does not stand any more."


def commendation_sentence(
    agent_id: AgentId, grounds: Sequence[Ground], status: CommendationStatus
) -> str:
    """Return what a coach can read aloud: counts, those of peers, and how sure that is."""
    told = "; ".join(
        f"of {one.matured:,} sales since {one.since}, {one.observed:,} were {one.outcome}, where "
        f"peers with the same sales would have {expected_as_read(one.expected)}"
        for one in grounds
    )
    estimates = " and ".join(
        f"{one.rate_ratio:,.2f} times (90 % interval {one.rate_ratio_low:,.2f} to "
        f"{one.rate_ratio_high:,.2f})"
        for one in grounds
    )
    best = "the best estimate is" if len(grounds) == 1 else "the best estimates are"
    sentence = (
        f"Agent {agent_id}: {told}. Allowing for chance, and for how much agents differ, {best} "
        f"{estimates} as often as among peers."
    )
    return f"{sentence} {_ENDED}" if status == "ended" else sentence
