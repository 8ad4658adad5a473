"""The rules for Prometheus fire when they should, name what there is, and say what to do."""

import re
import subprocess
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Final, get_args

import pytest
import yaml

from detectors.agents.stage import Agents
from detectors.settings import Settings
from streams.stages.set_aside import Reason
from streams.wire.topics import Topic
from tests.install.machine import ROOT
from tests.install.prometheus_rules import (
    FOLDER,
    RULES,
    SCRAPED,
    TESTS,
    Rule,
    Selector,
    grouped,
    labels_of_level,
    load,
    rules,
    selectors,
)
from tests.streams.test_metrics import PATTERNS, SHIFTS, VALUES, documented

RUNBOOK: Final = (ROOT / "docs" / "runbook.md").read_text(encoding="utf-8")
ALERTS: Final = {rule["alert"]: rule for rule in rules("alert")}
RECORDS: Final = {rule["record"]: rule for rule in rules("record")}

WATCHDOG: Final = "AboveboardWatchdog"
"""It fires always, and never ends: what is asked of an alert is not asked of it."""

KNOWN: Final = {name: labels | SCRAPED for name, (_, labels) in documented().items()} | {
    "up": set(SCRAPED)
}
"""The labels of every metric that there is. `test_metrics` holds the page to the registry."""

CLOSED: Final = VALUES | {
    "topic": {topic.value for topic in Topic},
    "reason": VALUES["reason"] | set(get_args(Reason)),
    "job": {"aboveboard", "aboveboard-cases", "aboveboard-desk", "aboveboard-notify"},
}


def run(promtool: str, *words: str | Path) -> tuple[int, str]:
    """Return the exit code of the tool and all it says."""
    answer = subprocess.run([promtool, *words], capture_output=True, text=True, check=False)
    return answer.returncode, answer.stdout + answer.stderr


def wrong_selectors(expression: str) -> list[str]:
    """Return what an expression names that there is not: metrics, labels and values."""
    wrong = []
    for metric, matchers in selectors(expression):
        labels = labels_of_level(metric) if metric in RECORDS else KNOWN.get(metric)
        if labels is None:
            wrong.append(metric)
            continue
        wrong += [f"{metric}{{{label}}}" for label in matchers if label not in labels]
        wrong += [
            f"{label}={value}"
            for label, values in matchers.items()
            for value in values.split("|")
            if label in CLOSED and value not in CLOSED[label]
        ]
    return wrong


def test_prometheus_takes_the_rules(promtool: str) -> None:
    code, said = run(promtool, "check", "rules", *RULES)
    assert (code, said.count("SUCCESS")) == (0, len(RULES)), said
    code, said = run(promtool, "check", "config", FOLDER / "prometheus.yml")
    assert code == 0, said
    assert f"{len(RULES)} rule files found" in said


@pytest.mark.parametrize("path", TESTS, ids=lambda path: path.stem)
def test_the_rules_fire_and_end_as_they_should(promtool: str, path: Path) -> None:
    code, said = run(promtool, "test", "rules", path)
    assert code == 0, said


def never(rule: Rule) -> None:
    rule["expr"] = "vector(0) > 1"


def always(rule: Rule) -> None:
    rule["expr"] = f"{rule['expr']}\nor\nvector(1)"


def at_once(rule: Rule) -> None:
    rule.pop("for", None)


@pytest.mark.parametrize("spoil", [never, always, at_once])
@pytest.mark.parametrize("path", TESTS, ids=lambda path: path.stem)
def test_the_tests_of_every_rule_bite(
    promtool: str, path: Path, spoil: Callable[[Rule], None], tmp_path: Path
) -> None:
    content = load(path)
    tested = {check["alertname"] for test in content["tests"] for check in test["alert_rule_test"]}
    for name in content["rule_files"]:
        spoilt = load(path.parent / name)
        for group in spoilt["groups"]:
            for rule in group["rules"]:
                if "alert" in rule:
                    spoil(rule)
        (tmp_path / "rules").mkdir()
        (tmp_path / "tests" / name).resolve().write_text(yaml.safe_dump(spoilt), encoding="utf-8")
    (tmp_path / "tests").mkdir()
    copy = tmp_path / "tests" / path.name
    copy.write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
    _, said = run(promtool, "test", "rules", copy)
    failed = set(re.findall(r"alertname: (\w+), time:", said))
    assert failed == {
        name
        for name in tested
        if (spoil is not at_once or "for" in ALERTS[name])
        and (spoil is not always or name != WATCHDOG)
    }


def test_every_alert_is_tested_before_while_and_after_it_fires() -> None:
    told: dict[str, list[bool]] = {name: [] for name in ALERTS}
    for path in TESTS:
        for test in load(path)["tests"]:
            checks = test["alert_rule_test"]
            for alert in {check["alertname"] for check in checks}:
                fires = [bool(one.get("exp_alerts")) for one in checks if one["alertname"] == alert]
                ends = fires[:1] == fires[-1:] == [False] and any(fires)
                if all(fires) if alert == WATCHDOG else ends:
                    told[alert] = fires
    assert [name for name, fires in told.items() if not fires] == []


def test_the_series_of_the_tests_are_those_of_a_worker() -> None:
    for path in TESTS:
        for test in load(path)["tests"]:
            for series in test["input_series"]:
                ((metric, labels),) = selectors(series["series"])
                assert labels.keys() == KNOWN[metric], series["series"]
                assert wrong_selectors(series["series"].replace("another", "aboveboard")) == []


@pytest.mark.parametrize("name", [*ALERTS, *RECORDS])
def test_a_rule_names_what_there_is(name: str) -> None:
    rule = ALERTS.get(name) or RECORDS[name]
    assert wrong_selectors(rule["expr"]) == []
    used = [
        labels_of_level(metric) if metric in RECORDS else KNOWN[metric]
        for metric, _ in selectors(rule["expr"])
    ]
    assert used or name == WATCHDOG
    assert all(any(label in labels for labels in used) for label in grouped(rule["expr"]))
    shown = set(re.findall(r"\$labels\.(\w+)", " ".join(rule.get("annotations", {}).values())))
    assert all(any(label in labels for labels in used) for label in shown)


@pytest.mark.parametrize(
    ("expression", "wrong"),
    [
        ("sum(aboveboard_gone)", ["aboveboard_gone"]),
        ("job:aboveboard_gone:sum > 1", ["job:aboveboard_gone:sum"]),
        ('aboveboard_ready{agent="a"}', ["aboveboard_ready{agent}"]),
        ('aboveboard_dead_letters_total{reason=~"lost|gone"}', ["reason=gone"]),
        ('absent(up{job="others"} == 1)', ["job=others"]),
    ],
)
def test_the_guard_of_names_bites(expression: str, wrong: list[str]) -> None:
    assert wrong_selectors(expression) == wrong


def test_the_budget_is_that_of_the_patterns_that_accuse() -> None:
    for metric in ("alarms", "judgements"):
        rule = RECORDS[f"job_pattern:aboveboard_null_{metric}:sum"]
        assert [name for name, _ in selectors(rule["expr"])] == [
            f"aboveboard_null_{metric}",
            "aboveboard_between_agent_sd",
        ]
        assert " and on (job, pattern) " in rule["expr"]
    # A worker tells the spread of these, and of nothing else.
    assert {*Agents(Settings()).spread()} == PATTERNS - SHIFTS


def test_recorded_metrics_are_named_as_is_the_custom_and_are_used() -> None:
    used = {name for rule in (*ALERTS.values(), *RECORDS.values()) for name, _ in _of(rule)}
    for name, rule in RECORDS.items():
        assert re.fullmatch(r"job(_[a-z]+)*:aboveboard_[a-z_]+:[a-z]+(\d+[mhd])?", name)
        assert labels_of_level(name) <= grouped(rule["expr"]) | set().union(
            *(labels_of_level(one) for one, _ in _of(rule) if one in RECORDS)
        )
    assert used >= RECORDS.keys()


def _of(rule: Rule) -> list[Selector]:
    return list(selectors(rule["expr"]))


def test_an_alert_says_what_it_is_and_where_to_read_on() -> None:
    assert Counter(rule["alert"] for rule in rules("alert")).most_common(1)[0][1] == 1
    for name, rule in ALERTS.items():
        assert re.fullmatch(r"Aboveboard([A-Z][a-z]+)+", name)
        severities = {"none"} if name == WATCHDOG else {"critical", "warning"}
        assert rule["labels"]["severity"] in severities
        assert rule["labels"].keys() <= {"severity", "job"}
        assert rule["annotations"].keys() == {"summary", "description", "runbook_url"}
        assert rule["annotations"]["summary"].endswith(".")
        assert rule["annotations"]["runbook_url"] == f"docs/runbook.md#{name.lower()}"


def sections() -> dict[str, str]:
    """Return the text of each section of the runbook under its heading."""
    parts = re.split(r"^## (.+)$", RUNBOOK, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def test_the_runbook_has_a_section_for_every_alert_and_for_no_other() -> None:
    told = [name for name in sections() if name.startswith("Aboveboard")]
    assert sorted(told) == sorted(ALERTS)
    for name, rule in ALERTS.items():
        severity = rule["labels"]["severity"].capitalize()
        assert sections()[name].lstrip().startswith(f"**{severity}"), name
        assert re.search(r"^1\. |^\| `", sections()[name], re.MULTILINE), name


def test_a_metric_is_in_a_rule_or_stands_with_the_reason_why_not() -> None:
    in_rules = {metric for rule in (*ALERTS.values(), *RECORDS.values()) for metric, _ in _of(rule)}
    listed = re.findall(r"^\| `(\w+)` \| \S", sections()["Metrics without a rule"], re.MULTILINE)
    assert sorted(listed) == sorted(documented().keys() - in_rules)


def test_the_alerts_that_the_pages_name_exist() -> None:
    for path in [*ROOT.glob("docs/*.md"), ROOT / "deploy" / "README.md"]:
        named = re.findall(r"\bAboveboard(?:[A-Z][a-z]+)+\b", path.read_text(encoding="utf-8"))
        assert set(named) <= ALERTS.keys(), path.name
