from msgspec import Struct

from detectors.contract.claim import Claim, Levels
from detectors.contract.observation import Observation, Score
from detectors.contract.snapshots import seal, unseal


class FarOff(Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="far_off"):
    """How far a number is from where numbers have been lately."""

    memory: float = 0.05
    far: float = 5.0

    def build(self, snapshot: bytes | None = None) -> "FarOffDetector":
        return FarOffDetector(self, snapshot)

    def claim(self) -> Claim:
        ordinary, changed = Levels((0.0,), (1.0,)), Levels((9.0,), (1.0,))
        return Claim(ordinary=ordinary, changed=changed, ready_after=20, seen_within=3)


class State(Struct):
    centre: float = 0.0
    spread: float = 1.0
    count: int = 0


class FarOffDetector:
    def __init__(self, config: FarOff, snapshot: bytes | None) -> None:
        self.config = config
        self.state = State() if snapshot is None else unseal(snapshot, config, "1", State)

    def distance(self, x: Observation) -> float:
        (value,) = x.of_width(1)
        return (min(max(value, -1e100), 1e100) - self.state.centre) / self.state.spread

    def score_one(self, x: Observation) -> Score:
        distance = abs(self.distance(x))
        return Score(distance / (distance + self.config.far), ready=self.state.count >= 20)

    def explain_one(self, x: Observation) -> str:
        return f"{self.distance(x):+.1f} spreads from where it has been lately"

    def learn_one(self, x: Observation) -> None:
        step = min(max(self.distance(x), -4.0), 4.0)  # no single value moves it far
        self.state.centre += self.config.memory * step * self.state.spread
        self.state.spread *= 1.0 + self.config.memory * (abs(step) - 0.8)
        self.state.count += 1

    def snapshot(self) -> bytes:
        return seal(self.config, "1", self.state)
