"""What the summary says of agents who are not judged: that nothing is told of them says nothing."""

from collections.abc import Iterator, Mapping
from typing import Final

from detectors.agents.alerting.not_judged import Reason, Unjudged
from detectors.basis.event_time import day_name
from detectors.basis.identifiers import AgentId, PatternName
from streams.printable import printable

MOST_NAMED: Final = 10
"""So many agents are named, the first ones by id."""

_WORDS: Final[Mapping[Reason, str]] = {
    "no_peers": "nobody else has an outcome to compare with",
    "too_large": "nearly all of the market of what they sell is theirs",
}


def unjudged_lines(by_tier: Mapping[PatternName, Mapping[AgentId, Unjudged]]) -> Iterator[str]:
    """Yield who is not judged at present, by which patterns, since when and why."""
    agents: dict[AgentId, dict[Reason, list[str]]] = {}
    for pattern, unjudged in sorted(by_tier.items()):
        for agent_id, one in unjudged.items():
            told = f"{pattern} since {day_name(one.since)}"
            agents.setdefault(agent_id, {}).setdefault(one.reason, []).append(told)
    if not agents:
        return
    number = "1 agent is" if len(agents) == 1 else f"{len(agents):,} agents are"
    yield f"{number} not judged: that nothing is told of them says nothing"
    for agent_id, reasons in sorted(agents.items())[:MOST_NAMED]:
        for reason, patterns in sorted(reasons.items()):
            yield f'  "{printable(agent_id)}": {_WORDS[reason]} ({", ".join(patterns)})'
    if len(agents) > MOST_NAMED:
        yield f"  and {len(agents) - MOST_NAMED:,} more"
