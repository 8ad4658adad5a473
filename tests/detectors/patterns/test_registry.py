"""A pattern is one file, one line in the registry and one example: nothing else names it."""

from random import Random
from typing import Any

import pytest
from msgspec import structs

from detectors.basis.durations import seconds_of
from detectors.basis.event_time import Seconds, seconds_at
from detectors.basis.identifiers import PatternName
from detectors.commission_settings import CommissionSettings
from detectors.events.event import Sale
from detectors.facts.account import Verdict
from detectors.facts.asked.own_contacts import OwnContacts
from detectors.facts.questions import CANCELLATIONS, SaleValue, keys_asked
from detectors.patterns import Patterns, SalePattern
from detectors.patterns.account.quick_cancellation import QuickCancellation
from detectors.patterns.early import early_name, is_early, mature_name
from detectors.settings import Settings
from tests.detectors.patterns.across import ACROSS
from tests.detectors.patterns.at_sale import AT_SALE
from tests.detectors.patterns.by_account import BY_ACCOUNT
from tests.detectors.patterns.by_traffic import TRAFFIC
from tests.detectors.patterns.examples import EXAMPLES, ON_SALES, MorePatterns
from tests.detectors.worlds import START, WINDOWS, crowd, regulars

REGISTRIES = [Patterns, MorePatterns]


def without_an_example(registry: type[Patterns]) -> set[str]:
    tried = EXAMPLES.keys() | AT_SALE.keys() | BY_ACCOUNT.keys() | TRAFFIC.keys()
    return {*registry.__struct_fields__} - tried


@pytest.mark.parametrize("registry", REGISTRIES)
def test_every_registered_pattern_has_an_example(registry: type[Patterns]) -> None:
    assert without_an_example(registry) == set()


def test_a_pattern_without_an_example_is_seen() -> None:
    class Bare(Patterns, frozen=True, kw_only=True):
        nobody_thought_of_it: QuickCancellation = QuickCancellation()

    assert "nobody_thought_of_it" in without_an_example(Bare)


@pytest.mark.parametrize("registry", REGISTRIES)
def test_every_line_is_a_pattern_that_goes_by_its_name(registry: type[Patterns]) -> None:
    on: dict[str, Any] = {
        name: structs.replace(getattr(registry(), name), enabled=True)
        for name in registry.__struct_fields__
    }
    patterns = registry(**on).enabled()
    assert sorted(pattern.name for pattern in patterns) == sorted(registry.__struct_fields__)
    for pattern in patterns:
        assert registry(**on).tier(pattern.name) == pattern
        assert not is_early(pattern.name)


def test_an_early_tier_goes_by_the_name_of_its_pattern() -> None:
    tiers = MorePatterns().early_tiers()
    assert [tier.source for tier in tiers] == ["cancelled_by_others", "quick_cancellation"]
    for tier in tiers:
        assert tier.name == early_name(tier.source)
        assert is_early(tier.name)
        assert mature_name(tier.name) == mature_name(tier.source) == tier.source
        assert MorePatterns().tier(tier.name) == tier


def test_what_is_off_goes_by_no_name() -> None:
    patterns = Patterns(quick_cancellation=QuickCancellation(early=False))
    with pytest.raises(KeyError):
        patterns.tier(PatternName("quick_cancellation_early"))


@pytest.mark.parametrize("name", ON_SALES)
def test_the_worlds_of_the_laws_hold_good_and_bad_sales(name: str) -> None:
    example, events = ON_SALES[name], crowd(Random(1))  # noqa: S311 - the same world every time
    found = {
        example.verdict(
            sold,
            WINDOWS[PatternName(name)],
            [event for event in events if event.account_id == sold.account_id],
        )
        for sold in events
        if isinstance(sold, Sale)
    }
    assert found >= {Verdict.GOOD, Verdict.BAD}


@pytest.mark.parametrize("name", ACROSS)
def test_so_do_they_for_what_looks_across_accounts(name: str) -> None:
    example, window = ACROSS[name], WINDOWS[PatternName(name)]
    random = Random(1)  # noqa: S311 - the same worlds every time
    found = {
        example.verdict(sold, window, events)
        for events in (crowd(random, 60), regulars(random, 20))
        for sold in events
        if isinstance(sold, Sale)
    }
    assert found == {Verdict.GOOD, Verdict.BAD, Verdict.EXCLUDED}


@pytest.mark.parametrize("name", sorted(Patterns.__struct_fields__))
def test_a_sale_is_due_within_its_window_and_at_its_end_unless_it_looks_across(name: str) -> None:
    pattern = getattr(Patterns(), name)
    if isinstance(pattern, SalePattern):
        sold = [Seconds(seconds_at(START) + hours * 3_600.0) for hours in range(0, 1_000, 7)]
        ends = [at + seconds_of(pattern.window) for at in sold]
        due = [pattern.due_at(at) for at in sold]
        assert all(at <= one <= end for at, one, end in zip(sold, due, ends, strict=True))
        assert due == ends or pattern.key is not None


def test_what_looks_across_accounts_asks_for_one_key_and_else_for_fields_of_the_sale() -> None:
    for name in Patterns.__struct_fields__:
        pattern = getattr(Patterns(), name)
        if isinstance(pattern, SalePattern) and pattern.key is not None:
            assert len(keys_asked(pattern.questions)) == 1
            others = {*pattern.questions} - {*pattern.needed, CANCELLATIONS}
            assert all(isinstance(one, SaleValue | OwnContacts) for one in others)
            assert not pattern.early
            assert not pattern.alerts_on_account


@pytest.mark.parametrize("name", ON_SALES)
def test_a_pattern_is_early_if_its_example_knows_endings(name: str) -> None:
    example = ON_SALES[name]
    assert example.pattern.early == (example.ending is not None)
    if "window" in example.pattern.__struct_fields__:
        assert example.pattern.window[:-1] in example.pattern.outcome_phrase


def test_a_ledger_has_room_for_what_all_patterns_say_of_a_sale() -> None:
    """Two bits of 64 each, and commissions need room as well."""
    every = {
        name: structs.replace(pattern, enabled=True)
        for name, pattern in structs.asdict(Patterns()).items()
    }
    on = structs.replace(
        Settings(), patterns=Patterns(**every), commission=CommissionSettings(window="9d")
    )
    assert len(on.settled()) > 32
    assert len(on.in_accounts()) <= 32
