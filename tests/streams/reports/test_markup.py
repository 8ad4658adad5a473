"""Text stays text, whatever it holds."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.printable import printable
from streams.reports.markup import Markup, element, joined
from tests.streams.reports.read_page import ReadPage
from tests.streams.reports.reported import HOSTILE

TEXTS = st.text() | st.sampled_from(HOSTILE)

Element = Callable[[str, str], str]


def ours(child: str, attribute: str) -> str:
    return element("p", child, class_=attribute)


def unescaped(child: str, attribute: str) -> str:
    return element("p", Markup(child), class_=attribute)


def quotes_forgotten(child: str, attribute: str) -> str:
    return f'<p class="{attribute}">{joined(child)}</p>'


def text_stays_text(made: Element, child: str, attribute: str) -> None:
    page = ReadPage(made(child, attribute))
    assert page.elements == [("p", {"class": printable(attribute)})]
    assert "".join(page.texts) == printable(child)


@given(child=TEXTS, attribute=TEXTS)
def test_text_in_an_element_or_an_attribute_stays_text(child: str, attribute: str) -> None:
    text_stays_text(ours, child, attribute)


@pytest.mark.parametrize("broken", [unescaped, quotes_forgotten])
def test_the_law_catches_what_forgets_to_escape(broken: Element) -> None:
    leaves_its_attribute = HOSTILE[1]
    with pytest.raises(AssertionError):
        text_stays_text(broken, leaves_its_attribute, leaves_its_attribute)


def test_markup_is_not_escaped_again() -> None:
    assert element("p", [element("b", "<"), " & ", Markup("<br>")]) == (
        "<p><b>&lt;</b> &amp; <br></p>"
    )
