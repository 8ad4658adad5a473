"""What the engine says in English, in another language.

Alerts carry their words in English, and people decide about these. So the English text is the key:
what an older or newer engine says otherwise stays English, and is marked as such.
"""

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from importlib.resources import files
from typing import Final

_NUMBER: Final = re.compile(r"\d+")
_PLACE: Final = "{}"
_LIST: Final = ": "


class EngineWords:
    """Texts of the engine in one language.

    Parameters
    ----------
    language
        Which one; English is what the engine says itself.
    reason
        Gives the word for a reason of a cancellation, such as ``service_fault``.

    Attributes
    ----------
    sentences
        Templates of whole sentences, by name; none in English, which the engine writes itself.
    """

    def __init__(self, language: str, reason: Callable[[str], str | None]) -> None:
        tables = {} if language == "en" else _read(language)
        self.sentences: Final = tables.pop("sentences", {})
        self._texts: Final = None if language == "en" else _merged(tables)
        self._reason: Final = reason

    def __call__(self, text: str) -> str | None:
        """Return a text; None if only its English is known.

        Numbers in it stand where they stood. A list of reasons at its end is looked up one by one.
        """
        if self._texts is None:
            return text
        found, numbers = self._texts.get(_NUMBER.sub(_PLACE, text)), _NUMBER.findall(text)
        if found is not None and found.count(_PLACE) == len(numbers):
            return found.format(*numbers)
        head, is_list, listed = text.rpartition(_LIST)
        begin = self._texts.get(head)
        if not is_list or begin is None:
            return None
        reasons = [self._reason(one.replace(" ", "_")) for one in listed.split(", ")]
        known = [one for one in reasons if one is not None]
        return f"{begin}: {', '.join(known)}" if len(known) == len(reasons) else None

    def __iter__(self) -> Iterator[str]:
        """Return the English of all texts."""
        return iter(self._texts or ())


def _merged(tables: Mapping[str, Mapping[str, str]]) -> Mapping[str, str]:
    return {key: text for table in tables.values() for key, text in table.items()}


def _read(language: str) -> dict[str, dict[str, str]]:
    file = files("streams.desk").joinpath("words", "engine", f"{language}.toml")
    return tomllib.loads(file.read_text("utf-8"))
