"""What the engine says stands in German, all of it, and nothing that it does not say."""

import re
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pkgutil import walk_packages
from typing import Any, Final

import pytest

import detectors
from detectors.alerts import advice
from detectors.basis.identifiers import PatternName
from detectors.messages.disputes import CONTESTED_SALE
from detectors.patterns import Patterns
from detectors.patterns.advice import Advice
from detectors.patterns.judged import Pattern
from detectors.settings import Settings, read_settings
from streams.desk.site.words import words_of
from streams.reports.words import words_of as words_of_pattern

GERMAN: Final = words_of("de").engine
NUMBER: Final = re.compile(r"\d+")

MORE_TITLES: Final = ("bad_market", CONTESTED_SALE)


@cache
def everything() -> Settings:
    """Return settings with every pattern there is."""
    return read_settings(
        {"patterns": {name: {"enabled": True} for name in Patterns.__struct_fields__}}
    )


def advices() -> Iterator[Advice]:
    """Yield every advice that a module or a class of the engine holds."""
    for found in walk_packages(detectors.__path__, "detectors."):
        module = import_module(found.name)
        for value in list(vars(module).values()):
            holders: list[Any] = [value]
            if isinstance(value, type):
                holders += vars(value).values()
            yield from (one for one in holders if isinstance(one, Advice))


def judged() -> tuple[Pattern, ...]:
    """Return all that agents are judged by."""
    patterns = everything().patterns
    return (*patterns.enabled(), *patterns.early_tiers())


def titles() -> set[str]:
    names = {one.name for one in judged()} | {*MORE_TITLES, *everything().profiles}
    return {words_of_pattern(PatternName(name)).title for name in names}


def spoken() -> set[str]:
    """Return all that alerts say, but for their sentence."""
    said = {advice.WITHDRAWN, *advice.AFTER.values()}
    said |= {one.replace("_", " ") for one in Settings().cases.explanations}
    for one in advices():
        said |= {one.next_step, one.would_clear, *one.explanations_unchecked}
    for pattern in judged():
        said |= {*pattern.explanations_checked}
    return said


def test_there_is_german_for_all_that_alerts_say() -> None:
    assert [text for text in sorted(titles() | spoken()) if GERMAN(text) is None] == []
    assert len(spoken()) > 200


def test_nothing_is_in_german_that_no_alert_says() -> None:
    said = {NUMBER.sub("{}", one) for one in titles() | spoken()}
    said |= {one.rpartition(": ")[0] for one in said}
    assert sorted({*GERMAN} - said) == []


@pytest.mark.parametrize("number", ["5", "1000"])
def test_numbers_of_the_settings_stand_where_they_stood(number: str) -> None:
    german = GERMAN(f"among those to fewer than {number} customers")
    assert german == f"Verkäufe an weniger als {number} Kunden"


def test_reasons_are_looked_up_one_by_one() -> None:
    head = "cancelled for one of these reasons"
    assert GERMAN(f"{head}: deceased, service fault") == (
        "Stornos aus einem dieser Gründe: verstorben, Mangel der Leistung"
    )
    assert GERMAN(f"{head}: deceased, by magic") is None, "half of it in German"


def test_what_is_not_known_is_none_and_english_is_as_the_engine_says_it() -> None:
    assert GERMAN("A sentence of a later engine: with a list") is None
    assert GERMAN("") is None
    assert GERMAN("among those to fewer than {} customers") is None
    for text in ("Pushed sale", "anything", "{} {0} {x}"):
        assert words_of("en").engine(text) == text
