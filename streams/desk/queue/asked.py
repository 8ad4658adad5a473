"""Which cases an address asks the queue for: a bookmark is a saved view."""

from collections.abc import Iterable, Mapping
from typing import Final
from urllib.parse import urlencode

from msgspec import Struct

from detectors.cases.case import State
from streams.desk.filters import Filters, filters_of
from streams.errors import RequestRefused

TO_DO: Final[tuple[State, ...]] = ("open", "acknowledged", "proposed")
"""The states that the queue shows unless it is asked for others."""

ALL: Final = "all"

_FARTHEST_PAGE: Final = 10_000
_LONGEST_SEARCH: Final = 200
_OWN: Final = ("mine", "overdue", "q", "page")
_LEFT_OUT: Final = ("after", "limit")


class Asked(Struct, frozen=True, kw_only=True):
    """What is asked for.

    ``words`` must all be found, ``page`` counts from 1, ``given`` are the parameters that say so.
    """

    filters: Filters
    mine: bool
    overdue: bool
    words: tuple[str, ...]
    page: int
    given: Mapping[str, str]

    def address(self, **changes: str) -> str:
        """Return the address that asks for the same, but for some parameters; empty ones go."""
        query = {name: value for name, value in ({**self.given, **changes}).items() if value}
        return f"/cases?{urlencode(query)}" if query else "/cases"

    def chosen(self, name: str) -> str:
        """Return what a parameter says; empty if it says nothing."""
        return self.given.get(name, "")


def asked_of(parameters: Iterable[tuple[str, str]]) -> Asked:
    """Return what the parameters of the queue ask for.

    Raises
    ------
    RequestRefused
        Naming the parameter that cannot be used, and the remedy.
    """
    own: dict[str, str] = {}
    others: dict[str, str] = {}
    for name, value in parameters:
        kept = own if name in _OWN else others
        if name in _LEFT_OUT:
            raise RequestRefused(400, f"the queue has no parameter {name}: it has page")
        if name in kept:
            raise RequestRefused(400, f"{name} is there twice: separate values by a comma")
        kept[name] = value.strip()
    given = {name: value for name, value in (own | others).items() if value and name != "page"}
    state = others.get("state") or ",".join(TO_DO)
    if {*state.split(",")} == {*TO_DO}:
        given.pop("state", None)  # so one view has one address
    others["state"] = "" if state == ALL else state
    return Asked(
        filters=filters_of("cases", others.items()),
        mine=_is_set("mine", own),
        overdue=_is_set("overdue", own),
        words=tuple(own.get("q", "")[:_LONGEST_SEARCH].casefold().split()),
        page=_page(own.get("page", "")),
        given=given,
    )


def _is_set(name: str, given: Mapping[str, str]) -> bool:
    if given.get(name, "") not in ("", "1"):
        raise RequestRefused(400, f"{name}: write {name}=1, or leave it out")
    return bool(given.get(name))


def _page(text: str) -> int:
    if not text:
        return 1
    if not (text.isascii() and text.isdecimal()) or not 1 <= int(text[:9]) <= _FARTHEST_PAGE:
        raise RequestRefused(400, f"page: a number from 1 to {_FARTHEST_PAGE:,}")
    return int(text)
