"""A real Apache Kafka, one node in KRaft combined mode, for tests only.

It runs from its published jars, listens on free ports of 127.0.0.1, and keeps its data in a
temporary folder until it is closed. Measured on 2 cores with Kafka 4.1.1: 0.7 s to format, 1.7 s
to start, 0.3 s to stop, 5 s to start after SIGKILL (the controller first waits out the 3 s lease of
the old broker), 170 MB of memory, 10 s for Maven the first time.
"""

import os
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Self

from streams.demo.broker_process import BrokerProcess
from streams.demo.ports import LOOPBACK, free_port
from streams.errors import BrokerNotStarted
from tests.brokers.kafka_jars import find_java, kafka_version, resolve_jars
from tests.brokers.kafka_listeners import Listener

_CLUSTER_ID = "aboveboard-tests-00000"  # 22 characters: Kafka takes it for a base64 UUID
_FORMAT_SECONDS = 60

# The smallest that works: tests wait for sessions to end, and share a small machine.
_SETTINGS = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@{host}:{controller_port}
controller.listener.names=CONTROLLER
listeners=PLAINTEXT://{host}:{port},CONTROLLER://{host}:{controller_port}{more_listeners}
advertised.listeners=PLAINTEXT://{host}:{port}{more_listeners}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT{more_protocols}
inter.broker.listener.name=PLAINTEXT
log.dirs={data}
auto.create.topics.enable=false
default.replication.factor=1
offsets.topic.num.partitions=4
offsets.topic.replication.factor=1
transaction.state.log.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.num.partitions=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=500
broker.session.timeout.ms=3000
broker.heartbeat.interval.ms=500
log.cleaner.backoff.ms=500
log.cleaner.dedupe.buffer.size=16777216
log.cleaner.io.buffer.size=262144
"""


class RealKafka:
    """A Kafka that can be stopped, killed and started again on the same data and ports.

    As a context manager it starts, and in the end stops and deletes its data.
    """

    def __init__(
        self,
        *,
        start_seconds: float = 60.0,
        listeners: Sequence[Listener] = (),
        users: Sequence[str] = (),
        settings: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        """Get Java and the jars and format the storage, without starting the broker.

        It listens in clear text, and beside that on ``listeners``, at ``address_of``; ``users``
        are what ``--add-scram`` takes, and ``settings`` more properties of the broker.
        ``controller``, ``environment`` and ``java`` are for another node of the same cluster.

        Raises BrokerNotStarted, naming the remedy, if Java 17 or Maven is missing or the
        jars cannot be had.
        """
        java = find_java()
        classpath = f"{resolve_jars()}{os.sep}*"
        self._folder = tempfile.TemporaryDirectory(prefix="aboveboard-kafka-")
        try:
            file = Path(self._folder.name) / "server.properties"
            port, controller_port, *others = _free_ports(2 + len(listeners))
            self._addresses = {
                listener.name: f"{LOOPBACK}:{number}"
                for listener, number in zip(listeners, others, strict=True)
            }
            text = _SETTINGS.format(
                host=LOOPBACK,
                port=port,
                controller_port=controller_port,
                data=Path(self._folder.name) / "data",
                more_listeners="".join(f",{n}://{at}" for n, at in self._addresses.items()),
                more_protocols="".join(f",{one.name}:{one.protocol}" for one in listeners),
            )
            text += "".join(listener.settings() for listener in listeners)
            text += "".join(f"{name}={value}\n" for name, value in settings.items())
            file.write_text(text, encoding="utf-8")
            self.controller = f"{LOOPBACK}:{controller_port}"
            self.environment = environment = {"PATH": os.environ.get("PATH", "")}
            self.java = command = [
                java,
                "-Xms128m",
                "-Xmx512m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Djava.awt.headless=true",
                "-Dlog4j2.level=WARN",
                "-cp",
                classpath,
            ]
            format_storage(command, file, environment, users)
            self._process = BrokerProcess(
                name=f"Apache Kafka {kafka_version()}",
                command=[*command, "kafka.Kafka", str(file)],
                port=port,
                environment=environment,
                start_seconds=start_seconds,
                stop_seconds=15.0,
            )
        except BaseException:
            self._folder.cleanup()
            raise

    @property
    def bootstrap(self) -> str:
        """Address for clients, ``127.0.0.1:PORT``."""
        return self._process.bootstrap

    def address_of(self, listener: str) -> str:
        """Address for clients of one of the other listeners."""
        return self._addresses[listener]

    def is_running(self) -> bool:
        """Whether the broker was started and has not ended."""
        return self._process.is_running()

    def start(self) -> None:
        """Start on the data and ports it had; see BrokerProcess.start for what it raises."""
        self._process.start()

    def stop(self) -> None:
        """Stop in order and keep the data. Harmless if it does not run."""
        self._process.stop()

    def kill(self) -> None:
        """Stop with SIGKILL and keep the data. Harmless if it does not run."""
        self._process.kill()

    def close(self) -> None:
        """Stop and delete the data. The broker cannot be started again."""
        self._process.stop()
        self._folder.cleanup()

    def __enter__(self) -> Self:
        """Start."""
        try:
            self.start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        """Close, whatever happened inside the block."""
        self.close()


def _free_ports(count: int) -> list[int]:
    """Return ports that are free now, and differ."""
    found: set[int] = set()
    while len(found) < count:
        found.add(free_port())
    return list(found)


def format_storage(
    command: list[str], settings: Path, environment: dict[str, str], users: Sequence[str]
) -> None:
    """Prepare the data folder of a node; `command` runs the classes of Kafka."""
    answer = subprocess.run(
        [
            *command,
            "kafka.tools.StorageTool",
            "format",
            f"--cluster-id={_CLUSTER_ID}",
            f"--config={settings}",
            *(f"--add-scram={user}" for user in users),
        ],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        env=environment,
        timeout=_FORMAT_SECONDS,
        check=False,
    )
    if answer.returncode != 0:
        raise BrokerNotStarted(
            f"Kafka {kafka_version()} could not format its storage. It said:\n"
            f"{answer.stdout[-2000:]}{answer.stderr[-2000:]}"
        )
