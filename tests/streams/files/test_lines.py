"""Lines are the same however their bytes arrive, and whatever ends them or is put before them."""

import re
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.files.lines import LONGEST_LINE, lines_of

MARK = b"\xef\xbb\xbf"
OBJECTS = st.sampled_from([b"{}", b'{"a":1}', b'{"a":{"b":"\\r"}} ', b"{" + b" " * 300 + b"}"])


def pieces(content: bytes, cuts: list[int]) -> Iterator[bytes]:
    places = sorted(cut % (len(content) + 1) for cut in cuts)
    for start, end in zip([0, *places], [*places, len(content)], strict=True):
        yield content[start:end]


def read(content: bytes, cuts: list[int]) -> list[bytes]:
    found = [line for lines in lines_of(pieces(content, cuts)) for line in lines]
    return found if found[-1:] != [b""] else found[:-1]


CUTS = st.lists(st.integers(0, 10_000), max_size=12)


@given(st.lists(OBJECTS, min_size=2, max_size=8), st.sampled_from([b"\n", b"\r\n", b"\r"]), CUTS)
@settings(max_examples=300, deadline=None)
def test_every_end_of_a_line_gives_the_same_objects(
    objects: list[bytes], end: bytes, cuts: list[int]
) -> None:
    for last in (end, b""):
        found = [line.strip() for line in read(end.join(objects) + last, cuts)]
        assert found == [line.strip() for line in objects]


@given(st.lists(st.tuples(st.integers(0, 3), OBJECTS), min_size=1, max_size=8), CUTS)
@settings(max_examples=200, deadline=None)
def test_marks_before_lines_are_left_out(lines: list[tuple[int, bytes]], cuts: list[int]) -> None:
    content = b"".join(marks * MARK + line + b"\n" for marks, line in lines)
    assert read(content, cuts) == [line for _, line in lines]


def test_a_mark_inside_a_line_stays() -> None:
    line = b'{"a":"' + MARK + b'"}'
    assert read(line + b"\n" + MARK + line, [9]) == [line, line]


@given(st.binary(max_size=200), CUTS)
@settings(max_examples=200, deadline=None)
def test_bytes_of_any_kind_are_only_parted(content: bytes, cuts: list[int]) -> None:
    """Nothing is lost but ends and marks, and nothing is added."""

    def bare(text: bytes) -> bytes:
        return re.sub(rb"[\r\n]+", b"\n", text).replace(MARK, b"").strip(b"\n")

    assert bare(b"\n".join(read(content, cuts))) == bare(content)


@pytest.mark.parametrize("surplus", [0, 1, 1_000_000])
def test_a_line_is_kept_up_to_the_longest(surplus: int) -> None:
    content = b"a\n" + b"b" * (LONGEST_LINE + surplus) + b"\nc"
    assert [len(line) for line in read(content, [5, 10_000])] == [1, LONGEST_LINE, 1]
