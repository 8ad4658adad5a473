import json
from collections.abc import Callable

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.alerts.alert import Subject
from streams.cli.alerts.lines import json_line, line_of
from streams.printable import printable
from tests.detectors.refutation import refuted
from tests.streams.broker.published_alerts import alert_of

ODD = "\x1b[2J\x9b\u202e\u2066\u2028\U000e0041\ud7ff\n\t\x7fäß=\u00a0"

texts = st.text(st.characters(exclude_categories=["Cs"])) | st.just(ODD)
values = st.recursive(
    texts | st.integers(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)
records = st.builds(
    lambda value, indent: json.dumps(value, ensure_ascii=False, indent=indent).encode(),
    values,
    st.sampled_from([None, 2, "\t"]),
)


def law(line_from: Callable[[bytes], bytes], record: bytes) -> None:
    """One line that prints, and that says what the record says."""
    line = line_from(record).decode()
    assert line.isprintable()
    assert value_of(line) == json.loads(record)


def value_of(line: str) -> object:
    """Return what a line says, and the line itself if it is no JSON."""
    try:
        said: object = json.loads(line)
    except json.JSONDecodeError:
        return line
    return said


@given(records)
def test_json_is_one_printable_line_of_the_same_value(record: bytes) -> None:
    law(json_line, record)


@pytest.mark.parametrize("broken", [bytes, lambda record: printable(record.decode()).encode()])
def test_the_law_finds_a_line_that_is_raw_or_says_something_else(
    broken: Callable[[bytes], bytes],
) -> None:
    def drawn(line_from: Callable[[bytes], bytes], data: st.DataObject) -> None:
        law(line_from, data.draw(records))

    assert refuted(drawn, broken)


def test_bytes_that_are_no_text_come_as_text() -> None:
    assert json_line(b'{"other": "\xff\x1b"}') == '{"other": "\ufffd\\u001b"}'.encode()


def test_a_line_names_all_that_matters() -> None:
    assert line_of(alert_of(7)).split() == [
        "id0007", "2025-03-01", "12:00", "warning", "agent", "agent-7", "quick_cancellation",
        "open", "Sentence", "7.",
    ]  # fmt: skip


def test_a_line_ends_with_what_the_alert_lacks() -> None:
    lacking = msgspec.structs.replace(alert_of(7), data_quality=("sales lacks 5 records",))
    assert line_of(lacking) == line_of(alert_of(7)) + "  [sales lacks 5 records]"


def test_an_identifier_cannot_command_the_terminal() -> None:
    hostile = msgspec.structs.replace(alert_of(1), subject=Subject(type="agent", id=ODD))
    assert line_of(hostile).isprintable()
