"""No engine: the same classes over the same records in one process, from bytes to bytes.

It reads the records of every partition beforehand, in the order in which they were produced, and
gives each ledger a batch at a time, as the engines do. What it costs, every engine pays as well.
"""

from pathlib import Path
from typing import Final

import msgspec

from bench.engines.hosts.job import Job, Progress
from bench.engines.hosts.stages import HostedJudges, HostedLedger
from detectors.settings import Settings

BATCH: Final = 1_000
RECORDS: Final = "records.msgpack"
"""File in the folder of the job: partition, topic and value of every record, in order."""

ALERTS: Final = "alerts.msgpack"
"""File in the folder of the job: the values of the alerts."""


def main() -> None:
    """Take all records in, and leave the alerts in a file."""
    job = Job.of_this_process()
    progress = Progress(job.progress)
    packed = (Path(job.folder) / RECORDS).read_bytes()
    records = msgspec.msgpack.decode(packed, type=list[tuple[int, str, bytes]])
    ledgers = [HostedLedger(Settings(), job.sources, number) for number in range(job.partitions)]
    judges = HostedJudges(Settings(), job.partitions)
    found: list[bytes] = []
    waiting = [0] * job.partitions
    for partition, topic, value in records:
        ledger = ledgers[partition]
        ledger.apply(topic, value)
        waiting[partition] += 1
        if waiting[partition] == BATCH:
            found += _told(ledger, judges)
            progress.add(waiting[partition])
            waiting[partition] = 0
    for partition, ledger in enumerate(ledgers):
        found += _told(ledger, judges)
        progress.add(waiting[partition])
    (Path(job.folder) / ALERTS).write_bytes(msgspec.msgpack.encode(found))


def _told(ledger: HostedLedger, judges: HostedJudges) -> list[bytes]:
    bundle, _ = ledger.drain()
    return [] if bundle is None else [value for _, value in judges.receive(bundle)]


if __name__ == "__main__":
    main()
