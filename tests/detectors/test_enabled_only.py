"""What is off contributes no byte: not to the hash of the settings, the alerts or the state.

So a release with one more pattern goes on from the state of the one before.
"""

from inspect import isfunction
from typing import Any, Final, cast

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from detectors.events.event import AnyEvent
from detectors.patterns import Patterns, SalePattern
from detectors.patterns.account.burst import Burst
from detectors.patterns.account.quick_cancellation import QuickCancellation
from detectors.patterns.account.unused_account import UnusedAccount
from detectors.patterns.key.shared_payer import SharedPayer
from detectors.pipeline import Pipeline
from detectors.settings import Settings, ShadowNull
from tests.detectors.patterns.cancelled_by_others import CancelledByOthers
from tests.detectors.patterns.examples import MorePatterns
from tests.detectors.refutation import refuted
from tests.detectors.worlds import END, SETTINGS, crowd, late_orders

QUICK: Final = QuickCancellation(window="2d")
UNUSED: Final = UnusedAccount(window="5d")
OTHERS: Final = CancelledByOthers()
OFF: Final = CancelledByOthers(enabled=False)
EVENTS: Final = st.randoms(use_true_random=True).map(crowd)

Pair = tuple[Settings, Settings]


def registry_in_another_order(**faults: Any) -> Patterns:  # noqa: ANN401 - methods that are faults
    """Return the registry of `MorePatterns`, its lines in another order."""
    lines = {
        "cancelled_by_others": OTHERS,
        "burst": Burst(),
        "unused_account": UNUSED,
        "quick_cancellation": QUICK,
    }
    methods = {name: method for name, method in vars(Patterns).items() if isfunction(method)}
    registry = msgspec.defstruct(
        "AnotherOrder",
        [(name, type(pattern), pattern) for name, pattern in lines.items()],
        namespace=methods | faults,
        frozen=True,
        kw_only=True,
    )
    return cast("Patterns", registry())


def with_patterns(patterns: Patterns) -> Settings:
    return structs.replace(SETTINGS, patterns=patterns)


def with_null(null: ShadowNull) -> Settings:
    return structs.replace(SETTINGS, shadow_null=null)


def with_early_budget(budget: float) -> Settings:
    evidence = structs.replace(SETTINGS.evidence, early_false_alarms_per_1000_agent_years=budget)
    return structs.replace(with_patterns(NOT_EARLY), evidence=evidence)


NOT_EARLY: Final = Patterns(quick_cancellation=structs.replace(QUICK, early=False))

PAIRS: Final[dict[str, Pair]] = {
    "one more line that is off": (
        with_patterns(Patterns(quick_cancellation=QUICK, unused_account=UNUSED)),
        with_patterns(
            MorePatterns(quick_cancellation=QUICK, unused_account=UNUSED, cancelled_by_others=OFF)
        ),
    ),
    "other settings of what is off": (
        with_patterns(MorePatterns(unused_account=UNUSED, cancelled_by_others=OFF)),
        with_patterns(
            MorePatterns(
                unused_account=UNUSED,
                cancelled_by_others=structs.replace(OFF, window="9d"),
                shared_payer=SharedPayer(customers=2, window="3d"),
            )
        ),
    ),
    "lines in another order": (
        with_patterns(MorePatterns(quick_cancellation=QUICK, unused_account=UNUSED)),
        with_patterns(registry_in_another_order()),
    ),
    "the size of a burst that is off": (
        with_patterns(Patterns(quick_cancellation=QUICK, burst=Burst(enabled=False))),
        with_patterns(Patterns(quick_cancellation=QUICK, burst=Burst(enabled=False, size=3))),
    ),
    "the seed of a null that is off": (
        with_null(ShadowNull(enabled=False)),
        with_null(ShadowNull(enabled=False, seed=2)),
    ),
    "a budget of which nothing has a share": (
        with_early_budget(10.0),
        with_early_budget(30_000.0),
    ),
}


def said_and_saved(
    chosen: Settings, events: list[AnyEvent], cut: int, saved: bytes | None = None
) -> tuple[list[bytes], bytes]:
    """Return the log and the state at a cut; continue there with state `saved` by another."""
    pipeline = Pipeline(chosen)
    for event in events[:cut]:
        pipeline.apply(event)
    alerts = pipeline.alerts()
    state = pipeline.snapshot()
    pipeline = Pipeline(chosen)
    pipeline.restore(state if saved is None else saved)
    for event in events[cut:]:
        pipeline.apply(event)
    pipeline.advance(END)
    alerts += pipeline.alerts()
    return [msgspec.json.encode(alert) for alert in alerts], state


def law(pair: Pair, data: st.DataObject) -> None:
    one, other = pair
    assert one != other
    assert one.config_hash == other.config_hash
    events = data.draw(late_orders(data.draw(EVENTS)))
    cut = data.draw(st.integers(0, len(events)))
    said, saved = said_and_saved(one, events, cut)
    assert said_and_saved(other, events, cut) == (said, saved)
    assert said_and_saved(other, events, cut, saved) == (said, saved)


@pytest.mark.parametrize("pair", PAIRS.values(), ids=PAIRS.keys())
@settings(max_examples=5)  # each runs six pipelines, and hardly an event could matter
@given(data=st.data())
def test_what_is_off_contributes_no_byte(pair: Pair, data: st.DataObject) -> None:
    law(pair, data)


def _in_the_order_of_lines(patterns: Patterns) -> tuple[SalePattern, ...]:
    lines = (getattr(patterns, name) for name in patterns.__struct_fields__)
    return tuple(line for line in lines if isinstance(line, SalePattern))


class _InTheOrderOfLines(MorePatterns, frozen=True, kw_only=True):
    on_sales = _in_the_order_of_lines


class _LeavesRoomForAll(MorePatterns, frozen=True, kw_only=True):
    """Judges by what is off too."""

    def on_sales(self) -> tuple[SalePattern, ...]:
        return (*super().on_sales(), self.cancelled_by_others)


class _HashesAll(Settings, frozen=True, kw_only=True):
    def effective(self) -> dict[str, Any]:
        return dict(msgspec.to_builtins(self))


def hashing_all(chosen: Settings) -> Settings:
    return _HashesAll(**structs.asdict(chosen))


MORE_THAN_BEFORE: Final = PAIRS["one more line that is off"]
BROKEN: Final[dict[str, Pair]] = {
    "a hash over everything": (
        hashing_all(MORE_THAN_BEFORE[0]),
        hashing_all(MORE_THAN_BEFORE[1]),
    ),
    "bits in the order of lines": (
        with_patterns(_InTheOrderOfLines(quick_cancellation=QUICK, unused_account=UNUSED)),
        with_patterns(registry_in_another_order(on_sales=_in_the_order_of_lines)),
    ),
    "room for what is off": (
        MORE_THAN_BEFORE[0],
        with_patterns(
            _LeavesRoomForAll(
                quick_cancellation=QUICK, unused_account=UNUSED, cancelled_by_others=OFF
            )
        ),
    ),
}


@pytest.mark.parametrize("pair", BROKEN.values(), ids=BROKEN.keys())
def test_that_law_catches(pair: Pair) -> None:
    assert refuted(law, pair, 20)
