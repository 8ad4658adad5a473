"""`make bench-engines`: measures the engines that are named, and writes docs/engines.md."""

import argparse
import platform
import sys
import tempfile
from os import cpu_count
from pathlib import Path
from typing import Final

from bench.engines.campaign import MEASURES, Campaign, Extent
from bench.engines.cluster import Cluster
from bench.engines.engines import ENGINES
from bench.engines.findings import middle, verdicts
from bench.engines.ledger.hosts import java_version
from bench.engines.ledger.section import LedgerSetting, replaced, section
from bench.engines.page import Described, Setting, page_of
from tests.brokers.kafka_jars import kafka_version
from tests.brokers.real_kafka import RealKafka

PAGE: Final = Path("docs/engines.md")

FULL: Final = Extent(
    events=285_000,
    few_events=44_000,
    rounds=3,
    seconds=10.0,
    large=1_000_000,
    ledger_events=600_000,
    ledger_warm=400_000,
)
QUICK: Final = Extent(
    events=60_000,
    few_events=40_000,
    rounds=1,
    seconds=4.0,
    large=0,
    ledger_events=60_000,
    ledger_warm=30_000,
)


def main() -> int:
    """Measure; 1 if an engine failed, or a promise was not kept."""
    names = [engine.name for engine in ENGINES]
    parser = argparse.ArgumentParser(prog="make bench-engines")
    parser.add_argument("--engines", nargs="*", choices=names, default=[], metavar="ENGINE")
    parser.add_argument("--measures", nargs="*", choices=MEASURES, default=[], metavar="MEASURE")
    parser.add_argument("--rounds", type=int, default=None)
    parser.add_argument("--quick", action="store_true", help="few events, one round")
    arguments = parser.parse_args()
    extent = QUICK if arguments.quick else FULL
    chosen = [e for e in ENGINES if e.name in (arguments.engines or names)]
    measures = arguments.measures or list(MEASURES)
    rounds = arguments.rounds or extent.rounds
    with tempfile.TemporaryDirectory(prefix="bench-engines-") as folder, RealKafka() as kafka:
        cluster = Cluster(kafka.bootstrap)
        campaign = Campaign(cluster, chosen, extent, rounds, Path(folder))
        campaign.run(measures)
        cluster.close()
    setting = LedgerSetting(
        events=extent.ledger_events,
        warm=extent.ledger_warm,
        rounds=rounds,
        cores=cpu_count() or 0,
        java=java_version(),
        load=middle(campaign.loads or [0.0]),
    )
    page = page_of(
        Setting(
            cores=cpu_count() or 0,
            python=platform.python_version(),
            kafka=kafka_version(),
            events=extent.events,
            few_events=extent.few_events,
            rounds=rounds,
        ),
        {e.name: Described(e.title, e.versions(), e.durable) for e in chosen},
        campaign.found,
        (setting, campaign.ledger),
    )
    if measures == ["ledger"]:
        text = section(setting, campaign.ledger)
        page = replaced(PAGE.read_text(encoding="utf-8"), text)
        sys.stdout.write(f"{text}\n")
    else:
        sys.stdout.write(page)
    whole = len(chosen) == len(names) and set(measures) == set(MEASURES)
    if (whole or measures == ["ledger"]) and not arguments.quick:
        PAGE.write_text(page, encoding="utf-8")
    failed = any(findings.faults for findings in campaign.found.values())
    failed = failed or any(findings.faults for findings in campaign.ledger.values())
    return int(failed or not all(verdict.kept for verdict in verdicts(campaign.found)))


if __name__ == "__main__":
    sys.exit(main())
