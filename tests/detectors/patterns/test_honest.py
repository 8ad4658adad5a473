"""What a pattern calls honest accuses nobody; where its fields are missing it says so."""

from collections.abc import Iterable
from typing import Any, Final

import pytest
from msgspec import structs

from detectors.basis.event_time import DAY, Seconds, seconds_at
from detectors.events.event import AnyEvent, Sale
from detectors.facts.account import Verdict
from detectors.facts.questions import SaleNumber, SaleValue, Sharing
from detectors.ledger.stage import Ledger
from detectors.patterns import Patterns, SalePattern
from detectors.patterns.account.denied_sale import DeniedSale
from detectors.patterns.example import PatternExample
from detectors.patterns.sale.no_recap import NoRecap
from detectors.settings import Settings
from tests.detectors.patterns.test_by_account import OFF

PATTERNS: Final[dict[str, SalePattern]] = {
    name: structs.replace(pattern, enabled=True, **pattern.example_settings)
    for name, pattern in structs.asdict(Patterns()).items()
    if isinstance(pattern, SalePattern)
}
WITH_FIELDS: Final = [
    name
    for name, pattern in PATTERNS.items()
    if any(isinstance(one, SaleNumber | Sharing) for one in pattern.questions)
]
REQUIRED: Final = ("product", "occurred_at")
"""Fields without which there is no sale."""


def honesty_law(pattern: SalePattern) -> None:
    """Hold that each explanation it checks has an example, and each such example clears.

    That an example has the verdict that it tells is tested for all of them (`test_columns`).
    """
    shown = {said: list[PatternExample]() for said in pattern.explanations_checked}
    for example in pattern.examples:
        if example.honest:
            [meant] = [said for said in shown if said.startswith(example.honest)]
            shown[meant].append(example)
    for said, examples in shown.items():
        assert examples, f"no example shows: {said}"
        assert all(one.verdict in (Verdict.GOOD, Verdict.EXCLUDED) for one in examples)


@pytest.mark.parametrize("name", PATTERNS)
def test_every_honest_explanation_has_an_example_that_it_clears(name: str) -> None:
    honesty_law(PATTERNS[name])


class _NamesMore(DeniedSale, frozen=True, kw_only=True):
    """A fault: it names an explanation that nothing shows."""

    @property
    def explanations_checked(self) -> tuple[str, ...]:
        return (*super().explanations_checked, "made on a Sunday")


class _AccusesIt(DeniedSale, frozen=True, kw_only=True):
    """A fault: the example of its explanation is bad."""

    examples = tuple(
        structs.replace(one, verdict=Verdict.BAD) if one.honest else one
        for one in DeniedSale.examples
    )


@pytest.mark.parametrize("broken", [_NamesMore(), _AccusesIt()], ids=lambda one: type(one).__name__)
def test_the_law_catches_a_pattern_that_names_what_it_does_not_show(broken: SalePattern) -> None:
    with pytest.raises(AssertionError):
        honesty_law(broken)


def fields_of(pattern: SalePattern) -> set[str]:
    """Return the fields of a sale that a pattern asks for, and that may be missing."""
    fields: set[str] = set()
    for one in pattern.questions:
        if isinstance(one, SaleNumber):
            fields.update(one.reads or (one.field,))
        elif isinstance(one, Sharing | SaleValue):
            fields.add(one.field)
    return fields - {*REQUIRED}


def without(events: Iterable[AnyEvent], fields: set[str]) -> list[AnyEvent]:
    """Return events in the order of time whose sales lack some fields."""
    bare = [
        structs.replace(one, **dict.fromkeys(fields)) if isinstance(one, Sale) else one
        for one in events
    ]
    return sorted(bare, key=lambda one: one.occurred_at)


def coverage_law(pattern: SalePattern) -> None:
    """Hold that it judges nothing without its fields, and that this is counted."""
    example = next(one for one in pattern.examples if one.verdict is Verdict.BAD)
    on: dict[str, Any] = OFF | {pattern.name: pattern}
    ledger = Ledger(Settings(patterns=Patterns(**on)))
    events = without(example.events, fields_of(pattern))
    for event in events:
        ledger.apply(event)
    ledger.advance(Seconds(seconds_at(events[-1].occurred_at) + 400 * DAY))
    output = ledger.drain()
    assert output.bundle.outcomes == []
    assert output.bundle.findings == []
    assert output.mentions == []
    coverage = ledger.matches.counts.coverage[pattern.name]
    assert coverage.unknown == coverage.sales > 0


@pytest.mark.parametrize("name", WITH_FIELDS)
def test_without_its_fields_it_is_silent_and_says_so(name: str) -> None:
    coverage_law(PATTERNS[name])


class _TakesItForBad(NoRecap, frozen=True, kw_only=True):
    """A fault: what nobody reviewed is bad."""

    def judged(self, sales: Any) -> Any:  # noqa: ANN401 - of the pattern
        return self.verdicts(sales)


def test_the_law_catches_a_pattern_that_judges_what_it_does_not_know() -> None:
    with pytest.raises(AssertionError):
        coverage_law(_TakesItForBad(enabled=True))
