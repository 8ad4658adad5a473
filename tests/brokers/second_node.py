"""A second node beside a real Kafka: copies of topics can be lost, and come back."""

import tempfile
from pathlib import Path
from typing import Self

from streams.demo.broker_process import BrokerProcess
from streams.demo.ports import LOOPBACK, free_port
from tests.brokers.kafka_jars import kafka_version
from tests.brokers.real_kafka import RealKafka, format_storage

_SETTINGS = """\
process.roles=broker
node.id=2
controller.quorum.voters=1@{controller}
controller.listener.names=CONTROLLER
listeners=PLAINTEXT://{host}:{port}
advertised.listeners=PLAINTEXT://{host}:{port}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
inter.broker.listener.name=PLAINTEXT
log.dirs={data}
auto.create.topics.enable=false
broker.session.timeout.ms=3000
broker.heartbeat.interval.ms=500
log.cleaner.dedupe.buffer.size=16777216
log.cleaner.io.buffer.size=262144
"""


class SecondNode:
    """A broker of the same cluster, without a vote; as a context manager it starts and is gone."""

    def __init__(self, first: RealKafka) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="aboveboard-kafka-")
        settings = Path(self._folder.name) / "server.properties"
        port = free_port()
        settings.write_text(
            _SETTINGS.format(
                controller=first.controller,
                host=LOOPBACK,
                port=port,
                data=Path(self._folder.name) / "data",
            ),
            encoding="utf-8",
        )
        format_storage(first.java, settings, first.environment, ())
        self._process = BrokerProcess(
            name=f"the second node of Apache Kafka {kafka_version()}",
            command=[*first.java, "kafka.Kafka", str(settings)],
            port=port,
            environment=first.environment,
            start_seconds=60.0,
            stop_seconds=15.0,
        )

    def start(self) -> None:
        """Start on the data and the port it had."""
        self._process.start()

    def kill(self) -> None:
        """Stop with SIGKILL and keep the data."""
        self._process.kill()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._folder.cleanup()
