"""What the desk says, in each language: nothing lacks, nothing is left over, figures as usual."""

import re
import string
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from importlib.resources import files
from pathlib import Path
from typing import Final

import pytest

from streams.desk.site.words import LANGUAGES, language_of, words_of

DESK: Final = Path(str(files("streams.desk")))
EVERY: Final = {language: words_of(language) for language in LANGUAGES}
_KEY: Final = re.compile(r"""["']([a-z_]+(?:\.[a-z0-9_]+)*\.?)(?:\{[^"']*)?["']""")
"""A text in quotes that could be a key, or the beginning of some: ``"problem." ~ kind``."""

_ASKED: Final = re.compile(r"""\bt(?:\.count)?\(\s*["']([a-z0-9_.]*[a-z0-9_])["']\s*[,)]""")


def texts(language: str) -> Mapping[str, str]:
    return {key: EVERY[language](key) for key in EVERY[language]}  # type: ignore[index] # as listed


def sources() -> Iterator[str]:
    for path in sorted([*DESK.rglob("*.py"), *DESK.rglob("*.html")]):
        yield path.read_text("utf-8")


def names_in(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def differences(english: Mapping[str, str], german: Mapping[str, str]) -> list[str]:
    """Return what is said in one language only, or with other values in it."""
    found = sorted(english.keys() ^ german.keys())
    for key in english.keys() & german.keys():
        if names_in(english[key]) != names_in(german[key]):
            found.append(f"{key} has other values in it")
        if not english[key].strip() or not german[key].strip():
            found.append(f"{key} is empty")
    return found


def lacking(known: Mapping[str, str], pages: Iterator[str]) -> set[str]:
    """Return the keys that pages name and nobody has written."""
    asked = {key for page in pages for key in _ASKED.findall(page)}
    return {key for key in asked if key not in known and f"{key}.other" not in known}


def left_over(known: Mapping[str, str], pages: Iterator[str]) -> set[str]:
    """Return the keys that no page names, nor the beginning of them."""
    named = {key for page in pages for key in _KEY.findall(page)}
    begins = tuple(one for one in named if "." in one and one[-1] in "._")
    return {
        key
        for key in known
        if key not in named
        and re.sub(r"\.(one|other)$", "", key) not in named
        and not key.startswith(begins)
    }


def test_both_languages_say_the_same() -> None:
    assert differences(texts("en"), texts("de")) == []


def test_every_word_that_pages_name_is_there_and_no_other() -> None:
    assert lacking(texts("en"), sources()) == set()
    assert left_over(texts("en"), sources()) == set()


def test_broken_words_are_caught() -> None:
    right = {"a.b": "{number} of it", "a.c": "x"}
    assert differences(right, {"a.b": "{number} davon"}) == ["a.c"]
    assert differences(right, {"a.b": "{nummer} davon", "a.c": "x"})
    assert differences(right, {**right, "a.c": " "})
    assert lacking(right, iter(['{{ t("a.c") }} {{ t("a.d") }} {{ t("b.x", n=1) }}'])) == {
        "a.d",
        "b.x",
    }
    assert left_over(right, iter(['{{ t("a.c") }}'])) == {"a.b"}
    assert left_over(right, iter(['{{ t("a." ~ kind) }}'])) == set()


MOMENT: Final = datetime(2025, 3, 5, 22, 7, tzinfo=UTC)


@pytest.mark.parametrize(
    ("language", "said"),
    [
        (
            "en",
            ["1,234.5", "1,234,567", "12.5%", "5 Mar 2025", "5 Mar 2025, 22:07 UTC", "3 hours ago"],
        ),
        (
            "de",
            [
                "1.234,5",
                "1.234.567",
                "12,5%",
                "05.03.2025",
                "05.03.2025, 22:07 UTC",
                "vor 3 Stunden",
            ],
        ),
    ],
)
def test_numbers_and_dates_are_written_as_in_the_language(language: str, said: list[str]) -> None:
    t = EVERY[language]  # type: ignore[index] # as listed
    assert [
        t.number(1_234.5),
        t.number(1_234_567),
        t.percent(0.125, 1),
        t.day(date(2025, 3, 5)),
        t.moment(MOMENT.astimezone()),
        t.ago(MOMENT - timedelta(hours=3), MOMENT),
    ] == said


@pytest.mark.parametrize(
    ("chosen", "accepted", "language"),
    [
        (None, "", "en"),
        (None, "de-CH,de;q=0.9,en;q=0.8", "de"),
        (None, "fr-FR, de;q=0.5", "de"),
        (None, "fr, *;q=0.1", "en"),
        ("de", "en", "de"),
        ("tlh", "de", "de"),
        ("../../x", "\x00;;,,", "en"),
    ],
)
def test_the_language_is_the_chosen_one_or_the_first_that_is_known(
    chosen: str | None, accepted: str, language: str
) -> None:
    assert language_of(chosen, accepted) == language
