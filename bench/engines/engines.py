"""The engines of the comparison: how each is started, and what is durable in it."""

import os
import sys
from collections.abc import Callable
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Final
from urllib.request import urlopen

import msgspec
from msgspec import Struct

from bench.engines.findings import OURS
from bench.engines.hosts.job import Job, Progress
from bench.engines.hosts.stages import BATCH
from bench.engines.processes import EngineProcess
from bench.engines.world import PARTITIONS
from streams.config.host import PREFIX
from streams.demo.ports import LOOPBACK, free_port

_COMMAND: Final = Path(sys.executable).with_name("aboveboard")
_POLL_SECONDS: Final = 0.1
_EVENTS: Final = b"aboveboard_events_total{"


class Engine(Struct, frozen=True, kw_only=True):
    """One engine.

    Attributes
    ----------
    name, title
        For the command line and for the page.
    packages
        Whose versions the page tells.
    durable
        Where its state is safe, in words.
    slow
        Given fewer events, so that the whole takes minutes.
    held_back
        Events that it may not have counted in the end, as it acts on events only.
    """

    name: str
    title: str
    packages: tuple[str, ...]
    durable: str
    slow: bool = False
    held_back: int = 0

    def start(self, job: Job, prefix: str) -> EngineProcess:
        """Start it on a job, `prefix` being that of the installation it reads from."""
        if self.name == OURS:
            return _start_worker(job, prefix)
        return start_host(f"{self.name}_host", job)

    def versions(self) -> str:
        """Return the versions of what it is made of."""
        return ", ".join(f"{package} {version(package)}" for package in self.packages)


ENGINES: Final = (
    Engine(
        name=OURS,
        title="Aboveboard worker",
        packages=("aboveboard", "faust-streaming", "aiokafka"),
        durable="changelog topics, committed with the offsets",
    ),
    Engine(
        name="faust",
        title="Faust, stock",
        packages=("faust-streaming", "aiokafka", "uvloop"),
        durable="tables with changelog topics, one entry an account",
        slow=True,
        held_back=BATCH * PARTITIONS,
    ),
    Engine(
        name="bytewax",
        title="Bytewax",
        packages=("bytewax", "confluent-kafka"),
        durable="recovery store (SQLite), a snapshot of each partition every epoch of 2 s",
    ),
    Engine(
        name="quix",
        title="Quix Streams",
        packages=("quixstreams", "confluent-kafka", "rocksdict"),
        durable="RocksDB with changelog topics, a checkpoint every 2 s",
        held_back=BATCH * PARTITIONS,
    ),
)


def start_host(module: str, job: Job) -> EngineProcess:
    """Start one of the modules of `bench.engines.hosts` on a job."""
    Path(job.folder).mkdir(parents=True, exist_ok=True)
    Progress.create(Path(job.progress))
    progress = Progress(job.progress)
    words = (sys.executable, "-m", f"bench.engines.hosts.{module}")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    return EngineProcess((*words, msgspec.json.encode(job).decode()), environment, progress.read)


def _start_worker(job: Job, prefix: str) -> EngineProcess:
    port = free_port()
    ours = {
        "broker": job.broker,
        "topic_prefix": prefix,
        # Time is to pass by the events alone, the same for every engine.
        "idle_after": "36000",
        "session_timeout": "6",
    }
    inherited = {name: os.environ[name] for name in os.environ if not name.startswith(PREFIX)}
    environment = inherited | {PREFIX + name.upper(): value for name, value in ours.items()}
    command = (str(_COMMAND), "worker", "--metrics-port", str(port))
    return EngineProcess(command, environment, _counted_at(port), _POLL_SECONDS)


def _counted_at(port: int) -> Callable[[], int]:
    return partial(_events_counted, f"http://{LOOPBACK}:{port}/metrics")


def _events_counted(url: str) -> int:
    """Return what the worker counts, nothing while it does not answer."""
    try:
        with urlopen(url, timeout=5) as answer:  # noqa: S310 - our own
            lines = answer.read().splitlines()
    except OSError:
        return 0
    return sum(int(float(line.rpartition(b" ")[2])) for line in lines if line.startswith(_EVENTS))
