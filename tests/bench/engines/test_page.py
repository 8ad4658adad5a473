"""The page says what was found, and what is not kept; the one in docs/ has the same words."""

import re
from pathlib import Path
from typing import Final

from msgspec import structs

from bench.engines.findings import (
    OURS,
    AtRate,
    Findings,
    Restart,
    Run,
    verdicts,
    with_range,
)
from bench.engines.latency_schedule import Latencies
from bench.engines.ledger.findings import CORES, LedgerFindings
from bench.engines.ledger.hosts import HOSTS
from bench.engines.ledger.section import LedgerSetting
from bench.engines.page import Described, Setting, page_of
from bench.engines.tables import table

WRITTEN: Final = Path(__file__).parents[3] / "docs" / "engines.md"

SETTING = Setting(
    cores=2, python="3.11.7", kafka="4.1.1", events=285_000, few_events=54_000, rounds=3
)
ENGINES = {
    OURS: Described("Our worker", "aboveboard 1", "changelog topics"),
    "bytewax": Described("Bytewax", "bytewax 2", "recovery store"),
}


LEDGER = (
    LedgerSetting(events=600_000, warm=300_000, rounds=3, cores=2, java="17.0.1", load=1.5),
    {
        host.name: LedgerFindings(
            host.title,
            "version 1",
            host.durable,
            {cores: [Run(50_000.0, 10.0, 400_000_000)] for cores in CORES},
        )
        for host in HOSTS
    },
)


def runs(*hosts: float) -> list[Run]:
    return [Run(1e6 / (20 + host), 20 + host, 300_000_000, alone=20.0) for host in hosts]


def found() -> dict[str, Findings]:
    return {
        OURS: Findings(
            runs(6.0, 5.0, 7.0),
            {0: Restart(3.0, 1), 100_000: Restart(5.5, 1), 1_000_000: Restart(29.0, 1)},
            half=AtRate(20_000, Latencies(0.05, 0.2, 900)),
        ),
        "bytewax": Findings(runs(10.0, 9.0, 12.0), faults=["of 9 alerts 1 are missing"]),
        "aiokafka alone": Findings([Run(400_000, 2.0, 60_000_000)]),
    }


def test_host_and_ratio_are_of_medians() -> None:
    row = next(line for line in page().splitlines() if line.startswith("| Bytewax | 33,333"))
    assert "| 30.0 [29.0 to 32.0] | 10.0 [9.0 to 12.0] | 0.600 | 300 [300 to 300] |" in row


def test_a_ceiling_has_no_host() -> None:
    assert "| aiokafka alone | 400,000 | 2.0 | - | - | 60 |" in page()


def test_recovery_is_what_accounts_add_to_a_start() -> None:
    assert "| Our worker | 3.0 | 2.5 | 26.0 |" in page()


def test_promises_that_are_not_kept_stand_out() -> None:
    judged = {verdict.promise: verdict.kept for verdict in verdicts(found())}
    assert judged == {
        "our host's CPU, µs an event": True,
        "our host's CPU, as a share of bytewax's": True,
        "our events a second, times bytewax's": True,
        "recovery of 100,000 accounts, s": True,
        "recovery of 1,000,000 accounts, s": False,
        "p99 latency at half load, s": True,
    }
    assert page().count("**not kept**") == 1


def test_nothing_is_promised_of_what_was_not_measured() -> None:
    assert verdicts({"bytewax": found()["bytewax"]}) == []


def test_a_failure_is_told() -> None:
    assert "- Bytewax: of 9 alerts 1 are missing" in page()


def test_every_row_has_as_many_cells_as_its_head() -> None:
    width = 0
    for line in page().splitlines():
        if not line.startswith("|"):
            width = 0
        else:
            width = width or line.count("|")
            assert line.count("|") == width, line


def test_the_page_in_docs_has_the_words_that_are_printed_now() -> None:
    written = words(WRITTEN.read_text(encoding="utf-8"))
    assert written == words(page_of(SETTING, ENGINES, without_faults(), LEDGER))
    assert written != words(page_of(SETTING, ENGINES, found(), LEDGER))


def words(page: str) -> list[str]:
    """Return the words of a page and the heads of its tables, every figure as a ``#``."""
    lines = page.splitlines()
    below = [*lines[1:], ""]
    kept = [
        line
        for line, following in zip(lines, below, strict=True)
        if not line.startswith("|") or following.startswith("|---")
    ]
    return re.sub(r"\d[\d.,]*\d|\d", "#", " ".join(kept)).split()


def without_faults() -> dict[str, Findings]:
    return {name: structs.replace(findings, faults=[]) for name, findings in found().items()}


def test_a_single_value_has_no_range() -> None:
    assert with_range([1234.5], 1) == "1,234.5"
    assert with_range([]) == "-"


def test_an_empty_table_says_so() -> None:
    assert table(("a",), []) == "Not measured."


def page() -> str:
    return page_of(SETTING, ENGINES, found(), LEDGER)
