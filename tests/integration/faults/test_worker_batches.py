"""Compressed, corrupt and monstrous batches in the topics of a worker: it goes on."""

import asyncio
import gzip
import json
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, cast

import msgspec
import pytest
from kafka import KafkaProducer
from kafka.admin import ConfigResource, ConfigResourceType, KafkaAdminClient

from streams.broker.batches.codecs import CODECS as CODECS_READ
from streams.broker.batches.codecs import Codec
from streams.broker.batches.needed import require_codecs
from streams.broker.changelog import read_changelog
from streams.broker.reader import read_topic
from streams.cli.main import main
from streams.wire.topics import CATALOGUE, Topic
from tests.brokers.selection import AvailableBroker, BrokerPool
from tests.integration.installation import Installation, WorkerProcess, install
from tests.integration.under_load import shared_kafka
from tests.streams.broker.batches.made import CODECS, batch, bomb, frame, produce, record

pytestmark = pytest.mark.integration

SALES: Final = 19
"""With more of them that nobody ever uses, it would be the feed of uses that cannot be seen."""
FIRST_DAY: Final = datetime(2025, 1, 1, tzinfo=UTC)

UNUSED: Final = {
    Topic.CANCELLATIONS,
    Topic.ACCOUNT_ACTIVITY,
    Topic.DECISIONS,
    Topic.VERIFICATION_REQUESTS,
    Topic.CASES_CURRENT,
    Topic.COMMENDATIONS,
    Topic.COMMISSION_ACTIONS,
    Topic.LOOKUPS,
    Topic.ALERT_DELIVERIES,
    Topic.MENTIONS,
    Topic.KEYS_STATE,
}
"""Topics that stay empty where there are only sales, nobody decides, no pattern looks across
accounts, and no sale is to be verified."""

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
    """Return one of those that follow each other every other day, so that windows end too."""
    return msgspec.json.encode(
        {
            "event_id": f"event-{number}",
            "sale_id": f"sale-{number}",
            "account_id": f"account-{number}",
            "customer_id": "customer",
            "agent_id": "agent",
            "product": "product",
            "amount": 1,
            "occurred_at": FIRST_DAY + timedelta(days=2 * number),
        }
    )


@contextmanager
def compressing(installation: Installation, codec: str, kind: ConfigResourceType) -> Iterator[None]:
    """Let the broker store compressed all topics of an installation, or all that it has."""
    admin = KafkaAdminClient(bootstrap_servers=installation.bootstrap)

    def configure(how: object) -> None:
        resources = [ConfigResource(kind, name, {"compression.type": how}) for name in names]
        (answers,) = admin.alter_configs(resources).values()
        assert set(answers.values()) == {"OK"}

    if kind is ConfigResourceType.TOPIC:
        names = [installation.name(plan.topic) for plan in CATALOGUE]
    else:  # of every broker, as the client knows no name for all of them
        names = [str(one["broker_id"]) for one in admin.describe_cluster()["brokers"]]
    try:
        configure(codec)
        try:
            yield
        finally:  # for other tests of this broker
            configure(("DELETE", None))
    finally:
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


def command(installation: Installation, *words: str) -> int:
    return main([*words, "--broker", installation.bootstrap, "--topic-prefix", installation.prefix])


@pytest.fixture
def kafka(broker_pool: BrokerPool) -> AvailableBroker:
    """Return a real Kafka: the embedded broker stores batches as they come."""
    return shared_kafka(broker_pool)


@pytest.fixture
def unpacked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the codecs that were met in this process, one for each batch."""
    met: list[str] = []

    def noting(codec: Codec) -> Codec:
        def decode(content: memoryview, limit: int) -> bytes:
            met.append(codec.name)
            return codec.decode(content, limit)

        return codec._replace(decode=decode)

    require_codecs()  # it unpacks some itself, and only once
    for number, codec in CODECS_READ.items():
        monkeypatch.setitem(cast("dict[int, Codec]", CODECS_READ), number, noting(codec))
    return met


def wait_until_judged(
    installation: Installation, worker: WorkerProcess, events: int, outcomes: int
) -> None:
    """Wait until all events are applied, and more outcomes than before have gone through."""
    worker.wait_for(lambda it: it.sum_of("aboveboard_dead_letters_total") == 1)
    worker.wait_for(has_committed(installation, events))
    worker.wait_for(lambda _: (installation.committed(Topic.OUTCOMES)[0] or 0) > outcomes)


@pytest.mark.parametrize("codec", ["gzip", "snappy", "lz4", "zstd"])
def test_every_codec_in_every_topic_and_command(
    kafka: AvailableBroker, codec: str, unpacked: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """Of a producer, of the settings of topics, then of the cluster's."""
    installation = install(kafka, 1)
    sales, alerts = installation.name(Topic.SALES), installation.name(Topic.ALERTS)

    def records(topic: Topic) -> int:
        """Return how many records a topic has, all of which come in this codec and no other."""
        unpacked.clear()
        found = list(read_topic(kafka.bootstrap, installation.name(topic)))
        assert set(unpacked) == {codec}
        return len(found)

    with compressing(installation, codec, ConfigResourceType.TOPIC):
        producer = KafkaProducer(
            bootstrap_servers=kafka.bootstrap, compression_type=codec, linger_ms=50
        )
        for number in range(SALES):
            producer.send(sales, sale(number), b"key", partition=0)
        producer.send(sales, b"no json at all", b"key", partition=0)
        producer.close()
        with working(installation) as worker:
            wait_until_judged(installation, worker, SALES + 1, 0)
            worker.wait_for(lambda _: bool(list(read_topic(kafka.bootstrap, alerts))))
            assert worker.end(signal.SIGKILL).code == -signal.SIGKILL
    outcomes = records(Topic.OUTCOMES)
    unpacked.clear()
    assert command(installation, "alerts") == 0
    assert command(installation, "dead-letters", "list") == 0
    assert set(unpacked) == {codec}
    told = capsys.readouterr().out
    assert ("not_json" in told, "unused_account" in told) == (True, True)
    with compressing(installation, codec, ConfigResourceType.BROKER):
        assert command(installation, "dead-letters", "replay", "--all") == 0
        installation.send(Topic.SALES, [sale(SALES)])  # which no producer compresses
        with working(installation) as worker:
            wait_until_judged(installation, worker, SALES + 3, outcomes)
            assert worker.sum_of("aboveboard_events_total", result="unchanged") == 0
            assert worker.end(signal.SIGTERM).code == 0, worker.log()
    assert records(Topic.OUTCOMES) > outcomes
    assert all(records(plan.topic) for plan in CATALOGUE if plan.topic not in UNUSED)
    unpacked.clear()
    state = installation.name(Topic.LEDGER_STATE)
    reading = asyncio.run(read_changelog(kafka.bootstrap, state, 0))
    assert (reading.complete, reading.foreign.number, set(unpacked)) == (True, 0, {codec})
    assert command(installation, "dead-letters", "list", "--format", "json") == 0
    (letter,) = [
        json.loads(line) for line in capsys.readouterr().out.splitlines() if line[:1] == "{"
    ]
    assert (letter["reason"], letter["refusals"]) == ("not_json", 2)


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
        Topic.DECISIONS,
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
