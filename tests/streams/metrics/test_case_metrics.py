"""What is counted by site: everything once, and no more series than were asked for."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from detectors.alerts.alert import Subject
from detectors.cases.book import CaseBook
from detectors.settings import CaseSettings
from streams.metrics.case_metrics import OTHER_SITES, CaseMetrics
from tests.detectors.cases.people import closing, revision
from tests.detectors.cases.test_book import alert_of

sites = st.none() | st.sampled_from(["north", "south", "east", "", OTHER_SITES])
MOST = 2


def told(most_sites: int, at: list[str | None]) -> dict[str, int]:
    """Return how many open alerts each site has in the metrics, if one is about each agent."""
    book = CaseBook(CaseSettings())
    for number, site in enumerate(at):
        one = structs.replace(revision(f"alert-{number}"), site=site)
        book.add_alert(alert_of(one, Subject("agent", f"agent-{number}")))
    metrics = CaseMetrics(most_sites)
    metrics.of_cases(book.cases(), 0)
    return {
        sample.labels["site"]: int(sample.value)
        for family in metrics.registry.collect()
        for sample in family.samples
        if sample.name == "aboveboard_case_open_alerts"
    }


def law(counted: dict[str, int], at: list[str | None]) -> None:
    """All alerts are counted once; the sites with the most keep their names, and no others."""
    assert sum(counted.values()) == len(at)
    named = {site: count for site, count in counted.items() if site not in ("", OTHER_SITES)}
    assert len(named) <= MOST
    real = Counter(site for site in at if site)
    assert all(real[site] == count for site, count in named.items())
    assert counted.get("", 0) == sum(not site for site in at)
    if named:
        others = [count for site, count in real.items() if site not in {*named, OTHER_SITES}]
        assert min(named.values()) >= max(others, default=0)


@given(st.lists(sites, max_size=12))
def test_a_source_that_invents_sites_makes_no_more_series(at: list[str | None]) -> None:
    law(told(MOST, at), at)


def test_the_law_catches_metrics_without_a_limit() -> None:
    at: list[str | None] = ["north", "south", "east"]
    with pytest.raises(AssertionError):
        law(told(3, at), at)


def test_without_sites_there_is_one_series_for_all() -> None:
    assert told(0, ["north", "south", None]) == {OTHER_SITES: 2, "": 1}


def test_what_people_have_closed_is_not_counted() -> None:
    book = CaseBook(CaseSettings())
    alert = alert_of(structs.replace(revision(), site="north"))
    book.add_alert(alert)
    for decision in closing(alert, "unclear"):
        book.add_decision(decision)
    metrics = CaseMetrics(MOST)
    metrics.of_cases(book.cases(), 0)
    names = [s.name for family in metrics.registry.collect() for s in family.samples]
    assert "aboveboard_case_open_alerts" not in names
