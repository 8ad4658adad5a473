"""The hosts of the ledger's job: how each is started, and what is durable in it."""

import os
import re
import subprocess
import sys
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Final
from xml.etree import ElementTree

import msgspec
from msgspec import Struct

from bench.engines.findings import OURS
from bench.engines.hosts.job import Progress
from bench.engines.hosts.ledger_job import LedgerJob
from bench.engines.ledger.outcomes import Reader, in_bundle, in_json
from bench.engines.processes import EngineProcess
from tests.brokers.kafka_jars import find_java

BUILT: Final = Path(".venv-engines/java")
"""Where `make bench-engines` puts classes and jars."""

_POM: Final = Path(__file__).parents[1] / "java" / "pom.xml"
_MAVEN: Final = {"maven": "http://maven.apache.org/POM/4.0.0"}
_HEAP: Final = "2g"
_OPENED: Final = ("java.base/java.util", "java.base/java.lang", "java.base/java.time")
"""Packages of Java that Flink looks into."""


class LedgerHost(Struct, frozen=True, kw_only=True):
    """One host.

    Attributes
    ----------
    name, title
        For the program and for the page.
    durable
        Where its state is safe, and what a crash may do to the outcomes, in words.
    main
        The class in Java; empty for ours.
    """

    name: str
    title: str
    durable: str
    main: str = ""

    @property
    def read(self) -> Reader:
        """Reads the records that it writes."""
        return in_json if self.main else in_bundle

    def versions(self) -> str:
        """Return the versions of what it is made of."""
        if not self.main:
            return f"aboveboard {version('aboveboard')}, Python"
        name = "flink" if "Flink" in self.main else "kafka"
        # The pom is a file of this repository, so the parser meets nothing hostile.
        found = ElementTree.parse(_POM).findtext(  # noqa: S314 - our own file
            f"maven:properties/maven:{name}.version", namespaces=_MAVEN
        )
        return f"{self.title} {found}, Java"

    def start(self, job: LedgerJob) -> EngineProcess:
        """Start one process of it."""
        Path(job.folder).mkdir(parents=True, exist_ok=True)
        Progress.create(Path(job.progress))
        command = self._java(job) if self.main else self._python()
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
        words = (*command, msgspec.json.encode(job).decode())
        return EngineProcess(words, environment, Progress(job.progress).read)

    def _python(self) -> Sequence[str]:
        return (sys.executable, "-m", "bench.engines.hosts.ledger_alone")

    def _java(self, job: LedgerJob) -> Sequence[str]:
        collector = "-XX:+UseSerialGC" if job.cores == 1 else "-XX:+UseParallelGC"
        return (
            find_java(),
            f"-Xms{_HEAP}",
            f"-Xmx{_HEAP}",
            collector,
            *(f"--add-opens={package}=ALL-UNNAMED" for package in _OPENED),
            "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
            f"-Djava.io.tmpdir={job.folder}",
            "-cp",
            os.pathsep.join((str(BUILT / "classes"), str(BUILT / "jars" / "*"))),
            f"aboveboard.{self.main}",
        )


def java_version() -> str:
    """Return the version of the Java that the hosts run on."""
    answer = subprocess.run([find_java(), "-version"], capture_output=True, text=True, check=True)
    found = re.search(r'version "([^"]+)"', answer.stderr)
    return "unknown" if found is None else found[1]


HOSTS: Final = (
    LedgerHost(
        name=OURS,
        title="Aboveboard, ledger stage",
        durable="changelog topics, every 2 s; a crash tells the same again, byte for byte",
    ),
    LedgerHost(
        name="streams",
        title="Kafka Streams",
        durable="memory with a changelog topic, exactly once, a transaction every 2 s",
        main="StreamsHost",
    ),
    LedgerHost(
        name="flink",
        title="Flink",
        durable="objects on the heap, exactly once, a checkpoint in files and a transaction every "
        "2 s",
        main="FlinkHost",
    ),
)
