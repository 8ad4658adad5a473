"""Hides ids of customers and accounts, wherever they stand in what leaves the desk."""

import re
from collections.abc import Callable, Iterable
from typing import Any, Final, Literal, NamedTuple

from streams.desk.casefile.contents import CaseContents
from streams.desk.casefile.sales import MERGED

Kind = Literal["account", "customer", "contact"]

SHORT: Final = 4
"""An id with fewer characters may be a number of any sentence: it is hidden where it is quoted."""

_QUOTES: Final = "\"'\u2018\u2019\u201c\u201d\u00ab\u00bb"


class Named(NamedTuple):
    """An id that is hidden."""

    kind: Kind
    text: str


class Hiding:
    """Gives every id another name, the same throughout one file.

    Parameters
    ----------
    named
        The ids, in the order in which they are numbered; repeats are one.
    label
        Returns the other name for the number of an id among those of its kind.
    """

    def __init__(self, named: Iterable[Named], label: Callable[[Kind, int], str]) -> None:
        self._labels: Final[dict[str, str]] = {}
        numbers: dict[Kind, int] = {}
        for kind, text in named:
            if text.casefold() not in self._labels:
                numbers[kind] = numbers.get(kind, 0) + 1
                self._labels[text.casefold()] = label(kind, numbers[kind])
        self._pattern: Final = _pattern_of(self._labels)

    def name(self, text: str) -> str:
        """Return the other name of an id; one that is not hidden stays as it is."""
        return self._labels.get(text.casefold(), text)

    def text(self, text: str) -> str:
        """Return a text in which no hidden id stands any more."""
        if self._pattern is None:
            return text
        return self._pattern.sub(lambda found: self.name(found[0]), text)

    def record(self, value: Any) -> Any:  # noqa: ANN401 - any JSON
        """Return a record as JSON has it, without hidden ids in any text of it."""
        match value:
            case str():
                return self._labels.get(value.casefold()) or self.text(value)
            case list():
                return [self.record(one) for one in value]
            case dict():
                return {self.text(name): self.record(one) for name, one in value.items()}
            case _:
                return value


def named_in(found: CaseContents) -> list[Named]:
    """Return the ids of customers and accounts that a case shows, in the order of the sales."""
    named = []
    if found.row.subject_type == "account":
        named.append(Named("account", found.row.subject_id))
    for part in found.parts:
        for line in part.sales.lines:
            sale = line.sale
            named.append(Named("account", sale.account_id))
            if sale.customer_id is not None:
                named.append(Named("customer", sale.customer_id))
            contacts = (sale.email_hash, sale.phone_hash, sale.address_hash, sale.payer_hash)
            named += [Named("contact", one) for one in contacts if one]
            named += [Named("account", one.told) for one in line.steps if one.what == MERGED]
    return named


def _pattern_of(ids: Iterable[str]) -> re.Pattern[str] | None:
    known = sorted(ids, key=lambda one: (-len(one), one))  # the longest: it may hold another
    long = "|".join(re.escape(one) for one in known if len(one) >= SHORT)
    short = "|".join(re.escape(one) for one in known if len(one) < SHORT)
    parts = [f"(?<![\\w-])(?:{long})(?![\\w-])"] if long else []
    parts += [f"(?<=[{_QUOTES}])(?:{short})(?=[{_QUOTES}])"] if short else []
    return re.compile("|".join(parts), re.IGNORECASE) if parts else None
