"""Pseudonyms: turned back under their key, one for each id, and nothing without the key."""

import json
from base64 import b32encode
from hashlib import sha256
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.decoding import EventDecoder
from detectors.limit_settings import Limits
from streams.cli.privacy.reveal import revealed_line
from streams.errors import InvalidPseudonymKey, NotHidden
from streams.pseudonyms.cipher import LONGEST, Pseudonyms
from streams.pseudonyms.events import KINDS, EventHider
from streams.wire.partitioner import partition_of
from tests.detectors.refutation import refuted
from tests.streams.hostile_corpus import CORPUS, sale

PSEUDONYMS: Final = Pseudonyms(bytes(range(64)))
OTHERS: Final = Pseudonyms(bytes(64))

ids = st.text(st.characters(codec="utf-8"), min_size=1, max_size=20)
kinds = st.sampled_from(sorted(set(KINDS.values())))


class Hashes(Pseudonyms):
    """What a keyed hash of a few bytes would be: not turned back, and two ids may share one."""

    def of(self, kind: str, text: str) -> str:
        return "pn1." + kind + "." + sha256(text.encode()).hexdigest()[:1]

    def reveal(self, text: str) -> str | None:
        return text


class OneForAllKinds(Pseudonyms):
    def of(self, kind: str, text: str) -> str:
        return super().of(kind[:0] + "id", text)


class TellsTheId(Pseudonyms):
    def of(self, kind: str, text: str) -> str:
        return f"pn1.{kind}.{b32encode(text.encode()).decode().rstrip('=').lower()}"

    def reveal(self, text: str) -> str | None:
        return text[:0] or None


def law(pseudonyms: Pseudonyms, data: st.DataObject) -> None:
    kind, one, other = data.draw(kinds), data.draw(ids), data.draw(ids)
    hidden = pseudonyms.of(kind, one)
    assert pseudonyms.reveal(hidden) == one
    assert pseudonyms.of(kind, one) == hidden
    assert pseudonyms.of(kind, hidden) == hidden
    assert (pseudonyms.of(kind, other) == hidden) == (one == other)
    assert hidden.isascii()
    assert hidden == hidden.lower()
    assert all(pseudonyms.of(k, one) != hidden for k in KINDS.values() if k != kind)
    assert pseudonyms.revealed(f"Account {hidden}, ({hidden}).", str) == f"Account {one}, ({one})."
    # Without the key: nothing but equality, and the length in steps.
    assert OTHERS.reveal(hidden) is None
    assert OTHERS.of(kind, one) != hidden
    same_steps = len(one.encode()) // 16 == len(other.encode()) // 16
    assert (len(pseudonyms.of(kind, other)) == len(hidden)) == same_steps


@given(st.data())
def test_a_pseudonym_is_turned_back_and_no_two_ids_share_one(data: st.DataObject) -> None:
    law(PSEUDONYMS, data)


@pytest.mark.parametrize("broken", [Hashes, OneForAllKinds, TellsTheId])
def test_the_law_finds_weaker_pseudonyms(broken: type[Pseudonyms]) -> None:
    assert refuted(law, broken(bytes(range(64))))


@given(st.text(st.sampled_from("pn1.acount234567a"), max_size=90))
def test_what_is_none_stays_as_it_is(rest: str) -> None:
    text = f"pn1.account.{rest}"
    assert PSEUDONYMS.reveal(text) is None
    assert PSEUDONYMS.revealed(text, str) == text


def test_one_that_was_changed_is_none() -> None:
    hidden = PSEUDONYMS.of("account", "a-1")
    for place in range(12, len(hidden)):
        changed = f"{hidden[:place]}{'a' if hidden[place] != 'a' else 'b'}{hidden[place + 1 :]}"
        assert PSEUDONYMS.reveal(changed) in (None, "a-1")  # the last letter has bits to spare
    assert PSEUDONYMS.reveal(hidden.replace("account", "customer")) is None


def test_a_key_of_another_length_is_refused() -> None:
    with pytest.raises(InvalidPseudonymKey, match="64 bytes"):
        Pseudonyms(bytes(32))


def test_events_stay_events_and_all_else_stays_byte_for_byte() -> None:
    hider = EventHider(PSEUDONYMS, ("sale_id",))
    line = sale(amount="12.50", spare="1e400", email_hash='"x"', payer_hash="null")
    hidden = hider.hidden(line)
    assert b'"amount":12.50' in hidden
    assert b'"spare":1e400' in hidden
    assert b'"payer_hash":null' in hidden
    assert not any(name in hidden for name in (b"a-1", b"c-1", b"s-1"))
    assert b"agent-1" in hidden
    event = EventDecoder(Limits(), "sale").decode(hidden)
    assert PSEUDONYMS.reveal(event.account_id) == "a-1"
    assert hider.hidden(hidden) == hidden
    assert json.loads(revealed_line(PSEUDONYMS, hidden)) == json.loads(line)
    assert 0 <= partition_of(event.account_id, 7) < 7


@pytest.mark.parametrize(
    "line",
    [
        b"sale;a-1",
        b"[]",
        b'"a-1"',
        b"\xff",
        b'{"account_id": 7}',
        b'{"account_id": ["a-1"]}',
        b'{"account_id": "' + b"a" * LONGEST + b'"}',
    ],
)
def test_a_line_whose_ids_cannot_be_hidden_is_not_passed_on(line: bytes) -> None:
    with pytest.raises(NotHidden):
        EventHider(PSEUDONYMS).hidden(line)


def test_nothing_of_an_id_passes_whatever_a_line_holds() -> None:
    for case in CORPUS:
        try:
            hidden = EventHider(PSEUDONYMS).hidden(case.record)
        except NotHidden:
            continue
        for name in KINDS:
            value = json.loads(hidden.decode(errors="replace")).get(name)
            assert not value or PSEUDONYMS.reveal(value) is not None


def test_an_id_that_is_a_command_stays_harmless_when_it_is_turned_back() -> None:
    odd = 'x"\x1b]0;pwn\x07\n\\'
    hidden = PSEUDONYMS.of("account", odd)
    as_json = revealed_line(PSEUDONYMS, b'{"id":"' + hidden.encode() + b'"}')
    assert json.loads(as_json) == {"id": odd}
    assert as_json.decode().isprintable()
    assert (
        revealed_line(PSEUDONYMS, b"a\t" + hidden.encode()).decode().replace("\t", "").isprintable()
    )
    assert revealed_line(PSEUDONYMS, b"\xff plain") == b"\xff plain"
