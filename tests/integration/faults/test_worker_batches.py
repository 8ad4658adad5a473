"""Compressed, corrupt and monstrous batches in the topics of a worker: it goes on."""

import gzip
import json
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import msgspec
import pytest
from kafka import KafkaProducer
from kafka.admin import ConfigResource, ConfigResourceType, KafkaAdminClient

from streams.cli.main import main
from streams.wire.topics import CATALOGUE, Topic
from tests.brokers.selection import AvailableBroker
from tests.integration.installation import Installation, WorkerProcess, install
from tests.streams.broker.batches.made import CODECS, batch, bomb, frame, produce, record
from tests.streams.broker.batches.stored import stored_codecs

pytestmark = pytest.mark.integration

SALES: Final = 40
START: Final = datetime(2025, 1, 1, tzinfo=UTC)

WRITTEN: Final = (
    *(Topic.OUTCOMES, Topic.PEER_TOTALS, Topic.PEER_EXPECTATIONS),
    *(Topic.LEDGER_STATE, Topic.AGENTS_STATE, Topic.PEERS_STATE),
    *(Topic.ALERTS, Topic.ALERTS_CURRENT, Topic.DEAD_LETTERS),
)
"""What a worker writes while it judges."""

BOMBS: Final = 3
TOO_LARGE: Final = 150_000_000
UNREADABLE: Final = frame(
    gzip.compress(record(0, b"lost")) + b"bytes behind the stream", 1, codec=CODECS["gzip"]
)
"""A batch as Kafka takes it from a producer, whose decompressor does not look behind the end."""

FULL_MEMORY: Final = """\
import sys
if "worker" in sys.argv or any("worker" in word for word in sys.orig_argv):
    import asyncio
    from faust import App
    from streams.broker.transport.thread import BatchThread

    async def crash(self, seconds):
        raise MemoryError

    async def never(self):
        await asyncio.Event().wait()

    BatchThread._fetch = crash
    App.on_started = never
"""


def sale(number: int) -> bytes:
    """Return a sale of a day of its own: days that are over make the stages write to each other."""
    return msgspec.json.encode(
        {
            "event_id": f"event-{number}",
            "sale_id": f"sale-{number}",
            "account_id": f"account-{number}",
            "customer_id": "customer",
            "agent_id": "agent",
            "product": "product",
            "amount": 1,
            "occurred_at": (START + timedelta(days=number)).isoformat(),
        }
    )


def compress_topics(installation: Installation, codec: str) -> None:
    """Let the broker store all of an installation compressed, as a cluster's default would."""
    admin = KafkaAdminClient(bootstrap_servers=installation.bootstrap)
    admin.alter_configs(
        [
            ConfigResource(
                ConfigResourceType.TOPIC,
                installation.name(plan.topic),
                configs={"compression.type": codec},
            )
            for plan in CATALOGUE
        ]
    )
    admin.close()


@contextmanager
def working(installation: Installation) -> Iterator[WorkerProcess]:
    with installation.worker(store="memory") as worker:
        yield worker


def test_a_client_that_crashes_before_the_worker_has_started_ends_it(
    broker: AvailableBroker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Loaded by the interpreter of the worker when it starts: a memory that is full at once.
    (tmp_path / "sitecustomize.py").write_text(FULL_MEMORY, encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with install(broker, 1).worker(store="memory") as worker:
        ended = worker.ending()
    assert ended.code == 1, ended.log
    assert "Faust gave up: MemoryError" in ended.log


def has_committed(installation: Installation, end: int) -> Callable[[WorkerProcess], bool]:
    return lambda _: installation.committed(Topic.SALES) == {0: end}


def has_told(letters: int) -> Callable[[WorkerProcess], bool]:
    return lambda it: it.sum_of("aboveboard_dead_letters_total") == letters


def has_stored(installation: Installation, codec: str) -> Callable[[WorkerProcess], bool]:
    """Return a condition: every log that a worker writes has batches of this codec."""
    names = [installation.name(topic) for topic in WRITTEN]
    return lambda _: all(codec in stored_codecs(installation.bootstrap, name) for name in names)


def command(installation: Installation, *words: str) -> int:
    return main([*words, "--broker", installation.bootstrap, "--topic-prefix", installation.prefix])


def send_compressed(installation: Installation, codec: str, first: int) -> None:
    """Send sales with these numbers and a record that is none, and have all else stored so too."""
    compress_topics(installation, codec)
    producer = KafkaProducer(
        bootstrap_servers=installation.bootstrap, compression_type=codec, linger_ms=50
    )
    for number in range(first, first + SALES):
        producer.send(installation.name(Topic.SALES), sale(number), b"key", partition=0)
    # Each in words of its own: the same bytes would be sent again once only.
    refused = f"no json in {codec}".encode()
    producer.send(installation.name(Topic.SALES), refused, b"key", partition=0)
    producer.close()


def test_every_codec_in_every_topic_and_command(
    broker: AvailableBroker, capsys: pytest.CaptureFixture[str]
) -> None:
    """One after the other in one installation: every log has batches of each of them."""
    installation = install(broker, 1)
    end = 0
    with working(installation) as worker:
        for turn, codec in enumerate(("gzip", "snappy", "lz4", "zstd"), start=1):
            send_compressed(installation, codec, end)
            end += SALES + 1
            worker.wait_for(has_told(turn))
            worker.wait_for(has_committed(installation, end))
            if broker.kind != "embedded":  # which stores batches as they come
                worker.wait_for(has_stored(installation, codec))
        assert worker.end(signal.SIGKILL).code == -signal.SIGKILL
    assert command(installation, "alerts") == 0
    assert command(installation, "dead-letters", "list") == 0
    assert "not_json" in capsys.readouterr().out
    assert command(installation, "dead-letters", "replay", "--all") == 0
    with working(installation) as worker:
        worker.wait_for(has_told(turn))
        worker.wait_for(has_committed(installation, end + turn))
        assert worker.sum_of("aboveboard_events_total", result="duplicate") == 0
        assert worker.end(signal.SIGTERM).code == 0, worker.log()
    assert command(installation, "dead-letters", "list", "--format", "json") == 0
    told = capsys.readouterr().out.splitlines()
    letters = [json.loads(line) for line in told if line[:1] == "{"]
    assert [(one["reason"], one["refusals"]) for one in letters] == turn * [("not_json", 2)]


def test_what_cannot_be_unpacked_is_set_aside_in_every_topic_and_the_worker_goes_on(
    broker: AvailableBroker, capsys: pytest.CaptureFixture[str]
) -> None:
    installation = install(broker, 1)
    inputs = (
        Topic.SALES,
        Topic.CANCELLATIONS,
        Topic.ACCOUNT_ACTIVITY,
        Topic.OUTCOMES,
        Topic.PEER_TOTALS,
        Topic.PEER_EXPECTATIONS,
    )
    others = tuple(plan.topic for plan in CATALOGUE if plan.topic not in inputs)
    for topic in (*inputs, *others):
        assert produce(broker.bootstrap, installation.name(topic), 0, UNREADABLE) == 0
    sales = installation.name(Topic.SALES)
    monster = bomb(TOO_LARGE)
    for _ in range(BOMBS):
        assert produce(broker.bootstrap, sales, 0, monster) == 0
    lying = frame(record(0, sale(0)) + record(10**6, sale(1)) + record(2, sale(2)), 3)
    assert produce(broker.bootstrap, sales, 0, lying) == 0
    assert produce(broker.bootstrap, sales, 0, batch([sale(n) for n in range(3, SALES)])) == 0
    for more in range(2):  # what it has set aside it does not set aside again
        assert produce(broker.bootstrap, sales, 0, batch([sale(SALES + more)])) == 0
        end = SALES + BOMBS + 2 + more
        with working(installation) as worker:
            if not more:
                worker.wait_for(
                    lambda it: it.sum_of("aboveboard_dead_letters_total") == len(inputs) + BOMBS
                )
            worker.wait_for(has_committed(installation, end))
            told_of = worker.sum_of("aboveboard_dead_letters_total", reason="corrupt_batch")
            assert told_of == (0 if more else len(inputs) + BOMBS)
            assert worker.end(signal.SIGTERM).code == 0, worker.log()
    assert command(installation, "dead-letters", "list", "--format", "json") == 0
    told = capsys.readouterr()
    letters = [json.loads(line) for line in told.out.splitlines() if line[:1] == "{"]
    assert sorted((one["source"], one["offset"]) for one in letters) == sorted(
        [(topic.value, 0) for topic in inputs] + [("sales", 1 + at) for at in range(BOMBS)]
    )
    assert {one["reason"] for one in letters} == {"corrupt_batch"}
    assert command(installation, "dead-letters", "replay", "--all") == 1
    assert "which no topic takes once more" in "".join(capsys.readouterr())
    assert command(installation, "alerts") == 0
