"""What the desk says, in the languages it knows, and how dates and numbers are written there."""

import tomllib
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from functools import cache
from importlib.resources import files
from typing import Any, Final, Literal, get_args

from babel import Locale
from babel.core import negotiate_locale
from babel.dates import format_date, format_time, format_timedelta
from babel.numbers import format_decimal, format_percent

from streams.desk.site.engine_words import EngineWords

Language = Literal["en", "de"]

LANGUAGES: Final[tuple[Language, ...]] = get_args(Language)

_BY_NAME: Final[Mapping[str, Language]] = {name: name for name in LANGUAGES}


class Words:
    """The words of one language.

    Parameters
    ----------
    language
        Which one.

    Attributes
    ----------
    engine
        Gives a text of the engine, None if only its English is known.
    """

    def __init__(self, language: Language) -> None:
        self.language: Final = language
        self._locale: Final = Locale.parse("en_GB" if language == "en" else language)
        self._words: Final = _read(language)
        self.engine: Final = EngineWords(
            language, lambda reason: self._words.get(f"casefile.why.{reason}")
        )

    def __call__(self, key: str, /, **values: object) -> str:
        """Return a text, with values in place of the names in it.

        Raises
        ------
        KeyError
            There is no such text: a test asks for all that the pages name.
        """
        text = self._words[key]
        return text.format(**values) if values else text

    def __contains__(self, key: str) -> bool:
        """Return whether there is such a text."""
        return key in self._words

    def __iter__(self) -> Iterator[str]:
        """Return the keys of all texts."""
        return iter(self._words)

    def count(self, key: str, number: int, **values: object) -> str:
        """Return a text with one form for one, ``KEY.one``, and one for several, ``KEY.other``."""
        form = self._locale.plural_form(number)
        name = f"{key}.{form}" if f"{key}.{form}" in self._words else f"{key}.other"
        return self(name, number=self.number(number), **values)

    def number(self, value: float, digits: int | None = None) -> str:
        """Return a number, with so many digits after the point at most."""
        pattern = None if digits is None else "#,##0" + ("." + "#" * digits if digits else "")
        return format_decimal(value, format=pattern, locale=self._locale)

    def fixed(self, value: float, digits: int) -> str:
        """Return a number with just so many digits after the point: numbers of a column align."""
        return format_decimal(value, format=f"#,##0.{'0' * digits}", locale=self._locale)

    def percent(self, value: float, digits: int = 0) -> str:
        """Return a share of 1."""
        pattern = "#,##0" + ("." + "0" * digits if digits else "") + "%"
        return format_percent(value, format=pattern, locale=self._locale)

    def day(self, value: date) -> str:
        """Return a day."""
        return format_date(value, format="medium", locale=self._locale)

    def iso_day(self, text: str) -> str:
        """Return a day that an alert names, such as ``2026-11-29``."""
        return self.day(date.fromisoformat(text))

    def moment(self, value: datetime) -> str:
        """Return a day and a time to the minute; all times of the desk are UTC."""
        utc = value.astimezone(UTC)
        time = format_time(utc, format="short", tzinfo=UTC, locale=self._locale)
        return f"{self.day(utc)}, {time} UTC"

    def span(self, value: timedelta) -> str:
        """Return how long something takes."""
        return format_timedelta(value, locale=self._locale)

    def ago(self, value: datetime, now: datetime) -> str:
        """Return how long ago a moment was, or how far ahead it lies."""
        return format_timedelta(value - now, add_direction=True, locale=self._locale)


def language_of(chosen: str | None, accepted: str) -> Language:
    """Return the language that somebody chose, or else the first they accept and we know."""
    if chosen in LANGUAGES:
        return _BY_NAME[chosen]
    wanted = [part.partition(";")[0].strip().replace("-", "_") for part in accepted.split(",")]
    found = negotiate_locale([one.partition("_")[0].lower() for one in wanted if one], LANGUAGES)
    return _BY_NAME.get(found or "en", "en")


@cache
def words_of(language: Language) -> Words:
    """Return the words of a language."""
    return Words(language)


def _read(language: str) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for file in files("streams.desk").joinpath("words").iterdir():
        if file.name == f"{language}.toml" or file.name.endswith(f".{language}.toml"):
            _flatten("", tomllib.loads(file.read_text("utf-8")), found)
    return found


def _flatten(path: str, table: Mapping[str, Any], found: dict[str, str]) -> None:
    for name, value in table.items():
        if isinstance(value, dict):
            _flatten(f"{path}{name}.", value, found)
        else:
            found[f"{path}{name}"] = value
