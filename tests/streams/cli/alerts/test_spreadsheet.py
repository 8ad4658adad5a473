"""The law of the spreadsheet: no cell is a formula, wherever a cell may end, and none is lost."""

import csv
import io
import unicodedata
from collections.abc import Callable, Iterator

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.alerts.alert import Alert, Subject
from detectors.basis.identifiers import AgentId
from streams.cli.alerts.spreadsheet import COLUMNS, csv_rows
from streams.outputs import spreadsheet
from streams.outputs.spreadsheet import plain_cell
from streams.printable import printable
from tests.detectors.refutation import refuted
from tests.streams.broker.published_alerts import alert_of

TWINS = ["\uff1d", "\uff0b", "\uff0d", "\uff20", "\ufe66", "\u207a", "\u2a75"]
"""Full-width, small and raised ones: Excel takes some of them, by the country of its user."""

STARTS = ["=", "+", "-", "@", "\t", "\r", *TWINS]
SEPARATORS = [",", ";", "|", "\t", '"', "\n", "\r\n", " "]

pieces = st.sampled_from([*STARTS, *SEPARATORS, "a", "1", "\u202e", "\x1b", "'"]) | st.text()
texts = st.lists(pieces, max_size=6).map("".join)


def is_formula(cell: str) -> bool:
    """Return whether a spreadsheet computes something here, however much it passes over first."""
    text = unicodedata.normalize("NFKC", cell.lstrip(' "\t\r\n'))
    return text[:1] in {"=", "+", "-", "@"}


def cells(row: bytes, delimiter: str) -> Iterator[str]:
    for read in csv.reader(io.StringIO(row.decode(), newline=""), delimiter=delimiter):
        yield from read


def hostile(text: str) -> Alert:
    return msgspec.structs.replace(
        alert_of(1),
        alert_id=text,
        subject=Subject("agent", text),
        agent_id=AgentId(text),
        summary=text,
        data_quality=(text, text),
    )


def law(text: str) -> None:
    heading, row = csv_rows([hostile(text)])
    assert tuple(cells(heading, ",")) == COLUMNS
    found = dict(zip(COLUMNS, cells(row, ","), strict=True))
    assert found["observed"] == "1"
    assert "".join(found.values()).isprintable()  # so no cell begins with a tab or a line break
    assert found["summary"].replace("'", "") == printable(text).replace("'", "")
    for delimiter in (",", ";", "|", "\t"):
        # A quote out of place lets a cell run on into the next row.
        assert not any(map(is_formula, cells(heading + row + row, delimiter)))


@given(texts)
def test_no_cell_is_a_formula(text: str) -> None:
    law(text)


@pytest.mark.parametrize("start", STARTS)
@pytest.mark.parametrize("before", ["", " ", "x;", 'x"', 'x",', "x|  "])
def test_what_starts_a_formula_is_made_plain_text(before: str, start: str) -> None:
    law(f"{before}{start}cmd|' /C calc'!A0")


@pytest.mark.parametrize("text", ["agent-7", "a=b", "x, y; z", "", "'", "naïve", "1.5"])
def test_what_is_none_stays_as_it_is(text: str) -> None:
    assert plain_cell(text) == text


def only_at_the_beginning(text: str) -> str:
    return plain_cell(text[:1]) + printable(text[1:])


def blind_to_twins(text: str) -> str:
    hidden = {ord(twin): None for twin in TWINS}
    return plain_cell(text) if text.translate(hidden) == text else printable(text)


@pytest.mark.parametrize("broken", [printable, only_at_the_beginning, blind_to_twins])
def test_the_law_finds_a_cell_that_computes(
    broken: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spreadsheet, "plain_cell", broken)

    def drawn(_: Callable[[str], str], data: st.DataObject) -> None:
        law(data.draw(texts))

    assert refuted(drawn, broken)
