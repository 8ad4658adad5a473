"""The parts of the page that no measurement changes."""

# ruff: noqa: E501 - lines of the page are as long as those of all pages

from typing import Final

INTRODUCTION: Final = """\
This page compares the Aboveboard worker with other stream engines that run the same detectors: speed, CPU, recovery and latency. It is
for those who choose an engine or change the worker. `make bench-engines` writes it.

- [Promised and measured](#promised-and-measured)
- [Speed and cost](#speed-and-cost)
- [Recovery](#recovery)
- [From a record to its alert](#from-a-record-to-its-alert)
- [The ledger's job alone](#the-ledgers-job-alone), beside Kafka Streams and Flink
- [How it was measured](#how-it-was-measured)
- [What was compared](#what-was-compared)
- [Limits of the comparison](#limits-of-the-comparison)
- [How to repeat it](#how-to-repeat-it)"""

METHOD: Final = """\
- **Input.** Every engine reads the same records of the same topics, from a real Apache Kafka.
- **Work.** Every engine hosts the same classes: one ledger per partition, and agents and peers in one place.
- **Durability.** Every engine keeps its state durable as its documentation intends, and produces alerts with `acks=all`.
- **Check.** A run counts only if its alerts are those of `aboveboard detect` on the same events, byte for byte.
- **Clock.** It starts at the first look after 14,000 events. Start-up, joining a group and loading code are left out. It stops when
  the broker has stored the last alert. The last alert follows from the last events.
- **CPU.** User and system time of the whole process over the same time.
- **Host.** An engine's CPU, less the CPU of the same detectors for the same bytes in one process without an engine, in the same round."""

SETTINGS: Final = """\
The adapters are in `bench/engines/hosts/`. Each is short enough to read beside the documentation of its engine. All of them collect
cyclic garbage as rarely as `aboveboard detect` does. This makes every engine faster.

**Aboveboard** runs as a process with its defaults. One default is switched off: silence does not advance time, so time passes by
events alone. Five changes were tried, and none was faster:

- uvloop;
- smaller turns;
- larger fetches;
- reviews fetched first;
- ledgers that give way to the judges.

**Faust** has every setting that was found to help. Accounts are entries of a table.

- Cython parts and uvloop;
- `stream_wait_empty=False` and `producer_linger=.05`;
- 256 kB batches and larger polls;
- no CRC check;
- no debug records, which its worker leaves on.

**Bytewax** reads with its own `KafkaSource` in batches of 1,000. A batch step keys by partition, and each ledger is kept under one
key. An epoch ends every 2 s and writes a snapshot of every partition.

- Batches of 250 or 4,000 and epochs of 10 s were no faster.
- A second worker thread, under the same interpreter lock, took half as much CPU again.
- State under the key of each account would need a logic and a row per account in every epoch. It could not learn the time of its
  partition.

**Quix Streams** concatenates three dataframes. State is in RocksDB with changelog topics: one entry per account, and a checkpoint
every 2 s.

- A function sees only the state under the key of its own message. So the adapter reads all keys as one, and keeps accounts below it
  by number.
- Bundles for the judges go through a topic of one partition.

**In process** is no engine: the same classes process the same records in memory.

**The consumers alone** end the table of speed. They show the best that their clients can do, with and without decoding the events."""

LIMITS: Final = """\
In favour of the others:

- Our worker does more here. Agents and peers have topics of their own, alerts go to two topics, and metrics are counted.
- A crash of our worker at any moment counts nothing twice. The adapters for the others deliver at least once.
- Quix Streams calls nothing before its checkpoint. So a crash would lose what was joined in the last 50 ms.

Special to one engine:

- **Aboveboard.** The judges wait for a review of every five days, which comes through two topics. The ledgers finish these events in a
  third of the time. After that, the worker stands still for a quarter of it.
- **Bytewax** writes whole partitions, so an epoch costs more with more open accounts. Here there are some ten thousand. Its store is on
  the disk of the machine, and moves with it only if somebody moves it.
- **Quix Streams** recovers from its changelog topics here, as on a new machine. With its files kept, it is faster.
- **Faust** gets fewer events, and no million accounts to recover. That alone would take a quarter of an hour.

Not measured:

- More than one machine. One broker without replication served all; a network and replicas add the same to every engine.
- More than one process. Bytewax and Quix Streams run more processes over more partitions, as the worker does."""

REPEATING: Final = """\
```sh
make bench-engines                                                    # everything, a quarter of an hour on a quiet machine
make bench-engines ENGINES="aboveboard bytewax" MEASURES="throughput" # a part; the page is left as it is
```

`MEASURES` are `throughput`, `ceiling`, `recovery`, `latency` and `ledger`. The last one alone writes its section of the page again.

The comparison needs Java and Maven, as the tests with a real Kafka do. It builds an environment of its own, `.venv-engines`, from the group
`engines` of `uv.lock`; Maven adds what Kafka Streams and Flink need, with a compiler."""
