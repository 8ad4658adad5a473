"""Unusual vectors among those of a peer group, by river's half-space trees."""

from math import ceil, log2
from typing import Annotated, Final
from zlib import crc32

from msgspec import Meta, Struct, field
from river.__version__ import __version__ as river_version
from river.anomaly import HalfSpaceTrees
from river.tree.padded import PaddedBranch

from detectors.basis.errors import IncompatibleSnapshot
from detectors.contract.claim import Claim, Levels
from detectors.contract.observation import Observation, Score
from detectors.contract.snapshots import seal, unseal

FORM: Final = f"unusual_mix 1, river {river_version}"

BINS: Final = 128
BINS_AN_OCTAVE: Final = 8
"""Bins of the tail: from everything down to 2**-16 of the largest mass."""

MEMORY: Final = 8
"""The tail is halved when it holds this many times what an alarm needs."""

Limits = tuple[float, float]


class UnusualMix(
    Struct,
    frozen=True,
    kw_only=True,
    forbid_unknown_fields=True,
    tag_field="kind",
    tag="unusual_mix",
):
    """Vectors where those of a peer group are rare; one detector a group.

    Attributes
    ----------
    limits
        Least and largest ordinary value of each number. Beyond them is allowed, and rare.
    alarm_share
        Share of the group's vectors that are to be found strange.
    trees, height, window
        Of the half-space trees; the window is in vectors.
    seed
        Decides the trees.

    """

    limits: Annotated[tuple[Limits, ...], Meta(min_length=1)] = ((0.0, 1.0), (0.0, 1.0))
    alarm_share: Annotated[float, Meta(ge=1e-5, le=0.1)] = 0.001
    trees: Annotated[int, Meta(ge=1, le=100)] = 20
    height: Annotated[int, Meta(ge=1, le=10)] = 6
    window: Annotated[int, Meta(ge=10, le=10_000)] = 250
    seed: Annotated[int, Meta(ge=0, le=2**32 - 1)] = 1

    def __post_init__(self) -> None:
        for least, largest in self.limits:
            if not least < largest:
                raise ValueError(f"`limits` must rise, not go from {least} to {largest}")

    def build(self, snapshot: bytes | None = None) -> "UnusualMixDetector":
        """Build it; see `detectors.contract.detector`."""
        return UnusualMixDetector(self, snapshot)

    def claim(self) -> Claim:
        """See a jump from the middle of the limits to near the largest of all values."""
        spans = [(least, largest - least) for least, largest in self.limits]
        deviations = tuple(0.08 * span for _, span in spans)
        return Claim(
            ordinary=Levels(tuple(least + 0.4 * span for least, span in spans), deviations),
            changed=Levels(tuple(least + 0.9 * span for least, span in spans), deviations),
            ready_after=self.window + ceil(1.0 / self.alarm_share),
            seen_within=10,
        )


class _State(Struct, array_like=True):
    trees: int = 0
    learned: int = 0
    first_window: bool = True
    masses: list[tuple[int, int]] = field(default_factory=list)
    tail: list[int] = field(default_factory=lambda: [0] * BINS)


class UnusualMixDetector:
    """Half-space trees (Tan, Ting and Liu, IJCAI 2011), read as a share of the group's own tail.

    Their mass is comparable only with itself. So a score is a / (a + p), with a the config's
    `alarm_share` and p the share of the group's past vectors that were at least as rare: `STRANGE`
    where p is a. River draws the trees from the seed; a snapshot carries the masses, and a checksum
    of the trees in case another Python draws others.
    """

    def __init__(self, config: UnusualMix, snapshot: bytes | None) -> None:
        self._config: Final = config
        self._names: Final = tuple(range(len(config.limits)))
        self._forest: Final = HalfSpaceTrees(
            n_trees=config.trees,
            height=config.height,
            window_size=config.window,
            limits=dict(zip(self._names, config.limits, strict=True)),
            seed=config.seed,
        )
        middle = tuple((least + largest) / 2.0 for least, largest in config.limits)
        self._forest.learn_one(self._named(middle))  # type: ignore[no-untyped-call]  # as above
        self._nodes: Final = [node for tree in self._forest._tree_nodes for node in tree]  # noqa: SLF001 - river has no other way to its state
        splits = [
            (node.feature, node.threshold) for node in self._nodes if isinstance(node, PaddedBranch)
        ]
        self._trees: Final = crc32(repr(splits).encode())
        self._tail = [0] * BINS
        state = _State(self._trees, masses=[(0, 0)] * len(self._nodes))
        if snapshot is not None:
            state = unseal(snapshot, config, FORM, _State)
            if state.trees != self._trees or len(state.masses) != len(self._nodes):
                raise IncompatibleSnapshot("a snapshot of other trees")
        self._restore(state)

    def score_one(self, x: Observation) -> Score:
        """Score `x` by the share of past vectors that were at least as rare."""
        rarity = self._bin(x.of_width(len(self._names)))
        known = sum(self._tail)
        share = (sum(self._tail[rarity:]) + 1) / (known + 1)
        alarm_share = self._config.alarm_share
        return Score(alarm_share / (alarm_share + share), known * alarm_share >= 1.0)

    def learn_one(self, x: Observation) -> None:
        """Take a vector in."""
        values = x.of_width(len(self._names))
        if not self._forest._first_window:  # noqa: SLF001 - as above
            self._tail[self._bin(values)] += 1
            if sum(self._tail) * self._config.alarm_share >= MEMORY:
                self._tail = [(count + 1) // 2 for count in self._tail]
        self._forest.learn_one(self._named(values))  # type: ignore[no-untyped-call]  # as above

    def snapshot(self) -> bytes:
        """Return all of the state."""
        state = _State(
            trees=self._trees,
            learned=self._forest.counter,
            first_window=self._forest._first_window,  # noqa: SLF001 - as above
            masses=[(node.l_mass, node.r_mass) for node in self._nodes],
            tail=self._tail,
        )
        return seal(self._config, FORM, state)

    def _restore(self, state: _State) -> None:
        self._forest.counter = state.learned
        self._forest._first_window = state.first_window  # noqa: SLF001 - as above
        for node, (latest, reference) in zip(self._nodes, state.masses, strict=True):
            node.l_mass, node.r_mass = latest, reference
        self._tail = state.tail

    def _bin(self, values: tuple[float, ...]) -> int:
        rarity = self._forest.score_one(self._named(values))  # type: ignore[no-untyped-call]  # as above
        mass = max(1.0 - rarity, 2.0 ** -(BINS / BINS_AN_OCTAVE))
        return min(int(-log2(mass) * BINS_AN_OCTAVE), BINS - 1)

    def _named(self, values: tuple[float, ...]) -> dict[int, float]:
        return dict(zip(self._names, values, strict=True))
