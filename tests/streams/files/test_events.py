"""Reading lines from files: whole, numbered, and merged into the order of one."""

import gzip
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.events.event import AccountActivity
from detectors.settings import Settings
from streams.errors import InvalidInput
from streams.files.events import LONGEST_LINE, EventFiles, Origin
from tests.streams.small_centre import write_lines

START = datetime(2025, 3, 1, tzinfo=UTC)


def event(hours: float, name: str = "") -> bytes:
    at = (START + timedelta(hours=hours)).isoformat()
    return (
        f'{{"type":"account_activity","event_id":"e-{name}","account_id":"a","occurred_at":"{at}",'
        '"kind":"usage","initiated_by":"customer"}'
    ).encode()


def read(*paths: Path) -> list[tuple[bytes, Origin]]:
    with EventFiles([str(path) for path in paths], Settings()) as files:
        return [
            (line, block.origin(index))
            for block in files.blocks()
            for index, line in enumerate(block.lines)
        ]


def merged(folder: Path, *contents: list[bytes]) -> list[bytes]:
    paths = [write_lines(folder / f"{n}.jsonl", lines) for n, lines in enumerate(contents)]
    return [line for line, _ in read(*paths)]


# ----------------------------------------------------------------------------------------- one file


@pytest.mark.parametrize("size", [0, 1, 3, 100_000])
@pytest.mark.parametrize("last", [b"", b"\n"])
def test_every_line_has_its_number(size: int, last: bytes, tmp_path: Path) -> None:
    lines = [f"line {number}".encode() for number in range(1, size + 1)]
    path = tmp_path / "lines.jsonl"
    path.write_bytes(b"\n".join(lines) + (last if lines else b""))
    expected = [(line, Origin(str(path), number)) for number, line in enumerate(lines, start=1)]
    assert [found for found in read(path) if found[0]] == expected


def test_blank_lines_count(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "lines.jsonl", [b"", b"a", b"", b"", b"b"])
    assert [(line, origin.line) for line, origin in read(path) if line] == [(b"a", 2), (b"b", 5)]


def test_lines_as_long_as_it_takes_come_whole(tmp_path: Path) -> None:
    lines = [b"a", b"b" * 3_000_000, b"c", b"d" * LONGEST_LINE, b"e"]
    assert [line for line, _ in read(write_lines(tmp_path / "long.jsonl", lines))] == lines


def test_a_line_beyond_every_measure_is_cut_and_the_next_ones_are_not(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "long.jsonl", [b"a", b"b" * (LONGEST_LINE + 1_000_000), b"c"])
    found = read(path)
    assert [len(line) for line, _ in found] == [1, LONGEST_LINE, 1]
    assert [origin.line for _, origin in found] == [1, 2, 3]


def test_packed_files_of_several_members_are_read_to_their_end(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl.gz"
    path.write_bytes(gzip.compress(b"a\nb\n") + gzip.compress(b"c\n"))
    assert [line for line, _ in read(path)] == [b"a", b"b", b"c"]


def test_the_position_reaches_the_size(tmp_path: Path) -> None:
    plain = write_lines(tmp_path / "plain.jsonl", [event(n) for n in range(100)])
    packed = tmp_path / "packed.jsonl.gz"
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    with EventFiles([str(plain), str(packed)], Settings()) as files:
        assert files.position() == 0
        assert sum(len(block.lines) for block in files.blocks()) == 200
        assert files.position() == files.size() == sum(p.stat().st_size for p in (plain, packed))


def test_an_unreadable_path_closes_what_was_open(tmp_path: Path) -> None:
    there = write_lines(tmp_path / "there.jsonl", [event(1)])
    files = EventFiles([str(there), str(tmp_path / "missing.jsonl")], Settings())
    with pytest.raises(FileNotFoundError), files:
        pass


def test_stdin_cannot_stand_twice() -> None:
    with pytest.raises(InvalidInput, match="only once"):
        EventFiles(["-", "-"], Settings())


# ------------------------------------------------------------------------------------ several files


@given(st.lists(st.tuples(st.floats(0, 10_000), st.integers(0, 3)), min_size=1, max_size=60))
@settings(max_examples=60, deadline=None)
def test_files_in_time_order_give_their_union_in_time_order(
    placed: list[tuple[float, int]],
) -> None:
    """However far apart the events are, and whichever file has which."""
    contents: list[list[bytes]] = [[], [], [], []]
    for number, (hours, file) in enumerate(sorted(placed)):
        contents[file].append(event(hours, str(number)))
    with TemporaryDirectory() as folder:
        times = [line.split(b'"')[3] for line in merged(Path(folder), *contents)]
    assert len(times) == len(placed)
    assert times == sorted(times)


@given(st.lists(st.tuples(st.integers(0, 3_000), st.integers(0, 59)), min_size=2, max_size=80))
@settings(max_examples=60, deadline=None)
def test_lateness_in_the_merged_order_is_bounded_by_lateness_in_the_files(
    arrivals: list[tuple[int, int]],
) -> None:
    """Each event arrives up to 59 minutes after it happened, in one of three files."""
    contents: list[list[bytes]] = [[], [], []]
    for number, (arrived, late) in enumerate(sorted(arrivals)):
        contents[number % 3].append(event((arrived - late) / 60))
    with TemporaryDirectory() as folder:
        lines = merged(Path(folder), *contents)
    newest = START - timedelta(days=1)
    for line in lines:
        at = msgspec.json.decode(line, type=AccountActivity).occurred_at
        assert newest - at < timedelta(hours=1)
        newest = max(newest, at)


def test_equal_times_follow_the_order_of_the_paths(tmp_path: Path) -> None:
    first = [event(1, "a"), event(2, "b")]
    second = [event(1, "c"), event(2, "d")]
    assert merged(tmp_path, first, second) == [first[0], second[0], first[1], second[1]]


def test_unreadable_lines_stay_with_the_line_before_them(tmp_path: Path) -> None:
    first = [event(1), b"garbage", event(10)]
    second = [b"?", event(5), b"[]"]
    assert merged(tmp_path, first, second) == [
        second[0],
        first[0],
        first[1],
        second[1],
        second[2],
        first[2],
    ]


@pytest.mark.parametrize(
    "wrong",
    [
        event(24 * 365 * 50),
        event(30).replace(b'"account_id":"a"', b'"account_id":[]'),
        b'{"occurred_at":"2025-03-02T00:00:00Z"}',
    ],
    ids=["an event, far ahead", "no event, a day ahead", "a time and nothing else"],
)
@pytest.mark.parametrize("place", [0, 1, 3])
def test_one_wrong_time_holds_no_file_back(wrong: bytes, place: int, tmp_path: Path) -> None:
    right = [event(hours) for hours in (1, 3, 5)]
    disturbed = [*right[:place], wrong, *right[place:]]
    other = [event(hours) for hours in (2, 4, 6)]
    found = merged(tmp_path, disturbed, other)
    assert [line for line in found if line != wrong] == [
        event(hours) for hours in (1, 2, 3, 4, 5, 6)
    ]
    assert wrong in found


def test_several_wrong_times_in_a_row_hold_no_file_back(tmp_path: Path) -> None:
    wrong = [event(24 * 365 * 50, f"wrong {n}") for n in range(9)]
    right, other = [event(2 * n) for n in range(40)], [event(2 * n + 1) for n in range(40)]
    found = merged(tmp_path, [*right[:20], *wrong, *right[20:]], other)
    assert [line for line in found if line not in wrong] == [event(n) for n in range(80)]


def test_after_a_gap_the_files_go_on_in_time_order(tmp_path: Path) -> None:
    hours = [1, 3, 1_000, 1_002, 5_000]
    one, other = [event(n) for n in hours], [event(n + 1) for n in hours]
    assert merged(tmp_path, one, other) == [event(n + m) for n in hours for m in (0, 1)]


def test_a_flood_of_garbage_after_a_leap_is_not_hoarded(tmp_path: Path) -> None:
    flood = [event(1), event(10_000), *[b"?"] * 10_000, event(2)]
    assert len(merged(tmp_path, flood, [event(1)])) == len(flood) + 1


def test_origins_of_merged_lines_name_their_file(tmp_path: Path) -> None:
    first = write_lines(tmp_path / "first.jsonl", [event(1), event(3)])
    second = write_lines(tmp_path / "second.jsonl", [event(2)])
    assert [origin for _, origin in read(first, second)] == [
        Origin(str(first), 1),
        Origin(str(second), 1),
        Origin(str(first), 2),
    ]
