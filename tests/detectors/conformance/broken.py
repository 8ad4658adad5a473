"""A sound detector, and detectors made from it that each break one law."""

from math import nan, sqrt
from time import perf_counter_ns
from typing import ClassVar, Final

from msgspec import Struct, field, structs

from detectors.basis.errors import IncompatibleSnapshot
from detectors.contract.claim import Claim, Levels
from detectors.contract.detector import Detector, DetectorConfig
from detectors.contract.observation import Observation, Score
from detectors.contract.snapshots import seal, unseal

FORM = "sound 1"
CLAIM = Claim(
    ordinary=Levels((0.0,), (1.0,)), changed=Levels((9.0,), (1.0,)), ready_after=10, seen_within=3
)


class State(Struct):
    """Where values lie, how far they spread, how many there were; and what broken ones add."""

    centre: float = 0.0
    spread: float = 1.0
    count: int = 0
    latest: float | None = None
    kept: list[float] = field(default_factory=list)


class Sound:
    """Keeps all laws: distance from a slowly moving centre, in spreads that move slowly too."""

    def __init__(self, config: Struct, snapshot: bytes | None) -> None:
        self._config = config
        self._state = State() if snapshot is None else self._read(snapshot)

    def score_one(self, x: Observation) -> Score:
        return Score(self._value(self._distance(x)), self._is_ready())

    def learn_one(self, x: Observation) -> None:
        state = self._state
        step = self._step(self._distance(x))
        above = self._number(x) > state.centre
        state.centre += 0.05 * step * state.spread * (1.0 if above else -1.0)
        state.spread *= 1.0 + 0.05 * (step - 0.8)
        state.count += 1

    def snapshot(self) -> bytes:
        return seal(self._config, FORM, self._state)

    def _read(self, snapshot: bytes) -> State:
        return unseal(snapshot, self._config, FORM, State)

    def _is_ready(self) -> bool:
        return self._state.count >= CLAIM.ready_after

    def _value(self, distance: float) -> float:
        return distance / (distance + 5.0)

    def _step(self, distance: float) -> float:
        return min(distance, 4.0)

    def _distance(self, x: Observation) -> float:
        return abs(self._number(x) - self._state.centre) / self._state.spread

    def _number(self, x: Observation) -> float:
        (value,) = x.of_width(1)
        return min(max(value, -1e100), 1e100)


class ReadyAtOnce(Sound):
    def _is_ready(self) -> bool:
        return True


class UnknownAtFirst(Sound):
    def _value(self, distance: float) -> float:
        return super()._value(distance) if self._state.count else nan


class LearnsFromQuestions(Sound):
    def score_one(self, x: Observation) -> Score:
        score = super().score_one(x)
        self.learn_one(x)
        return score


class LearnsFromExplanations(Sound):
    def explain_one(self, x: Observation) -> str:
        self.learn_one(x)
        return "strange"


class RemembersQuestions(Sound):
    """Breaks the law where no snapshot shows it."""

    asked = 0

    def score_one(self, x: Observation) -> Score:
        self.asked += 1
        score = super().score_one(x)
        return structs.replace(score, value=score.value / self.asked)


class OwnScale(Sound):
    def _value(self, distance: float) -> float:
        return distance


class ReadsTheClock(Sound):
    def _value(self, distance: float) -> float:
        return super()._value(distance) * (1.0 - 1e-9 * (perf_counter_ns() % 1_000))


class TakesTheFirst(Sound):
    def _number(self, x: Observation) -> float:
        return super()._number(Observation(x.at, x.values[:1]))


class LearnsWhatItRefuses(Sound):
    def learn_one(self, x: Observation) -> None:
        self._state.count += 1
        super().learn_one(x)


class DividesByTime(Sound):
    def learn_one(self, x: Observation) -> None:
        if self._state.latest is not None:
            self._state.kept = [1.0 / (x.at - self._state.latest)]
        self._state.latest = x.at
        super().learn_one(x)


class BelievesInOrder(Sound):
    def learn_one(self, x: Observation) -> None:
        if self._state.latest is not None:
            self._state.kept = [sqrt(x.at - self._state.latest)]
        self._state.latest = x.at
        super().learn_one(x)


class Shares(Sound):
    everyones: ClassVar[State] = State()

    def __init__(self, config: Struct, snapshot: bytes | None) -> None:
        super().__init__(config, snapshot)
        self._state = self.everyones


class SharesNews(Sound):
    """Begins apart from the others, then tells everyone what it learns."""

    told: ClassVar[list[float]] = []

    def learn_one(self, x: Observation) -> None:
        super().learn_one(x)
        if abs(self._number(x)) > 1e6:
            self.told.append(1.0)

    def _value(self, distance: float) -> float:
        return super()._value(distance) / (1.0 + len(self.told))


class ForgetsSpread(Sound):
    def snapshot(self) -> bytes:
        return seal(self._config, FORM, structs.replace(self._state, spread=1.0))


class ForgetsLatest(Sound):
    """Forgets what no score depends on, but a later version's may."""

    def learn_one(self, x: Observation) -> None:
        super().learn_one(x)
        self._state.latest = x.at if self._state.latest is None else self._state.latest

    def _read(self, snapshot: bytes) -> State:
        return structs.replace(super()._read(snapshot), latest=None)


class StartsCold(Sound):
    def _read(self, snapshot: bytes) -> State:
        try:
            return super()._read(snapshot)
        except IncompatibleSnapshot:
            return State()


class KeepsEverything(Sound):
    def learn_one(self, x: Observation) -> None:
        super().learn_one(x)
        self._state.kept.append(self._number(x))


class NeverReady(Sound):
    def _is_ready(self) -> bool:
        return False


class Flaps(Sound):
    def _is_ready(self) -> bool:
        return super()._is_ready() and self._state.count % 3 > 0


class Alarmist(Sound):
    def _value(self, distance: float) -> float:
        return distance / (distance + 0.5)


class UpsideDown(Sound):
    def _value(self, distance: float) -> float:
        return 0.45 / (1.0 + distance)


class Gullible(Sound):
    def _step(self, distance: float) -> float:
        return distance


class _Config(Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="broken"):
    """Builds the detector of that name."""

    how: str = "Sound"

    def build(self, snapshot: bytes | None = None) -> Detector:
        return DETECTORS[self.how](self, snapshot)

    def claim(self) -> Claim:
        return CLAIM


class _Loose(Struct, frozen=True, tag_field="kind", tag="loose"):
    """Takes whatever it is told."""

    def build(self, snapshot: bytes | None = None) -> Detector:
        return Sound(self, snapshot)

    def claim(self) -> Claim:
        return CLAIM


class _Untagged(Struct, frozen=True, forbid_unknown_fields=True):
    def build(self, snapshot: bytes | None = None) -> Detector:
        return Sound(self, snapshot)

    def claim(self) -> Claim:
        return CLAIM


class _NoData:
    def build(self, snapshot: bytes | None = None) -> Detector:
        return Sound(_Config(), snapshot)

    def claim(self) -> Claim:
        return CLAIM


class _Changeable(Struct, frozen=True, forbid_unknown_fields=True, tag="changeable"):
    """Is written with another number than it was made of."""

    number: float = 1.0

    def __post_init__(self) -> None:
        structs.force_setattr(self, "number", self.number / 3.0)

    def build(self, snapshot: bytes | None = None) -> Detector:
        return Sound(self, snapshot)

    def claim(self) -> Claim:
        return CLAIM


_MADE: Final[list[type[Sound]]] = [Sound, *Sound.__subclasses__()]

DETECTORS: Final = {made.__name__: made for made in _MADE}

SOUND: Final = _Config()

_BREAKERS: Final[list[tuple[str, type[Sound]]]] = [
    ("scores_before_it_has_learned", ReadyAtOnce),
    ("scores_before_it_has_learned", UnknownAtFirst),
    ("scoring_changes_nothing", LearnsFromQuestions),
    ("scoring_changes_nothing", LearnsFromExplanations),
    ("scoring_changes_nothing", RemembersQuestions),
    ("scores_stay_within_range", OwnScale),
    ("same_stream_same_scores", ReadsTheClock),
    ("refuses_another_width", TakesTheFirst),
    ("refuses_another_width", LearnsWhatItRefuses),
    ("time_may_stand_still", DividesByTime),
    ("time_may_go_back", BelievesInOrder),
    ("instances_share_nothing", Shares),
    ("instances_share_nothing", SharesNews),
    ("restart_is_invisible", ForgetsSpread),
    ("restart_is_invisible", ForgetsLatest),
    ("foreign_snapshot_is_refused", StartsCold),
    ("state_is_bounded", KeepsEverything),
    ("becomes_ready_and_stays_ready", NeverReady),
    ("becomes_ready_and_stays_ready", Flaps),
    ("ordinary_is_not_strange", Alarmist),
    ("sees_what_it_claims", UpsideDown),
    ("sees_again_after_any_value", Gullible),
]

BROKEN: Final[list[tuple[str, DetectorConfig]]] = [
    *((law, _Config(made.__name__)) for law, made in _BREAKERS),
    ("config_is_data", _Loose()),
    ("config_is_data", _Untagged()),
    ("config_is_data", _NoData()),
    ("config_is_data", _Changeable()),
]
"""A law, and a config whose detector breaks it."""
