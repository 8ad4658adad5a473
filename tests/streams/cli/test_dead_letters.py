"""`aboveboard dead-letters` on a broker: what is refused is listed, shown, and sent back once."""

import io
import json
import os
import pty
import signal
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest
from kafka.partitioner import murmur2

from detectors.basis.errors import InvalidEvent
from detectors.decoding import EventDecoder
from detectors.limit_settings import Limits
from streams.broker.sending.event_sender import replay
from streams.cli.main import main
from streams.wire.topics import Topic
from tests.brokers.selection import AvailableBroker
from tests.streams.dead_letters.letter_installation import COMMAND, PARTITIONS, Refuser, listed
from tests.streams.hostile_corpus import CORPUS, sale

pytestmark = pytest.mark.integration

LARGEST_SENT = 1_000_000


def _hostile() -> list[tuple[bytes | None, bytes | None]]:
    """Return records that a broker takes and that are no sales, under keys of their own."""
    decode = EventDecoder(Limits(), "sale").decode
    found: list[tuple[bytes | None, bytes | None]] = []
    for case in CORPUS:
        try:
            decode(case.record)
        except InvalidEvent:
            if len(case.record) <= LARGEST_SENT:
                found.append((case.name.encode(), case.record))
    return found


HOSTILE = _hostile()


@pytest.fixture
def refuser(any_broker: AvailableBroker) -> Refuser:
    return Refuser(any_broker.bootstrap)


def _list(refuser: Refuser, *words: str) -> list[dict[str, object]]:
    """List in this process: another takes a second to load, and the tests list often."""
    said = io.BytesIO()
    with (
        redirect_stdout(io.TextIOWrapper(said, write_through=True)),
        redirect_stderr(io.StringIO()),
    ):
        assert main(["dead-letters", *refuser.place(), "list", "--format", "json", *words]) == 0
        return listed(said.getvalue())


def _replay(refuser: Refuser, *words: str) -> int:
    return main(["dead-letters", "replay", *refuser.place(), *words])


def test_hostile_records_are_listed_shown_and_sent_back(
    refuser: Refuser, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    records = [*HOSTILE, (b"a-1", None), (None, b"\xff\xfe"), (b"a-1", sale())]
    refuser.send(Topic.SALES, records)
    assert refuser.work(twice=True) == len(HOSTILE) + 2

    letters = _list(refuser)
    assert len(letters) == len(HOSTILE) + 2
    assert {letter["status"] for letter in letters} == {"waiting"}
    assert {letter["refusals"] for letter in letters} == {1}
    assert _list(refuser) == letters
    ids = [str(letter["id"]) for letter in letters]

    assert main(["dead-letters", *refuser.place(), "show", *ids, "--raw"]) == 0
    raw = capfdbinary.readouterr().out
    assert len(raw) == sum(len(value or b"") + 1 for _, value in records[:-1])
    assert main(["dead-letters", *refuser.place(), "show", *ids]) == 0
    shown = capfdbinary.readouterr().out.decode()
    assert all(f"letter   {letter_id}\n" in shown for letter_id in ids)
    assert shown.replace("\n", "").replace("\t", "").isprintable()

    before = len(refuser.records(Topic.SALES))
    assert _replay(refuser, "--all") == 0
    sent = refuser.records(Topic.SALES)
    assert len(sent) == before + len(letters)
    twice: dict[tuple[int, bytes | None, bytes | None], int] = {}
    for record in sent:
        content = (record.partition, record.key, record.value)
        twice[content] = twice.get(content, 0) + 1
        if record.key is not None:
            assert record.partition == (murmur2(record.key) & 0x7FFF_FFFF) % PARTITIONS
    assert sorted(twice.values()) == [1, *[2] * len(letters)]

    assert _replay(refuser, "--all") == 0
    assert b"0 sent, %d sent before, 0 cannot" % len(letters) in capfdbinary.readouterr().err
    assert len(refuser.records(Topic.SALES)) == len(sent)


def test_letters_that_are_refused_again_do_not_multiply(refuser: Refuser) -> None:
    refuser.send(Topic.SALES, HOSTILE[:5])
    refuser.send(Topic.CANCELLATIONS, [(b"a-1", b"{}")])
    refuser.work()
    ids = [letter["id"] for letter in _list(refuser)]
    for _ in range(2):
        assert _replay(refuser, "--all") == 0
        refuser.work()
        letters = _list(refuser)
        assert [letter["id"] for letter in letters] == ids
        assert {(letter["status"], letter["refusals"]) for letter in letters} == {
            ("refused-again", 2)
        }
    assert _replay(refuser, "--status", "refused-again", "--again", "--source", "sales") == 0
    refuser.work()
    assert sorted(str(letter["refusals"]) for letter in _list(refuser)) == ["2", *["3"] * 5]


# A real SIGKILL, after the broker has acknowledged the records and before it hears of receipts.
_DIE_BEFORE_THE_RECEIPTS = """
import os, signal, sys
from streams.broker.sending.letter_sender import LetterSender
LetterSender.store_receipts = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
from detectors.decoding import EventDecoder
from detectors.basis.errors import InvalidEvent
from detectors.limit_settings import Limits
from streams.cli.main import main
main()
"""


def test_one_that_is_killed_before_the_receipts_sends_again_and_then_no_more(
    refuser: Refuser,
) -> None:
    refuser.send(Topic.SALES, HOSTILE[:5])
    refuser.work()
    words = ["dead-letters", "replay", *refuser.place(), "--all"]
    done = subprocess.run(
        [sys.executable, "-c", _DIE_BEFORE_THE_RECEIPTS, *words], capture_output=True, check=False
    )
    assert done.returncode == -signal.SIGKILL
    assert len(refuser.records(Topic.SALES)) == 10
    assert {letter["status"] for letter in _list(refuser)} == {"waiting"}
    for _ in range(2):
        assert _replay(refuser, "--all") == 0
        assert len(refuser.records(Topic.SALES)) == 15
    refuser.work()
    letters = _list(refuser)
    assert [(letter["status"], letter["refusals"]) for letter in letters] == [
        ("refused-again", 3)
    ] * 5


def test_letters_are_chosen_and_a_dry_run_sends_nothing(
    refuser: Refuser, capsys: pytest.CaptureFixture[str]
) -> None:
    refuser.send(Topic.SALES, [(b"a", b"not json"), (b"b", b"null")])
    refuser.send(Topic.CANCELLATIONS, [(b"a", b"not json")])
    refuser.work()
    assert len(_list(refuser, "--reason", "not_json")) == 2
    assert len(_list(refuser, "--reason", "not_json", "--source", "sales")) == 1
    assert len(_list(refuser, "--reason", "not_json", "--reason", "invalid_field")) == 3
    assert _list(refuser, "--status", "replayed") == []

    assert _replay(refuser, "--all", "--dry-run") == 0
    assert "3 to send" in capsys.readouterr().err
    assert len(refuser.records(Topic.SALES)) == 2

    (letter,) = _list(refuser, "--reason", "invalid_field")
    assert _replay(refuser, str(letter["id"])[:10]) == 0
    captured = capsys.readouterr()
    assert "1 sent, 0 sent before, 0 cannot" in captured.err
    assert "sent     sales[" in captured.out
    assert _list(refuser, "--status", "replayed")[0]["id"] == letter["id"]
    assert len(refuser.records(Topic.SALES)) == 3

    assert main(["dead-letters", *refuser.place(), "list"]) == 0
    table = capsys.readouterr().out.splitlines()
    assert table[-1] == "3 letters: 2 not_json, 1 invalid_field; 2 waiting, 1 replayed"
    assert len(table) == 5


def test_what_cannot_be_sent_is_told_and_ends_with_1(
    refuser: Refuser, capsys: pytest.CaptureFixture[str]
) -> None:
    replay(
        [b"sale;12,50", sale(spare=f'"{"x" * LARGEST_SENT}"')], refuser.bootstrap, refuser.prefix
    )
    refuser.send(Topic.DEAD_LETTERS, [(b"a", b"foreign")])
    refuser.send(Topic.SALES, [(b"a", b"null")])
    refuser.work()
    assert _replay(refuser, "--all") == 1
    captured = capsys.readouterr()
    assert "1 sent, 0 sent before, 3 cannot be sent" in captured.err
    assert captured.out.count("aboveboard replay") == 2
    assert captured.out.count("another program wrote it") == 1
    assert _replay(refuser, "--source", "sales") == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["replay"], "say which letters"),
        (["replay", "0123456789"], "no dead letter has the id"),
        (["replay", "--all", "--unsealed"], "--unsealed needs the ID"),
        (["show", "../.."], "is no id of a letter"),
    ],
)
def test_bad_choices_end_with_2(
    refuser: Refuser, words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["dead-letters", *words, *refuser.place()]) == 2
    error = capsys.readouterr().err
    assert error.startswith("aboveboard dead-letters: ")
    assert said in error


def test_an_empty_installation_has_no_letters(
    refuser: Refuser, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["dead-letters", *refuser.place(), "list"]) == 0
    assert capsys.readouterr().out == "no letters\n"
    assert _replay(refuser, "--all") == 0


def test_a_record_is_repaired_in_a_file_and_sent_from_there(
    refuser: Refuser, tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    refuser.send(Topic.SALES, [(b"a-1", sale(product="[12]"))])
    refuser.work()
    (letter,) = _list(refuser)
    assert main(["dead-letters", "show", "--raw", str(letter["id"]), *refuser.place()]) == 0
    exported = capfdbinary.readouterr().out
    path = tmp_path / "repaired.jsonl"
    path.write_bytes(exported.replace(b"[12]", b'"card"'))
    assert main(["replay", str(path), *refuser.place()]) == 0
    applied: list[object] = []
    assert refuser.work(apply=applied.append) == 0
    assert len(applied) == 1


def test_raw_records_are_not_written_to_a_terminal(broker: AvailableBroker) -> None:
    terminal, end = pty.openpty()
    try:
        done = subprocess.run(
            [*COMMAND, "dead-letters", "--broker", broker.bootstrap, "show", "--raw", "0123"],
            stdout=end,
            stderr=subprocess.PIPE,
            check=False,
        )
    finally:
        os.close(terminal)
        os.close(end)
    assert done.returncode == 2
    assert b"into a file" in done.stderr


def test_what_json_says_is_one_object_a_line(
    refuser: Refuser, capsys: pytest.CaptureFixture[str]
) -> None:
    refuser.send(Topic.SALES, [(b"\xff", "caf\u00e9".encode())])
    refuser.work()
    (letter,) = _list(refuser)
    words = ["dead-letters", "show", str(letter["id"]), "--format", "json", *refuser.place()]
    assert main(words) == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown["record"] == "caf\u00e9"
    assert shown["key_base64"] == "/w=="
    assert {name: shown[name] for name in letter} == letter
