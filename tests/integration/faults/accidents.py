"""Accidents of a cluster, and what a worker says of them."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from kafka.admin import ConfigResource, ConfigResourceType, KafkaAdminClient
from kafka.errors import KafkaError

from streams.wire.topics import Topic
from tests.integration.installation import PATIENCE, Installation, WorkerProcess
from tests.integration.test_worker_health import asked


@contextmanager
def admin(installation: Installation) -> Iterator[KafkaAdminClient]:
    client = KafkaAdminClient(bootstrap_servers=installation.bootstrap)
    try:
        yield client
    finally:
        client.close()


def change(installation: Installation, topic: Topic, **settings: str) -> None:
    """Set settings of a topic, with underscores for the points in their names."""
    named = {name.replace("_", "."): value for name, value in settings.items()}
    with admin(installation) as client:
        resource = ConfigResource(ConfigResourceType.TOPIC, installation.name(topic), named)
        client.alter_configs([resource])


def recreate(installation: Installation, topic: Topic) -> None:
    with admin(installation) as client:
        client.delete_topics([installation.name(topic)])
    deadline = time.monotonic() + PATIENCE
    while True:  # the broker goes on deleting after it has answered
        try:
            installation.create_topics()
        except KafkaError:
            assert time.monotonic() < deadline
            time.sleep(0.1)
        else:
            return


def complaints(worker: WorkerProcess) -> str:
    """Return all that a worker which is not ready complains of, with the remedies."""
    status, told = asked(worker, "/readyz")
    if status != 503:
        return ""
    return "\n".join(f"{one['what']}. {one.get('remedy', '')}" for one in told["complaints"])


def tells_within_a_minute(worker: WorkerProcess, words: str) -> bool:
    """Return whether a worker says so while it is not ready, or ends with exit code 2 and says so.

    Readiness is what a supervisor asks; of a worker that has ended there is no answer, and the last
    line of its log says why.
    """
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if not worker.running():
            ending = worker.ending()
            return ending.code == 2 and words in ending.log.splitlines()[-1]
        if words in complaints(worker):
            return True
        time.sleep(0.05)
    return False
