"""Lines that the scanner recognises are read as the decoder reads them, and most are recognised."""

import json
from collections.abc import Sequence
from random import Random
from typing import Any, Final

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from detectors.basis.errors import InvalidEvent
from detectors.events.event import EVENT_TYPES, AnyEvent
from detectors.identity_settings import AS_THEY_STAND, IdentitySettings
from detectors.limit_settings import Limits
from detectors.patterns.example import after, looked_up, met
from detectors.scanning.fields import NUMBERS
from detectors.scanning.lines import LineScanner, ScannedLines
from tests.detectors.refutation import refuted
from tests.detectors.scanning.same import Readers
from tests.detectors.worlds import Done, activity, cancellation, crowd, sale
from tests.fuzz.mutation import of_json

WHOLE: Final[dict[str, Any]] = {
    "type": "sale",
    "event_id": "e-1",
    "account_id": "a-1",
    "occurred_at": "2025-03-01T12:30:15.250+02:00",
    "schema_version": 1,
    "sale_id": "s-1",
    "customer_id": "c-1",
    "agent_id": "agent-1",
    "product": "card",
    "amount": 119.08,
    "channel": "phone",
    "site": None,
    "team": "north 2",
    "commission": 0,
    "booked_at": "2025-03-01T10:30:15Z",
    "interaction_reason": "cancellation, please",
    "sentiment": -0.25,
    "offer_refused": False,
    "closing_attempts": 3,
    "out_of_stock": True,
    "email_hash": "",
}
EVENTS: Final[tuple[AnyEvent, ...]] = (
    sale(1),
    sale(2, agent=None, replaces="s-0"),
    cancellation(3, refund=0.5),
    cancellation(3, refund="a part"),
    activity(4),
    activity(4, done=Done("other", "anna", "seller_device", "purchase")),
    met(-1, interaction_id="call-1", reason="complaint", ended_at=after(-0.9)),
    looked_up(-2, agent_id=None),
)
LINES: Final = (json.dumps(WHOLE).encode(), *map(msgspec.json.encode, EVENTS))

times = st.datetimes(timezones=st.timezones()).map(lambda time: time.isoformat())
moments = st.one_of(
    times,
    times.map(lambda time: time.replace("+00:00", "Z")),
    st.from_regex(r"[12][0-9]{3}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-6][0-9]:[0-6][0-9]"
                  r"(\.[0-9]{1,7})?(Z|[+-][0-2][0-9]:[0-6][0-9])", fullmatch=True),
)  # fmt: skip
numbers = st.one_of(
    st.floats(allow_nan=False, allow_infinity=False),
    st.integers(),
    st.decimals(min_value=-2, max_value=10**9, places=3).map(float),
)


def test_all_usual_lines_are_recognised() -> None:
    assert Readers().recognised(LINES) == len(LINES)
    lines = [msgspec.json.encode(event) for event in crowd(Random(1), 200)]  # noqa: S311 - a world
    assert Readers().recognised(lines) == len(lines)


@pytest.mark.parametrize("kind", EVENT_TYPES)
def test_a_topic_takes_only_its_own_events_and_needs_no_type(kind: str) -> None:
    own = [line for line in LINES if json.loads(line)["type"] == kind]
    nameless = [json.dumps({**json.loads(line), "type": None}).encode() for line in own]
    without = [line.replace(b'"type": null, ', b"") for line in nameless]
    assert Readers(kind).recognised([*LINES, *without]) == 2 * len(own)


def same_law(scanner: type[LineScanner], data: st.DataObject) -> None:
    chance = Random(data.draw(st.integers(0, 2**32)))  # noqa: S311 - lines, no secret
    line = data.draw(st.sampled_from(LINES))
    for _ in range(data.draw(st.integers(0, 2))):
        line = of_json(line, chance)
    values = json.loads(data.draw(st.sampled_from(LINES)))
    field = data.draw(st.sampled_from(sorted(values)))
    values[field] = data.draw(st.one_of(moments, numbers, st.none(), st.booleans(), st.text()))
    other = json.dumps(values, ensure_ascii=data.draw(st.booleans())).encode()
    for kind in (None, *EVENT_TYPES):
        try:
            Readers(kind, scanner).recognised([line, other])
        except InvalidEvent as error:
            raise AssertionError(line, other) from error


@given(st.data())
def test_what_is_recognised_is_valid_and_read_the_same(data: st.DataObject) -> None:
    same_law(LineScanner, data)


class TakesNothingForZero(LineScanner):
    """Reads zero where a number is missing."""

    def scan(self, lines: list[bytes]) -> ScannedLines:  # type: ignore[override] # a broken one
        scanned = super().scan(lines)
        numbers = scanned.numbers
        numbers[:, len(NUMBERS) :][numbers[:, len(NUMBERS) :] != numbers[:, len(NUMBERS) :]] = 0.0
        return scanned


class BelievesEveryTime(LineScanner):
    """Looks at no limit."""

    def scan(self, lines: list[bytes]) -> ScannedLines:  # type: ignore[override] # a broken one
        scanned = super().scan(lines)
        kinds = scanned.kinds
        kinds[(kinds < 0) & (scanned.at != 0.0)] = 0
        return scanned


@pytest.mark.parametrize("broken", [TakesNothingForZero, BelievesEveryTime])
def test_that_law_catches(broken: type[LineScanner]) -> None:
    assert refuted(same_law, broken)


def test_what_cannot_be_certain_is_left_to_the_decoder() -> None:
    odd = (
        b"",
        b"{}",
        b'{"type":"sale"}',
        b' {"type":"sale"}',
        LINES[0] + b" ",
        LINES[0].replace(b"card", b"c\\u0061rd"),
        LINES[0].replace(b"card", "Muñoz".encode()),
        LINES[0].replace(b"119.08", b"1e2"),
        LINES[0].replace(b"119.08", b"-1"),
        LINES[0].replace(b"119.08", b"0119.08"),
        LINES[0].replace(b"119.08", b"119."),
        LINES[0].replace(b"119.08", b"1234567890123456"),
        LINES[0].replace(b'"schema_version": 1', b'"schema_version": 2'),
        LINES[0].replace(b'"sale_id": "s-1"', b'"sale_id": "s-1", "sale_id": "s-1"'),
        LINES[0].replace(b'"sale_id": "s-1"', b'"unknown": "s-1"'),
        LINES[0].replace(b"2025-03-01T12", b"2025-02-29T12"),
        LINES[0].replace(b"2025-03-01T12", b"1999-03-01T12"),
        LINES[0].replace(b"12:30:15.250", b"12:30:60.250"),
        LINES[0][:-1] + b', "type": "sale"}',
        LINES[0].replace(b'"type": "sale", ', b""),
        LINES[0].replace(b"north 2", b"x" * 70_000),
    )
    assert Readers().recognised(odd) == 0


SPELT: Final = IdentitySettings(normalise=("case",))
SPELLINGS: Final = (*LINES[:2], LINES[4], LINES[6])
identities = st.builds(
    IdentitySettings,
    normalise=st.lists(st.sampled_from(["trim", "nfc", "case"]), max_size=3).map(tuple),
    nobody=st.lists(st.sampled_from(["BOT", "bot ", "-", "ß", "nana"]), max_size=2).map(tuple),
    merged=st.dictionaries(
        st.sampled_from(["a", "An", "anna", "ben"]), st.sampled_from(["A longer id", "x"])
    ),
)


def spelling_law(scanner: type[LineScanner], data: st.DataObject) -> None:
    said = data.draw(identities)
    lines = []
    for line in SPELLINGS:
        values = json.loads(line) | {"agent_id": data.draw(st.text("aAnN bBoOtT-", min_size=1))}
        lines.append(json.dumps(values).encode())
    assert Readers(None, scanner, said).recognised(lines) == len(lines)


@given(st.data())
def test_agents_are_spelt_in_columns_as_the_decoder_spells_them(data: st.DataObject) -> None:
    spelling_law(LineScanner, data)


class SpellsNothing(LineScanner):
    """Leaves ids in columns as they stand."""

    def __init__(
        self,
        limits: Limits,
        event_type: str | None,
        asked: Sequence[str],
        _: IdentitySettings = AS_THEY_STAND,
    ) -> None:
        super().__init__(limits, event_type, asked)


class MergesNothing(LineScanner):
    """Leaves agents their other ids in columns."""

    def __init__(
        self,
        limits: Limits,
        event_type: str | None,
        asked: Sequence[str],
        said: IdentitySettings = AS_THEY_STAND,
    ) -> None:
        super().__init__(limits, event_type, asked, structs.replace(said, merged={}))


@pytest.mark.parametrize("broken", [SpellsNothing, MergesNothing])
def test_the_law_of_spellings_catches(broken: type[LineScanner]) -> None:
    assert refuted(spelling_law, broken)


def test_a_line_whose_agent_has_an_id_of_other_letters_is_left_to_the_decoder() -> None:
    lines = [json.dumps(json.loads(line) | {"agent_id": "anna"}).encode() for line in SPELLINGS]
    for new, recognised in (("ñ", 0), ("n", len(lines))):
        said = IdentitySettings(merged={"anna": new})
        assert Readers(None, LineScanner, said).recognised(lines) == recognised


def test_columns_that_are_spelt_can_be_changed_no_more_than_others() -> None:
    """What joins them is compiled once, for arrays that nobody changes."""
    one, other = LineScanner(Limits()), LineScanner(Limits(), None, (), SPELT)
    assert one.scan(LINES).data.flags.writeable is other.scan(LINES).data.flags.writeable is False
