"""Names of headers that are no text: the commands read past them, and print none of their bytes.

The broker takes any bytes for the name of a header. Whoever may write to a topic could stop the
commands by one record, or clear the terminal of who reads it.
"""

from collections.abc import Iterable, Sequence
from typing import Final
from uuid import uuid4

import pytest

from streams.broker.admin import create_topics
from streams.broker.reader import read_topic
from streams.cli.main import main
from streams.wire.sealed_letter import seal_letter
from streams.wire.topics import Topic, topic_name
from tests.brokers.selection import AvailableBroker
from tests.streams.broker.batches.made import FORMS, frame, produce, record
from tests.streams.broker.published_alerts import alert_of, bytes_of
from tests.streams.dead_letters.letter_installation import listed
from tests.streams.dead_letters.stored_letters import refused

pytestmark = pytest.mark.integration

Headers = Sequence[tuple[bytes, bytes]]

ODD: Final[Headers] = [
    (b"\xff\xfe", b"\xff"),
    (b"reason\xff", b"other"),
    (b"\x1b[2J\xc3(", b"\x1b[2J"),
    (b"\xed\xa0\x80", b"half of a surrogate pair"),
    (b"\xe2\x80\xae\xff", b"turned round"),
    (b"", b"no name"),
    (b"\xff" * 1_000, b""),
]
RECORD: Final = b"no json"
COMPRESSED: Final = ("none", "gzip", "snappy, xerial", "lz4", "zstd")


@pytest.fixture
def prefix(broker: AvailableBroker) -> str:
    prefix = f"odd-{uuid4()}-"
    create_topics(broker.bootstrap, prefix, 1)
    return prefix


def store(
    bootstrap: str, topic: str, form: str, key: bytes, value: bytes, headers: Headers
) -> None:
    """Store a record whose headers stand between odd ones."""
    codec, compress = FORMS[form]
    body = compress(record(0, value, key, [*ODD, *headers, *ODD]))
    assert produce(bootstrap, topic, 0, frame(body, 1, codec=codec)) == 0


def as_bytes(headers: Iterable[tuple[str, bytes]]) -> list[tuple[bytes, bytes]]:
    return [(name.encode(), value) for name, value in headers]


@pytest.mark.parametrize(
    ("topic", "words"), [(Topic.ALERTS, ("--all-revisions",)), (Topic.ALERTS_CURRENT, ())]
)
def test_alerts_are_printed(
    topic: Topic,
    words: tuple[str, ...],
    broker: AvailableBroker,
    prefix: str,
    capfdbinary: pytest.CaptureFixture[bytes],
) -> None:
    alerts = [alert_of(number) for number in range(len(COMPRESSED))]
    name = topic_name(prefix, topic)
    for alert, form in zip(alerts, COMPRESSED, strict=True):
        store(broker.bootstrap, name, form, alert.alert_id.encode(), bytes_of(alert), ())
    command = ["alerts", "list", "--broker", broker.bootstrap, "--topic-prefix", prefix, *words]
    assert main([*command, "--format", "json"]) == 0
    printed = capfdbinary.readouterr()
    assert printed.out.splitlines() == [bytes_of(alert) for alert in alerts]
    assert printed.err == b""
    assert main(command) == 0
    printed = capfdbinary.readouterr()
    assert len(printed.out.splitlines()) == len(alerts)
    assert b"\x1b" not in printed.out + printed.err


def test_letters_are_listed_shown_and_sent_back(
    broker: AvailableBroker, prefix: str, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    letters = topic_name(prefix, Topic.DEAD_LETTERS)
    for number, form in enumerate(COMPRESSED):
        key = b"a-%d" % number
        value, headers = seal_letter(prefix, refused(RECORD, number), key)
        store(broker.bootstrap, letters, form, key, value, as_bytes(headers))
    # What the headers of a stranger say is printed, and that only as what prints.
    said = [(b"reason", b"\xff\x1b[2J"), (b"detail", b"\xff\r\n"), (b"source", b"\x9b2J\xff")]
    store(broker.bootstrap, letters, "none", b"\xff", b"\xff", said)
    command = ["dead-letters", "--broker", broker.bootstrap, "--topic-prefix", prefix]

    assert main([*command, "list", "--format", "json"]) == 0
    found = listed(capfdbinary.readouterr().out)
    sealed = [str(letter["id"]) for letter in found if letter["sealed"]]
    assert (len(sealed), len(found)) == (len(COMPRESSED), len(COMPRESSED) + 1)

    ids = [str(letter["id"]) for letter in found]
    for words in (["list"], ["show", *ids], ["show", *ids, "--format", "json"]):
        assert main([*command, *words]) == 0
        printed = b"".join(capfdbinary.readouterr()).decode()
        assert printed.replace("\n", "").replace("\t", "").isprintable()
    assert main([*command, "show", *sealed, "--raw"]) == 0
    assert capfdbinary.readouterr().out == (RECORD + b"\n") * len(sealed)

    assert main([*command, "replay", *sealed]) == 0
    sent = list(read_topic(broker.bootstrap, topic_name(prefix, Topic.SALES)))
    assert [one.value for one in sent] == [RECORD] * len(sealed)
    assert [one for one in sent if one.headers] == []
