"""The parts of the page that no measurement changes."""

# ruff: noqa: E501 - lines of the page are as long as those of all pages

from typing import Final

INTRODUCTION: Final = """\
The same detectors under four engines. Written by `make bench-engines`. Every engine reads the same records of the same topics of a real
Apache Kafka, hosts the same classes (a ledger for each partition; agents and peers in one place), keeps its state durable the way it is
meant to, and produces alerts with `acks=all`. A run counts only if its alerts are, byte for byte, those of `aboveboard detect` on the same
events. The clock runs from the first look after 14,000 events (start-up, joining a group and loading code fall out) until the broker has
stored the last alert, which follows from the last events. CPU is user and system time of the whole process over the same time."""

SETTINGS: Final = """\
The adapters are in `bench/engines/hosts/`, each short enough to be read beside the documentation of its engine. All of them collect cyclic
garbage as rarely as `aboveboard detect` does, which makes every one faster.

- **Aboveboard** runs as a process with its defaults; only time that passes by silence is switched off, so that time passes by events alone.
  uvloop, smaller turns, larger fetches, reviews fetched first, ledgers that give way to the judges: each was tried, and none was faster.
- **Faust** has every setting that was found to help: Cython parts, uvloop, `stream_wait_empty=False`, `producer_linger=.05`, 256 kB batches,
  larger polls, no CRC check, and the records of debugging that its worker leaves on switched off. Accounts are entries of a table.
- **Bytewax** reads with its own `KafkaSource` (batches of 1,000), keys by partition in a batch step, and keeps each ledger under one key. An
  epoch ends every 2 s and writes a snapshot of every partition. Batches of 250 or 4,000 and epochs of 10 s were no faster; a second worker
  thread, under the same interpreter lock, took half as much CPU again. State under the key of each account would need a logic and a
  row for each in every epoch, and could not be told the time of its partition.
- **Quix Streams** concatenates three dataframes; state is in RocksDB with changelog topics, checkpoints every 2 s. A function sees the state
  under the key of its own message only, so the adapter reads all keys as one and keeps accounts below it by number; bundles for the judges
  go through a topic of one partition.
- **In process** is no engine: the same classes over the same records in memory. The consumers alone, at the end of the first table, are what
  their clients can do at best, with and without decoding the events."""

LIMITS: Final = """\
- One machine, one broker without replication: a network and replicas add the same to all.
- One process each. Bytewax and Quix Streams run more processes over more partitions, as the worker does; that was not measured.
- Our worker does more than the others do here: agents and peers have topics of their own, alerts go to two topics,
  metrics are counted, and a crash at any moment counts nothing twice. The adapters for the others are at least once; Quix Streams offers
  nothing that is called before its checkpoint, so what was joined in the last 50 ms would be lost by a crash. All this is in their favour.
- The judges of our worker wait for a review of every five days, and it comes through two topics. The ledgers are through with these events
  in a third of the time; after that our worker stands still for a quarter of it.
- Bytewax writes whole partitions, so what an epoch costs grows with the number of open accounts; here there are some ten thousand. Its
  store is on the disk of the machine, and moves with it only if somebody moves it.
- Quix Streams recovers from its changelog topics here, as on a new machine; with its files kept it is faster.
- Faust is given fewer events, and no million accounts to recover: that alone would take a quarter of an hour."""

REPEATING: Final = """\
```sh
make bench-engines                                                    # everything, a quarter of an hour on a quiet machine
make bench-engines ENGINES="aboveboard bytewax" MEASURES="throughput" # a part; the page is left as it is
```

`MEASURES` are `throughput`, `ceiling`, `recovery` and `latency`. It needs Java and Maven (as the tests with a real Kafka do) and builds an
environment of its own, `.venv-engines`, from the group `engines` of `uv.lock`."""
