"""The metrics: all documented, named as Prometheus wants it, and with labels that stay few."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final, get_args

import pytest
from prometheus_client import Metric

from detectors.agents.alerting.not_judged import Reason
from detectors.alerts.alert import Subject
from detectors.basis.errors import InvalidEvent
from detectors.basis.identifiers import PatternName
from detectors.cases.book import CaseBook
from detectors.cases.case import Refusal, State
from detectors.commission.action import Action
from detectors.events.decision import Outcome
from detectors.ledger.matches import Coverage, MatchCounts
from detectors.messages.disputes import CONTESTED_SALE
from detectors.messages.outcomes import ShadowCount, Spread
from detectors.reading.fields import FIELD_NAMES, Repair
from detectors.reading.lenient import Repaired
from detectors.settings import CaseSettings, Settings
from streams.metrics.case_metrics import CaseMetrics
from streams.metrics.desk_metrics import Answered, DeskMetrics
from streams.metrics.notify_metrics import NotifyMetrics, Result
from streams.metrics.registry import Metrics
from streams.wire.topics import EVENT_TOPICS
from tests.detectors.cases.people import at, decide, revision
from tests.detectors.cases.test_book import alert_of
from tests.streams.stages.actors.in_memory import Broker, run_installation
from tests.streams.stages.actors.small_stream import SETTINGS, expected_null, expected_spread

PAGE: Final = Path(__file__).parents[2] / "docs" / "metrics.md"

PARTITIONS: Final = 2
REGISTRY: Final = Settings().patterns
SHIFTS: Final = {"volume_shift", "amount_shift"}
PATTERNS: Final = {tier.name for tier in (*REGISTRY.enabled(), *REGISTRY.early_tiers())} | SHIFTS
ON: Final = PATTERNS | {pattern.name for pattern in SETTINGS.patterns.enabled()}
"""Those of the small stream, in which some are on that are off by default."""
STAGES: Final = {"ledger", "keys", "agents", "peers"}
VALUES: Final[dict[str, set[str]]] = {
    "site": {""},  # as many as ABOVEBOARD_MOST_SITES says, and one for the others
    "topic": {topic.value for topic in EVENT_TOPICS},
    "result": {"applied", "unchanged", "rejected", *get_args(Result), *get_args(Answered)},
    "reason": {*InvalidEvent.REASONS, *get_args(Refusal), *get_args(Reason)},
    "state": set(get_args(State)),
    "outcome": set(get_args(Outcome)),
    "stage": STAGES,
    "pattern": ON | {CONTESTED_SALE},
    "verdict": {"good", "bad", "excluded"},
    "field": {"type", *FIELD_NAMES},
    "repair": set(get_args(Repair)),
    "action": set(get_args(Action)),
    "severity": {"info", "warning", "critical"},
    "status": {"open", "withdrawn", "resolved"},
    "kind": {
        "sales",
        "cancellations",
        "activities",
        "site",
        "team",
        "account_activity",
        "part_of_activity",
        "cancellation",
    },
    "met": {"yes", "no"},
    "known": {"yes", "no"},
    "limit": {"largest_review", "most_agents", "most_groups"},
    "partition": {str(number) for number in range(PARTITIONS)},
}
"""Every label, and every value that it may take."""


def exposed_name(family: Metric) -> str:
    return f"{family.name}_total" if family.type == "counter" else family.name


@pytest.fixture(scope="module")
def metrics() -> Metrics:
    """Return the metrics of a run with alerts of every kind, rejections and a crash."""
    metrics = Metrics()
    run_installation(Broker(PARTITIONS, [500]), seed=1, most=80, metrics=metrics)
    metrics.lag("ledger", "sales", 0, 3)  # these four are the host's to tell
    metrics.repaired_fields("sales", {Repaired("sale", "team", "read"): 1})
    metrics.redelivered("ledger", 1)
    metrics.ignored_state_records("ledger", 1)
    metrics.late_event("sales")
    metrics.restored("ledger", 0.5)
    # Of patterns that are on by default none asks for a field that may be missing.
    asked = {PatternName("unused_account"): Coverage(sales=3, unknown=1)}
    metrics.forgotten(
        0, MatchCounts(coverage=asked, contested={"agent_id": 1}, corrected={"agent_id": 1})
    )
    metrics.crowded(0, {"payer_hash": 1})
    metrics.left_out(0, dict.fromkeys(asked, 1))
    metrics.untold(0, dict.fromkeys(asked, 1))
    return metrics


def of_cases() -> CaseMetrics:
    """Return the metrics of a service with a case of which everything was decided."""
    metrics = CaseMetrics(most_sites=2)
    book = CaseBook(CaseSettings())
    book.add_alert(alert_of(revision()))
    book.add_alert(alert_of(revision("alert-2"), Subject("agent", "agent-8")))
    for decision in (
        decide("acknowledge", 1, until=at(9)),
        decide("propose", 2, decision_id="p", outcome="confirmed", words="Denied."),
        decide("approve", 3, proposal="p"),
        decide("approve", 4, "bob", proposal="p"),
    ):
        book.add_decision(decision)
    metrics.of_cases(book.cases(), 1)
    metrics.of_topics({"sales": 1}, 1)
    metrics.written(1)
    metrics.progress(1, ready=True)
    return metrics


def of_desk() -> DeskMetrics:
    """Return the metrics of a desk at which everything has happened."""
    metrics = DeskMetrics()
    for status in (200, 401, 403, 404, 503):
        metrics.request(status)
    metrics.unwritten()
    metrics.decided()
    metrics.progress(1, {"sales": 1}, ready=True)
    return metrics


@pytest.fixture(scope="module")
def families(metrics: Metrics) -> list[Metric]:
    """Return the metrics of all services, those of the process once."""
    notifier = NotifyMetrics()
    notifier.posted("taken")
    services = [metrics, of_cases(), of_desk(), notifier]
    return list(
        {family.name: family for one in services for family in one.registry.collect()}.values()
    )


def documented() -> dict[str, tuple[str, set[str]]]:
    """Return type and labels by name, as the page tells them."""
    lines = PAGE.read_text().splitlines()
    rows = (line.strip("| ").split(" | ") for line in lines if line.startswith("| `"))
    return {row[0].strip("`"): (row[1], set(re.findall(r"`(\w+)`", row[2]))) for row in rows}


def test_the_page_names_every_metric_and_no_other(families: list[Metric]) -> None:
    assert {name: kind for name, (kind, _) in documented().items()} == {
        exposed_name(family): family.type for family in families
    }


def test_the_page_names_the_labels(families: list[Metric]) -> None:
    for family in families:
        used = {label for sample in family.samples for label in sample.labels} - {"le"}
        assert used == documented()[exposed_name(family)][1], family.name


def test_names_follow_the_conventions(families: list[Metric]) -> None:
    for family in families:
        assert re.fullmatch(r"(aboveboard|process)(_[a-z]+)+", family.name)
        assert not re.search(r"milli|micro|minutes|_ms|_total$|_count$|_sum$", family.name)
        if family.type == "histogram":
            assert family.name.endswith("_seconds")
        assert family.documentation.endswith(".")


def test_labels_take_few_values_and_never_an_id(families: list[Metric]) -> None:
    seen: dict[str, set[str]] = {}
    for family in families:
        for sample in family.samples:
            for label, value in sample.labels.items():
                seen.setdefault(label, set()).add(value)
    del seen["le"]
    assert seen.keys() == VALUES.keys()
    for label, values in seen.items():
        assert values <= VALUES[label], label


def of_partitions(metrics: Metrics, name: str, pattern: str) -> list[float | None]:
    return [
        metrics.registry.get_sample_value(name, {"pattern": pattern, "partition": str(number)})
        for number in range(PARTITIONS)
    ]


def test_the_partitions_together_tell_the_shadow_null_of_the_pipeline(metrics: Metrics) -> None:
    counts = expected_null()
    assert counts.keys() == ON
    assert counts[PatternName("quick_cancellation")].agent_days > 0
    for pattern, count in counts.items():
        alarms = of_partitions(metrics, "aboveboard_null_alarms", pattern)
        agent_days = of_partitions(metrics, "aboveboard_null_judgements", pattern)
        assert sum(number or 0 for number in alarms) == count.alarms, pattern
        assert sum(number or 0 for number in agent_days) == count.agent_days, pattern


def test_every_partition_tells_the_spread_in_force(metrics: Metrics) -> None:
    spreads = expected_spread()
    assert spreads.keys() == ON - SHIFTS
    for pattern, spread in spreads.items():
        told = of_partitions(metrics, "aboveboard_between_agent_sd", pattern)
        assert told == [spread.between_agent_sd] * PARTITIONS
        told = of_partitions(metrics, "aboveboard_tempering", pattern)
        assert told == [spread.tempering] * PARTITIONS


def test_a_partition_that_was_given_up_tells_nothing_of_them() -> None:
    metrics = Metrics()
    metrics.null(0, {PatternName("burst"): ShadowCount(1, 2)})
    metrics.spread(0, {PatternName("burst"): Spread(0.25, 1.0)})
    metrics.lag("ledger", "sales", 0, 3)
    metrics.lag("ledger", "sales", 1, None)
    assert len(list(samples(metrics))) == 5
    metrics.released()
    assert list(samples(metrics)) == []


def samples(metrics: Metrics) -> Iterator[float]:
    """Yield the values of the samples that are about a partition."""
    for family in metrics.registry.collect():
        yield from (sample.value for sample in family.samples if "partition" in sample.labels)
