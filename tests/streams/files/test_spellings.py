"""Ids that a person would read as one are named, and so are words that mean nobody."""

import unicodedata

import pytest

from streams.files.spellings import spelling_lines

FORMS = ["Muñoz", unicodedata.normalize("NFD", "Muñoz")]


@pytest.mark.parametrize(
    "ids",
    [
        ["ag001", "AG001"],
        ["ag001", " ag001"],
        ["ag 001", "ag001"],
        FORMS,
        ["straße", "STRASSE"],
        ["ag001", "\uff41\uff47\uff10\uff10\uff11"],
    ],
)
def test_they_are_named_together(ids: list[str]) -> None:
    [line] = spelling_lines([*ids, "somebody else"])
    assert line.startswith("  agents whose ids differ only in case, space or form: ")
    assert "somebody" not in line
    assert line.count('"') == 2 * len(ids)


def test_nothing_is_said_where_ids_differ_otherwise() -> None:
    assert list(spelling_lines(["ag001", "ag002", "Ana", "Anna", ""])) == []


@pytest.mark.parametrize("word", ["NULL", "n/a", "None", " - ", "undefined"])
def test_a_word_that_means_nobody_is_named(word: str) -> None:
    [line] = spelling_lines([word, "ag001"])
    assert (
        line
        == f'  ids that may mean nobody, and are judged as agents: "{word}" (identities.nobody)'
    )


def test_the_line_stays_short_and_printable() -> None:
    ids = [spelt for n in range(9) for spelt in (f"a{n}", f"A{n}", f"a {n}", f" A{n}\x1b")]
    [line] = spelling_lines(ids)
    assert line.endswith("; and 6 more (identities.normalise)")
    assert "\x1b" not in line
