"""The section on the ledger's job tells who is ahead, and takes its own place in a page only."""

import pytest

from bench.engines.findings import OURS, Run
from bench.engines.ledger.findings import LedgerFindings, standing
from bench.engines.ledger.section import HEADING, LedgerSetting, replaced, section

SETTING = LedgerSetting(events=600_000, warm=300_000, rounds=2, cores=2, java="17.0.1", load=1.5)


def findings(title: str, *runs: tuple[float, float]) -> LedgerFindings:
    """Return runs on one core of so many events a second and microseconds an event."""
    listed = [Run(rate, cpu, 400_000_000) for rate, cpu in runs]
    return LedgerFindings(title, "version 1", "a log", {1: listed})


FOUND = {
    OURS: findings("Ours", (80_000.0, 10.0), (120_000.0, 10.0)),
    "streams": findings("Streams", (50_000.0, 20.0)),
    "flink": findings("Flink", (200_000.0, 5.0)),
}


def test_ahead_is_above_one_and_behind_below() -> None:
    ahead, behind = standing(FOUND, "streams", 1), standing(FOUND, "flink", 1)
    assert ahead is not None
    assert behind is not None
    assert (ahead.rate, ahead.cpu) == (2.0, 2.0)
    assert (behind.rate, behind.cpu) == (0.5, 0.5)


def test_nobody_stands_beside_himself_or_what_was_not_measured() -> None:
    assert standing(FOUND, OURS, 1) is None
    assert standing(FOUND, "flink", 2) is None
    assert standing({"flink": FOUND["flink"]}, "flink", 1) is None


def test_a_row_tells_the_ranges_and_the_ratios() -> None:
    text = section(SETTING, FOUND)
    assert "| **Ours** | 1 | 100,000 [80,000 to 120,000] | 10.0 [10.0 to 10.0] |" in text
    assert "| Streams | 1 | 50,000 | 20.0 | 400 | 2.00 | 2.00 |" in text
    assert "| Flink | 2 | - | - | - | - | - |" in text


def test_a_failure_is_told() -> None:
    failed = LedgerFindings("Flink", "version 1", "a log", faults=["of 9 outcomes 1 are missing"])
    assert "- Flink: of 9 outcomes 1 are missing" in section(SETTING, {"flink": failed})


def test_it_takes_its_own_place_in_a_page() -> None:
    page = f"# Page\n\n## Before\n\nwords\n\n{HEADING}\n\nold\n\n| a |\n\n## After\n\nmore\n"
    changed = replaced(page, f"{HEADING}\n\nnew \\1")
    assert changed == f"# Page\n\n## Before\n\nwords\n\n{HEADING}\n\nnew \\1\n\n## After\n\nmore\n"


def test_a_page_without_it_is_refused() -> None:
    with pytest.raises(ValueError, match="0 sections"):
        replaced("# Page\n\n## After\n", HEADING)
