"""Patterns on the fields of a sale say what their definitions say, as objects and as columns."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from bench.speed.joining import SOURCE, join_all
from detectors.basis.event_time import seconds_at
from detectors.basis.identifiers import AccountId, SaleId
from detectors.decoding import EventDecoder
from detectors.events.event import Sale
from detectors.facts.account import Verdict
from detectors.facts.asked.traits import TIMES_THE_QUOTE
from detectors.facts.sales import Sales
from detectors.ledger.clock import EventClock
from detectors.ledger.stage import Ledger
from detectors.patterns import Patterns, SalePattern
from detectors.patterns.sale.bait_and_switch import BaitAndSwitch
from detectors.patterns.sale.no_consent import NoConsent
from detectors.patterns.sale.sandbagging import Sandbagging
from detectors.patterns.sale.sold_over_refusal import REFUSED, SoldOverRefusal
from detectors.patterns.verdicts import Verdicts, choose, nothing
from detectors.scanning.lines import LineScanner
from detectors.settings import Settings
from tests.detectors.patterns.at_sale import AT_SALE, FIELDS
from tests.detectors.worlds import at

FLAGS = ("no_need", "no_recap", "sold_over_refusal", "undisclosed_fee")
"""Those that columns know: they need no object."""

READ = (
    "verified_at",
    "consented_at",
    *(name for name in FIELDS if name not in {"agent_id", "product", "amount"}),
)
"""Fields that a source may leave out."""


def drawn(random: Random, number: int) -> list[Sale]:
    """Return sales that say anything in any field, each on an account of its own."""
    took = (-3, 0, 3, 10, 90)
    return [
        Sale(
            event_id=f"sold {n}",
            account_id=AccountId(f"account {n}"),
            occurred_at=at(12 * n),
            sale_id=SaleId(f"sale {n}"),
            customer_id=f"customer {n}",
            consented_at=random.choice((None, *(at(12 * n + hours) for hours in (-1, 1, 2)))),
            verified_at=random.choice((None, at(12 * n) + timedelta(seconds=random.choice(took)))),
            **{name: random.choice(values) for name, values in FIELDS.items()},
        )
        for n in range(number)
    ]


def settings_of(names: Sequence[str], **replaced: SalePattern) -> Settings:
    on: dict[str, Any] = {name: AT_SALE[name].pattern for name in names}
    return Settings(patterns=Patterns(**(on | replaced)))


def said(ledger: Ledger, names: Sequence[str]) -> dict[tuple[str, str], Verdict]:
    drained = ledger.drain()
    return {
        (one.pattern, one.sale_id): one.verdict
        for one in drained.bundle.outcomes
        if one.pattern in names
    }


def agrees(sales: Sequence[Sale], ledger: Ledger, names: Sequence[str]) -> None:
    """Require the verdicts of the definitions, and a count of what is unknown."""
    expected = {
        (name, sold.sale_id): AT_SALE[name].verdict(sold) for name in names for sold in sales
    }
    told = {key: verdict for key, verdict in expected.items() if verdict is not Verdict.EXCLUDED}
    assert said(ledger, names) == told
    for name in names:
        coverage = ledger.matches.counts.coverage[AT_SALE[name].pattern.name]
        assert coverage.sales == len(sales)


def by_object(sales: Sequence[Sale], settings: Settings) -> Ledger:
    ledger = Ledger(settings)
    for sold in sales:
        ledger.apply(sold)
    ledger.advance(seconds_at(at(10_000)))
    return ledger


@given(st.randoms(use_true_random=False))
def test_each_says_what_its_definition_says(random: Random) -> None:
    sales = drawn(random, 60)
    agrees(sales, by_object(sales, settings_of(list(AT_SALE))), list(AT_SALE))


def by_lines(sales: Sequence[Sale], settings: Settings) -> Ledger:
    """Return the ledger of the same sales as a file has them: in columns, as far as it can."""
    ledger, decode = Ledger(settings), EventDecoder(settings.limits).decode
    lines = [msgspec.json.encode(sold) for sold in sales]
    scanned = LineScanner(settings.limits, numbers=ledger.numbers).scan(lines)
    join_all(ledger, EventClock(settings.time, (SOURCE,)), scanned, lines, decode)
    ledger.advance(seconds_at(at(10_000)))
    return ledger


@pytest.mark.parametrize("names", [FLAGS, list(AT_SALE)], ids=["flags", "all"])
def test_lines_say_the_same(names: Sequence[str]) -> None:
    sales = drawn(Random(5), 300)  # noqa: S311 - the same world every time
    agrees(sales, by_lines(sales, settings_of(names)), names)


@pytest.mark.parametrize("name", AT_SALE)
def test_the_worlds_hold_every_verdict(name: str) -> None:
    found = {AT_SALE[name].verdict(sold) for sold in drawn(Random(5), 300)}  # noqa: S311 - likewise
    assert found == {Verdict.GOOD, Verdict.BAD, Verdict.EXCLUDED}


class _TakesUnknownForGood(SoldOverRefusal, frozen=True, kw_only=True):
    """A fault: what nobody noted is no refusal."""

    def judged(self, sales: Sales) -> Verdicts:
        return choose(nothing(sales), ~(sales[REFUSED] > 0.0))


class _TakesAUpsellForASwitch(BaitAndSwitch, frozen=True, kw_only=True):
    """A fault: what is dearer is a switch, whatever was in stock."""

    def verdicts(self, sales: Sales) -> Verdicts:
        return choose(nothing(sales), sales[TIMES_THE_QUOTE] <= self.most_times_the_quote)


@pytest.mark.parametrize(
    "broken",
    [_TakesUnknownForGood(enabled=True), _TakesAUpsellForASwitch(enabled=True)],
    ids=lambda one: type(one).__name__,
)
def test_the_law_catches_a_pattern_that_says_something_else(broken: SalePattern) -> None:
    sales = drawn(Random(5), 300)  # noqa: S311 - likewise
    settings = settings_of([broken.name], **{broken.name: broken})
    with pytest.raises(AssertionError):
        agrees(sales, by_object(sales, settings), [broken.name])


@pytest.mark.parametrize("name", AT_SALE)
def test_without_its_fields_it_says_nothing_and_that_it_knows_nothing(name: str) -> None:
    bare = [structs.replace(one, **dict.fromkeys(READ)) for one in drawn(Random(5), 20)]  # noqa: S311 - likewise
    ledger = by_object(bare, settings_of([name]))
    assert said(ledger, [name]) == {}
    coverage = ledger.matches.counts.coverage[AT_SALE[name].pattern.name]
    assert (coverage.sales, coverage.unknown) == (20, 20)


def test_without_a_channel_no_consent_judges_nothing() -> None:
    pattern = NoConsent(enabled=True)
    ledger = by_object(
        drawn(Random(5), 20),  # noqa: S311 - likewise
        settings_of([], no_consent=pattern),
    )
    assert said(ledger, ["no_consent"]) == {}
    assert ledger.matches.counts.coverage[pattern.name].unknown == 20


@pytest.mark.parametrize(
    ("pattern", "booked", "expected"),
    [
        (Sandbagging(), datetime(2025, 4, 2, tzinfo=UTC), Verdict.BAD),
        (Sandbagging(periods="quarter"), datetime(2025, 4, 2, tzinfo=UTC), Verdict.BAD),
        (Sandbagging(begin_on=(date(2025, 4, 3),)), datetime(2025, 4, 2, tzinfo=UTC), Verdict.GOOD),
        (Sandbagging(begin_on=(date(2025, 3, 31),)), datetime(2025, 4, 2, tzinfo=UTC), Verdict.BAD),
        (Sandbagging(held_for="9d"), datetime(2025, 4, 2, tzinfo=UTC), Verdict.GOOD),
    ],
)
def test_periods_are_a_setting(pattern: Sandbagging, booked: datetime, expected: Verdict) -> None:
    pattern = structs.replace(pattern, enabled=True)
    [made] = drawn(Random(5), 1)  # noqa: S311 - likewise
    made = structs.replace(made, occurred_at=datetime(2025, 3, 28, tzinfo=UTC), booked_at=booked)
    ledger = by_object([made], settings_of([], sandbagging=pattern))
    assert said(ledger, ["sandbagging"]) == {("sandbagging", made.sale_id): expected}
    for begin_on in (date(2025, 6, 1), date(2025, 3, 1)):  # far away, and no further one known
        elsewhere = structs.replace(pattern, begin_on=(begin_on,))
        ledger = by_object([made], settings_of([], sandbagging=elsewhere))
        assert said(ledger, ["sandbagging"]) == {}
