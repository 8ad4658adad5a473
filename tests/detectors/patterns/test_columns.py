"""What holds for every pattern by its shape: it judges each sale by itself, by what it may see."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any, Final

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from detectors.basis.durations import seconds_of
from detectors.basis.event_time import Seconds, seconds_at
from detectors.events.event import AnyEvent
from detectors.facts.account import Verdict
from detectors.facts.mention import Mention
from detectors.facts.questions import Sharing, numbers_asked
from detectors.facts.sales import Sales, Sold
from detectors.facts.staff.staff import Staff
from detectors.facts.traffic.touches import Touches
from detectors.keys.group import Group, Shared, identity_of
from detectors.ledger.stage import Ledger
from detectors.patterns import Patterns, SalePattern
from detectors.patterns.account.quick_cancellation import QuickCancellation
from detectors.patterns.sale.pushed_sale import PushedSale
from detectors.patterns.verdicts import Verdicts, choose, nothing
from detectors.settings import Settings
from tests.detectors.patterns.across import ACROSS
from tests.detectors.patterns.cancelled_by_others import CancelledByOthers
from tests.detectors.patterns.examples import ON_SALES
from tests.detectors.worlds import SETTINGS, crowd, worlds

NUMBERS: Final = tuple(
    number.field
    for number in numbers_asked(q for p in SETTINGS.patterns.on_sales() for q in p.questions)
)

PATTERNS: Final = [
    *(example.pattern for example in ON_SALES.values()),
    *(example.pattern for example in ACROSS.values()),
]


def cohort(
    events: Sequence[AnyEvent], pattern: SalePattern, group_type: type[Group] = Group
) -> Sales:
    """Return all sales of some events as the ledgers know them before they forget anything."""
    return of(rows_of(events, pattern, SETTINGS, group_type), pattern)


def rows_of(
    events: Sequence[AnyEvent],
    pattern: SalePattern,
    settings: Settings,
    group_type: type[Group] = Group,
) -> list[Sold]:
    ledger = Ledger(settings)
    for event in events:
        ledger.apply(event)
    rows = {
        identity_of(account_id, sale): Sold(sale, account_id, account)
        for account_id, account in sorted(ledger.accounts().items())
        for sale in account.sales
    }
    groups, touches = defaultdict[int, list[Mention]](list), defaultdict[int, Touches](Touches)
    output = ledger.drain()
    for touch in output.touches:
        touches[touch.value].add(touch.touched)
    staff = defaultdict[int, Staff](Staff)
    for record in output.staff:
        record.tell(staff[record.value])
    for mention in output.mentions:
        if mention.field == pattern.key:
            groups[mention.value].append(mention)
    window = seconds_of(pattern.window)
    looks_at_others = any(isinstance(one, Sharing) for one in pattern.questions)
    looks_back = seconds_of(pattern.others_within) if looks_at_others else None
    for value, told in groups.items():
        group = group_type(touches=touches[value], staff=staff[value])
        group.apply(told)
        for shared in group:
            rows[shared.identity] = group.row(shared, window, looks_back)
    return list(rows.values())


def of(rows: Sequence[Sold], pattern: SalePattern) -> Sales:
    return Sales(rows, seconds_of(pattern.window), SETTINGS.time.forgiven, NUMBERS)


def judges_each_by_itself(pattern: SalePattern, sales: Sales, order: Sequence[int]) -> None:
    """Require the same verdicts in another order, in two parts, and one by one."""
    verdicts = pattern.judged(sales)
    rows = [sales.rows[place] for place in order]
    assert pattern.judged(of(rows, pattern)).tolist() == verdicts[list(order)].tolist()
    half = len(rows) // 2
    parts = [pattern.judged(of(part, pattern)) for part in (rows[:half], rows[half:])]
    assert np.concatenate(parts).tolist() == verdicts[list(order)].tolist()
    alone = [pattern.verdict(of([row], pattern)) for row in sales.rows]
    assert alone == verdicts.tolist()


def sees_nothing_later(
    pattern: SalePattern, events: Sequence[AnyEvent], group_type: type[Group] = Group
) -> None:
    """Require of every sale the verdict that stood at the end of its window."""
    sales = cohort(events, pattern, group_type)
    verdicts = pattern.judged(sales).tolist()
    for row, end, verdict in zip(sales.rows, sales.end.tolist(), verdicts, strict=True):
        until = [one for one in events if seconds_at(one.occurred_at) <= end]
        then = cohort(until, pattern, group_type)
        [same] = [one for one in then.rows if one.sale.sale_id == row.sale.sale_id]
        assert pattern.verdict(of([same], pattern)) == verdict


def excludes_the_unknown(pattern: SalePattern, sales: Sales) -> None:
    """Require that a sale of which a number is unknown is excluded by whoever asks for it."""
    verdicts = pattern.judged(sales).tolist()
    for row, verdict in zip(sales.rows, verdicts, strict=True):
        known = dict(zip(NUMBERS, row.sale.numbers, strict=True))
        missing = any(known[one.field] is None for one in numbers_asked(pattern.questions))
        missing |= pattern.key is not None and not row.sharing
        assert not missing or verdict == Verdict.EXCLUDED


@pytest.mark.parametrize("pattern", PATTERNS, ids=lambda one: one.name)
@given(worlds(), st.randoms(use_true_random=False))
def test_a_sale_is_judged_by_itself(
    pattern: SalePattern, events: list[AnyEvent], random: Random
) -> None:
    sales = cohort(events, pattern)
    order = list(range(len(sales)))
    random.shuffle(order)
    judges_each_by_itself(pattern, sales, order)
    excludes_the_unknown(pattern, sales)


@pytest.mark.parametrize("pattern", PATTERNS, ids=lambda one: one.name)
@given(worlds(most=3))
def test_what_comes_after_the_window_changes_nothing(
    pattern: SalePattern, events: list[AnyEvent]
) -> None:
    sees_nothing_later(pattern, events)


class _ByPlace(CancelledByOthers, frozen=True, kw_only=True):
    """A fault: every second sale is good."""

    def verdicts(self, sales: Sales) -> Verdicts:
        return choose(nothing(sales), np.arange(len(sales)) % 2 == 0)


class _ByNumber(CancelledByOthers, frozen=True, kw_only=True):
    """A fault: a sale is bad if there are many."""

    def verdicts(self, sales: Sales) -> Verdicts:
        return choose(nothing(sales), np.full(len(sales), len(sales) < 3))


class _LooksAhead(QuickCancellation, frozen=True, kw_only=True):
    """A fault: a cancellation counts whenever it came."""

    def verdicts(self, sales: Sales) -> Verdicts:
        return choose(
            nothing(sales), np.array([not row.account.cancellations for row in sales.rows])
        )


def _world() -> list[AnyEvent]:
    return crowd(Random(3))  # noqa: S311 - the same world every time


@pytest.mark.parametrize("broken", [_ByPlace(), _ByNumber()], ids=lambda one: type(one).__name__)
def test_the_law_catches_a_pattern_that_looks_at_the_other_sales(broken: SalePattern) -> None:
    sales = cohort(_world(), broken)
    with pytest.raises(AssertionError):
        judges_each_by_itself(broken, sales, list(reversed(range(len(sales)))))


def test_the_law_catches_a_pattern_that_looks_ahead() -> None:
    with pytest.raises(AssertionError):
        sees_nothing_later(_LooksAhead(window="1d"), _world())


class _SeesAll(Group):
    """A fault: a sale shares its payer with all who ever will."""

    def row(self, shared: Shared, window: float, looks_back: float | None) -> Sold:
        return super().row(shared, 100.0 * window, looks_back)


def test_the_law_catches_a_group_that_looks_ahead() -> None:
    with pytest.raises(AssertionError):
        sees_nothing_later(ACROSS["shared_payer"].pattern, _world(), _SeesAll)


def test_the_law_catches_a_pattern_that_takes_the_unknown_for_good() -> None:
    class Trusting(PushedSale, frozen=True, kw_only=True):
        def judged(self, sales: Sales) -> Verdicts:
            return choose(nothing(sales), ~nothing(sales))

    pattern = Trusting(enabled=True)
    with pytest.raises(AssertionError):
        excludes_the_unknown(pattern, cohort(_world(), pattern))


@dataclass(frozen=True)
class Told:
    """An example of a pattern, with the pattern as it stands in the registry, but enabled."""

    pattern: SalePattern
    number: int


def told() -> list[Told]:
    registry = Patterns()
    patterns = [getattr(registry, name) for name in registry.__struct_fields__]
    return [
        Told(pattern, number)
        for pattern in patterns
        if isinstance(pattern, SalePattern)
        for number in range(len(pattern.examples))
    ]


def verdict_on(example: Told, judged: Callable[[Sales], Verdict]) -> Verdict:
    """Return the verdict on the first sale of an example, with the settings of the default."""
    settings = Settings()
    pattern = structs.replace(example.pattern, enabled=True, **example.pattern.example_settings)
    on: dict[str, Any] = {pattern.name: pattern}
    registry = Patterns(**on)
    names = [number.field for number in numbers_asked(example.pattern.questions)]
    first, *others = example.pattern.examples[example.number].events
    rows = rows_of([first, *others], example.pattern, Settings(patterns=registry))
    sold = next(one for one in rows if one.sale.event_id == first.event_id)
    window = Seconds(seconds_of(example.pattern.window))
    return judged(Sales([sold], window, settings.time.forgiven, names))


@pytest.mark.parametrize("example", told(), ids=lambda one: f"{one.pattern.name}-{one.number}")
def test_an_example_has_the_verdict_that_it_tells(example: Told) -> None:
    expected = example.pattern.examples[example.number].verdict
    pattern = structs.replace(example.pattern, **example.pattern.example_settings)
    assert verdict_on(example, pattern.verdict) is expected


def test_every_pattern_tells_of_good_bad_and_excluded() -> None:
    for pattern in {one.pattern.name: one.pattern for one in told()}.values():
        assert {example.verdict for example in pattern.examples} == {
            Verdict.GOOD,
            Verdict.BAD,
            Verdict.EXCLUDED,
        }
