"""What was judged, with the truth beside it: the stream on which rivals are measured too."""

from pathlib import Path

import numpy as np
from msgspec import Struct, structs

from bench.yardstick.sales import Booleans, Integers, Reals, Sales
from detectors.agents.alerting.judgement import Judgement


class Seen:
    """Takes down the judgements of one pattern, a day at a time, in little room."""

    def __init__(self, pattern: str) -> None:
        self._pattern = pattern
        self._places: list[Integers] = []
        self._expected: list[Reals] = []
        self._evidence: list[Reals] = []
        self.inbox = list[Judgement]()

    def empty(self) -> None:
        """Take down what is in the inbox."""
        mine = [
            told
            for told in self.inbox
            if (told.kind, told.pattern) == ("agent", self._pattern)
            and told.sale_id
            and told.corrects is None
        ]
        self._places.append(np.array([int(judgement.sale_id) for judgement in mine], np.int64))
        self._expected.append(np.array([judgement.expected for judgement in mine]))
        self._evidence.append(np.array([judgement.evidence for judgement in mine]))
        self.inbox.clear()

    def trials(self, sales: Sales) -> "Trials":
        """Return everything that was taken down, agent by agent."""
        places = np.concatenate(self._places)
        order = np.argsort(sales.agent[places], kind="stable")
        expected, places = np.concatenate(self._expected)[order], places[order]
        agent = sales.agent[places]
        starts = np.searchsorted(agent, np.arange(sales.agents.count + 1))
        return Trials(
            percent=sales.agents.percent,
            starts=starts,
            expected=expected,
            evidence=np.concatenate(self._evidence)[order],
            odds=sales.odds[places],
            changed=sales.changed[places],
            bad=sales.bad[places],
        )


class Trials(Struct, frozen=True):
    """Columns of judged sales: those of agent i are from ``starts[i]`` to ``starts[i + 1]``.

    They are in the order in which they were judged. ``expected`` is the product's own expectation,
    ``evidence`` its evidence after the sale, ``odds`` the truth for an honest agent, ``percent`` of
    the agents (0: honest for ever).
    """

    percent: Integers
    starts: Integers
    expected: Reals
    evidence: Reals
    odds: Reals
    changed: Booleans
    bad: Booleans

    @property
    def agents(self) -> int:
        """Return how many agents there are."""
        return self.percent.size

    def save(self, path: Path) -> None:
        """Write them to a file."""
        np.savez(path, **structs.asdict(self))

    @classmethod
    def load(cls, path: Path) -> "Trials":
        """Read what `save` wrote."""
        with np.load(path) as columns:
            return cls(**columns)

    def only(self, agents: Integers) -> "Trials":
        """Return the trials of some agents, in the order given."""
        lengths = self.starts[agents + 1] - self.starts[agents]
        starts = np.concatenate([[0], np.cumsum(lengths)])
        places = np.repeat(self.starts[agents] - starts[:-1], lengths) + np.arange(starts[-1])
        return Trials(
            self.percent[agents],
            starts,
            self.expected[places],
            self.evidence[places],
            self.odds[places],
            self.changed[places],
            self.bad[places],
        )


def joined(parts: list[Trials]) -> Trials:
    """Return the agents of several runs as if they were of one."""
    offsets = np.cumsum([0, *(part.bad.size for part in parts)])
    starts = [part.starts[:-1] + offset for part, offset in zip(parts, offsets, strict=False)]
    return Trials(
        np.concatenate([part.percent for part in parts]),
        np.concatenate([*starts, offsets[-1:]]),
        np.concatenate([part.expected for part in parts]),
        np.concatenate([part.evidence for part in parts]),
        np.concatenate([part.odds for part in parts]),
        np.concatenate([part.changed for part in parts]),
        np.concatenate([part.bad for part in parts]),
    )
