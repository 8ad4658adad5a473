"""The page of results, for people, and the same on the terminal."""

from collections.abc import Mapping

from msgspec import Struct

from bench.engines.findings import (
    HUNDRED_THOUSAND,
    MILLION,
    NOTHING,
    OURS,
    AtRate,
    Findings,
    middle,
    verdicts,
    with_range,
)
from bench.engines.ledger.findings import LedgerFound
from bench.engines.ledger.section import LedgerSetting, section
from bench.engines.page_texts import INTRODUCTION, LIMITS, METHOD, REPEATING, SETTINGS
from bench.engines.tables import table, wrapped


class Described(Struct, frozen=True):
    """An engine on the page: its name for people, versions, and where its state is safe."""

    title: str
    versions: str
    durable: str


class Setting(Struct, frozen=True):
    """What was compared, and where, in general terms."""

    cores: int
    python: str
    kafka: str
    events: int
    few_events: int
    rounds: int


Engines = Mapping[str, Described]
Found = dict[str, Findings]


def page_of(
    setting: Setting,
    engines: Engines,
    found: Found,
    ledger: tuple[LedgerSetting | None, LedgerFound],
) -> str:
    """Write the page; the same findings give the same bytes."""
    judged = verdicts(found)
    parts = [
        "# The worker beside other engines",
        INTRODUCTION,
        "## Promised and measured",
        (
            f"{sum(verdict.kept for verdict in judged)} of {len(judged)} promises are kept. "
            "*Host* is what an engine itself adds to the CPU of the detectors."
        ),
        table(
            ("promise", "limit", "measured", "verdict"),
            [
                (v.promise, v.limit, v.measured, "kept" if v.kept else "**not kept**")
                for v in judged
            ],
        ),
        *_faults(engines, found),
        "## Speed and cost",
        (
            "Medians [least to most]. *Ours / theirs* is our median of the host's CPU, divided by "
            "that of the other engine."
        ),
        table(
            ("", "events/s", "CPU µs/event", "host µs/event", "ours / theirs", "peak MB"),
            [_speed(name, engines, found) for name in found if found[name].runs],
        ),
        "## Recovery",
        (
            "A restart lasts from the start of a process until it has taken in one new event of "
            "every partition. Each was run once. Open accounts add to a start with nothing:"
        ),
        table(
            ("", "start with nothing, s", "100,000 accounts, s more", "1,000,000 accounts, s more"),
            [_recovery(name, engines, found) for name in found if found[name].restarts],
        ),
        "## From a record to its alert",
        (
            "Latency begins when the record that makes an alert due is handed to the producer. It "
            "ends when a consumer has the alert. *Half load* is half of the engine's own rate "
            "above; *common* is the same rate for all."
        ),
        table(
            ("", "half load, events/s", "p50 ms", "p99 ms", "common, events/s", "p50 ms", "p99 ms"),
            [_latency(name, engines, found) for name in found if found[name].half],
        ),
        section(*ledger),
        "## How it was measured",
        (
            f"Broker, engine and load shared {setting.cores} cores. The versions were Python "
            f"{setting.python} and Apache Kafka {setting.kafka} (one node). There were "
            f"{setting.events:,} events ({setting.few_events:,} for stock Faust) in 3 topics of 4 "
            f"partitions. The engines ran in turn, {setting.rounds} rounds."
        ),
        METHOD,
        "## What was compared",
        table(
            ("", "versions", "durable in"),
            [(engine.title, engine.versions, engine.durable) for engine in engines.values()],
        ),
        SETTINGS,
        "## Limits of the comparison",
        LIMITS,
        "## How to repeat it",
        REPEATING,
    ]
    return "\n\n".join(map(wrapped, parts)) + "\n"


def _title(name: str, engines: Engines) -> str:
    return engines[name].title if name in engines else name


def _speed(name: str, engines: Engines, found: Found) -> tuple[str, ...]:
    runs = found[name].runs
    hosts = [run.host for run in runs]
    ours = found.get(OURS, Findings()).runs
    compared = name in engines and name != OURS and ours
    ratio = middle([run.host for run in ours]) / middle(hosts) if compared else None
    return (
        _title(name, engines),
        with_range([run.rate for run in runs]),
        with_range([run.cpu for run in runs], 1),
        with_range(hosts, 1) if name in engines else NOTHING,
        NOTHING if ratio is None else f"{ratio:.3f}",
        with_range([run.memory / 1e6 for run in runs]),
    )


def _recovery(name: str, engines: Engines, found: Found) -> tuple[str, ...]:
    findings = found[name]
    start = findings.restarts.get(0)
    more = [findings.recovery(accounts) for accounts in (HUNDRED_THOUSAND, MILLION)]
    return (
        _title(name, engines),
        NOTHING if start is None else f"{start.seconds:.1f}",
        *(NOTHING if seconds is None else f"{seconds:.1f}" for seconds in more),
    )


def _latency(name: str, engines: Engines, found: Found) -> tuple[str, ...]:
    findings = found[name]
    return (_title(name, engines), *_waits(findings.half), *_waits(findings.common))


def _waits(load: AtRate | None) -> tuple[str, str, str]:
    if load is None:
        return (NOTHING,) * 3
    waits = load.latencies
    return (
        f"{load.rate:,.0f}",
        f"{1e3 * waits.median:,.0f}",
        f"{1e3 * waits.ninety_ninth:,.0f} ({waits.number:,} alerts)",
    )


def _faults(engines: Engines, found: Found) -> list[str]:
    lines = [
        f"- {_title(name, engines)}: {fault}" for name in found for fault in found[name].faults
    ]
    return ["## What failed", "\n".join(lines)] if lines else []
