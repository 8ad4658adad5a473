"""The dashboards are fresh, keep the rules of Grafana's linter, and show what there is."""

import copy
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from tests.deploy.dashboard_lint import (
    BARE_COUNTERS,
    LINTS,
    Lint,
    complaints,
    desk_links,
    identity,
    panel_datasource,
    panel_no_targets,
    panel_title_description,
    panel_units,
    runbook_links,
    target_counter_agg,
    target_job,
    target_legend,
    target_rate_interval,
    template_datasource,
    template_job,
    template_on_time_change_reload,
    uneditable_dashboard,
)
from tests.deploy.dashboards import (
    CASES,
    FILES,
    FOLDER,
    METRIC,
    Board,
    families,
    load,
    panels,
    queries,
)
from tests.install.machine import ROOT
from tests.install.prometheus_rules import FOLDER as PROMETHEUS
from tests.install.prometheus_rules import rules
from tests.streams.test_metrics import VALUES, documented
from tools.dashboards.__main__ import main
from tools.dashboards.everything import files

QUERIES: Final = [query for path in FILES for query in queries(load(path))]

NOT_SHOWN: Final = {
    "aboveboard_incomparable_agents": "it stays as it is: whose market is whose",
    "aboveboard_commended_agents": "who they are says the topic, and a coach shows it",
    "aboveboard_alerts_held_back": "the alert about the site or team says it, in the cases",
    "aboveboard_cells": "what share of the limit they take is told by a rule",
    "aboveboard_crowded_values": "a source has its placeholders or not; the summary says more",
    "aboveboard_case_foreign_records": "harmless: they are passed over",
    "aboveboard_commission_actions_total": "for whoever pays: the topic says it of each sale",
    "aboveboard_commissions_held": "the open critical alerts say it; the topic names them",
    "aboveboard_contested_sales": "the worker complains of many; few are looked at one by one",
    "aboveboard_corrected_sales": "how often a source corrects itself is its habit",
    "aboveboard_desk_decisions_total": "people decide when they decide; cases show what came of it",
    "aboveboard_desk_foreign_records": "harmless: they are passed over",
    "aboveboard_desk_lag_records": "the desk is not ready when it matters, which a rule tells",
    "aboveboard_desk_requests_total": "for whoever watches over logins, with a threshold of theirs",
    "aboveboard_known_agents": "what share of the limit they take is told by a rule",
    "aboveboard_groups_not_judged": "it stays as it is: events name so many sites and teams",
    "aboveboard_judged_sales": "which share of sales says enough differs by source and by pattern",
    "aboveboard_left_out_outcomes": "the price of what the rule on blindness tells",
    "aboveboard_merged_accounts": "how often accounts are merged is the habit of a source",
    "aboveboard_merged_agents": "how often agents get another id is the habit of a source",
    "aboveboard_sales_cancelled_by_seller": "how many agents key cancellations differs by source",
    "aboveboard_late_events_total": "every source has its own habit; the page of metrics says more",
    "aboveboard_verification_requests_total": "how many is a setting; who calls counts what waits",
    "process_virtual_memory_bytes": "address space, which says nothing of memory in use",
}
"""Metrics that are in no dashboard and in no rule, with the reason."""


def test_the_files_are_those_that_the_code_gives() -> None:
    """If not: `make dashboards`."""
    deploy = ROOT / "deploy"
    given = files(deploy)
    assert {name: (deploy / name).read_text(encoding="utf-8") for name in given} == given
    assert [deploy / name for name in given if "grafana" in name] == [*FILES, CASES]


def test_all_is_written_and_what_is_no_more_is_removed(tmp_path: Path) -> None:
    shutil.copytree(PROMETHEUS, tmp_path / "prometheus")
    (tmp_path / "grafana" / "dashboards").mkdir(parents=True)
    (tmp_path / "grafana" / "dashboards" / "gone.json").touch()
    main(tmp_path)
    left = [path.name for path in (tmp_path / "grafana" / "dashboards").iterdir()]
    assert sorted(left) == [path.name for path in FILES]
    written = (tmp_path / "mixin" / "rules.json").read_text(encoding="utf-8")
    assert written == (ROOT / "deploy" / "mixin" / "rules.json").read_text(encoding="utf-8")


def test_a_dashboard_has_a_file_and_an_address_of_its_own() -> None:
    assert [load(path)["uid"] for path in FILES] == [path.stem for path in FILES]
    for path in FILES:
        ids = [panel["id"] for panel in load(path)["panels"]]
        assert len(set(ids)) == len(ids)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_linter_has_nothing_to_say(path: Path) -> None:
    assert list(complaints(load(path))) == []


def variable(board: Board, name: str) -> dict[str, Any]:
    (found,) = (one for one in board["templating"]["list"] if one["name"] == name)
    one: dict[str, Any] = found
    return one


def panel(board: Board) -> dict[str, Any]:
    return panels(board)[-1]


def ask(board: Board, expression: str, legend: str = "") -> None:
    panel(board)["targets"][0] |= {"expr": expression, "legendFormat": legend}


SAMPLES: Final[list[tuple[Lint, Callable[[Board], object]]]] = [
    (identity, lambda b: b.update(uid="Aboveboard 1")),
    (identity, lambda b: b.update(tags=[])),
    (identity, lambda b: b.update(title="Looking")),
    (uneditable_dashboard, lambda b: b.update(editable=True)),
    (template_datasource, lambda b: variable(b, "datasource").update(query="loki")),
    (template_datasource, lambda b: variable(b, "datasource").update(name="prometheus")),
    (template_job, lambda b: variable(b, "job").update(allValue=".*")),
    (template_job, lambda b: variable(b, "job").update(multi=False)),
    (template_job, lambda b: variable(b, "job")["datasource"].update(uid="abc")),
    (template_on_time_change_reload, lambda b: variable(b, "job").update(refresh=1)),
    (panel_datasource, lambda b: panel(b).pop("datasource")),
    (panel_datasource, lambda b: panel(b)["targets"][0]["datasource"].update(uid="abc")),
    (panel_title_description, lambda b: panel(b).update(title="")),
    (panel_title_description, lambda b: panel(b).pop("description")),
    (panel_title_description, lambda b: b["panels"].append(panel(b))),
    (panel_units, lambda b: panel(b)["fieldConfig"]["defaults"].pop("unit")),
    (panel_units, lambda b: panel(b)["fieldConfig"]["defaults"].update(unit="seconds")),
    (panel_no_targets, lambda b: panel(b).update(targets=[])),
    (panel_no_targets, lambda b: ask(b, "")),
    (panel_no_targets, lambda b: panel(b)["targets"].append(panel(b)["targets"][0])),
    (target_job, lambda b: ask(b, "sum(aboveboard_ready)")),
    (target_job, lambda b: ask(b, 'up{job="aboveboard"}')),
    (target_rate_interval, lambda b: ask(b, 'rate(process_cpu_seconds_total{job=~"$job"}[5m])')),
    (target_rate_interval, lambda b: ask(b, "irate(aboveboard_events_total[$__range])")),
    (target_counter_agg, lambda b: ask(b, 'sum(aboveboard_events_total{job=~"$job"})')),
    (target_counter_agg, lambda b: ask(b, "aboveboard_processing_seconds_sum")),
    (target_legend, lambda b: ask(b, "sum by (topic) (aboveboard_events_total)", "{{stage}}")),
    (target_legend, lambda b: ask(b, "sum(aboveboard_events_total)", "{{instance}}")),
    (runbook_links, lambda b: panel(b).update(links=[{"url": "${runbook:raw}#gone"}])),
    (runbook_links, lambda b: panel(b).update(links=[{"url": "https://elsewhere.example"}])),
    (desk_links, lambda b: variable(b, "desk").update(type="textbox")),
    (
        desk_links,
        lambda b: panel(b)["fieldConfig"]["defaults"].update(links=[{"url": "https://a.example"}]),
    ),
]
"""A rule, and what breaks it."""


@pytest.mark.parametrize(("lint", "spoil"), SAMPLES)
def test_a_rule_of_the_linter_bites(lint: Lint, spoil: Callable[[Board], object]) -> None:
    board = copy.deepcopy(load(FILES[0]))
    assert lint(board) == []
    spoil(board)
    assert lint(board)


def test_every_rule_of_the_linter_has_a_sample() -> None:
    assert {lint for lint, _ in SAMPLES} == set(LINTS)
    used = {name for query in QUERIES for name in families(query.expression)}
    assert used >= BARE_COUNTERS.keys()


def wrong_names(expression: str) -> list[str]:
    """Return what an expression names that there is not: metrics, labels and values."""
    known = {name: labels for name, (_, labels) in documented().items()} | {"up": set()}
    wrong = []
    for name, matchers in METRIC.findall(expression):
        (family,) = families(name)
        if family not in known:
            wrong.append(name)
            continue
        for label, values in re.findall(r'(\w+)=~?"([^"]*)"', matchers):
            if label != "job" and label not in known[family]:
                wrong.append(f"{name}{{{label}}}")
            wrong += [
                f"{label}={value}" for value in values.split("|") if value not in _of(label, value)
            ]
    return wrong


def _of(label: str, value: str) -> set[str]:
    return VALUES.get(label, {value})


@pytest.mark.parametrize("query", QUERIES, ids=str)
def test_a_query_names_what_there_is(query: Any) -> None:  # noqa: ANN401 - of several types
    assert families(query.expression)
    assert wrong_names(query.expression) == []


@pytest.mark.parametrize(
    ("expression", "wrong"),
    [
        ("sum(aboveboard_gone)", ["aboveboard_gone"]),
        ('aboveboard_ready{agent="a"}', ["aboveboard_ready{agent}"]),
        ('aboveboard_outcomes_total{verdict=~"good|gone"}', ["verdict=gone"]),
    ],
)
def test_the_guard_of_names_bites(expression: str, wrong: list[str]) -> None:
    assert wrong_names(expression) == wrong


def test_every_metric_is_shown_or_ruled_or_stands_with_the_reason_why_not() -> None:
    shown = {name for query in QUERIES for name in families(query.expression)}
    ruled = {
        name
        for kind in ("alert", "record")
        for rule in rules(kind)
        for name in families(rule["expr"])
    }
    assert documented().keys() - shown - ruled == NOT_SHOWN.keys()


def check_rules(promtool: str, expressions: list[str], folder: Path) -> int:
    """Return 0 if Prometheus can read the expressions."""
    path = folder / "rules.yml"
    asked = [
        {"record": f"a:{number}", "expr": substituted(expression)}
        for number, expression in enumerate(expressions)
    ]
    path.write_text(yaml.safe_dump({"groups": [{"name": "a", "rules": asked}]}), encoding="utf-8")
    return subprocess.run([promtool, "check", "rules", path], check=False).returncode


def substituted(expression: str) -> str:
    """Return an expression as Grafana would send it."""
    for name, value in (("$__rate_interval", "1m"), ("$__range", "1d"), ("$job", ".+")):
        expression = expression.replace(name, value)
    return expression


def test_prometheus_can_read_every_query(promtool: str, tmp_path: Path) -> None:
    assert check_rules(promtool, [query.expression for query in QUERIES], tmp_path) == 0
    assert check_rules(promtool, ["sum(aboveboard_ready"], tmp_path) != 0


def test_prometheus_finds_the_alertmanager_of_the_same_file() -> None:
    services = yaml.safe_load((ROOT / "deploy" / "compose.yaml").read_text(encoding="utf-8"))
    content = yaml.safe_load((PROMETHEUS / "prometheus.yml").read_text(encoding="utf-8"))
    ((found,),) = (one["dns_sd_configs"] for one in content["alerting"]["alertmanagers"])
    (name,) = found["names"]
    assert f"127.0.0.1:{found['port']}:{found['port']}" in services["services"][name]["ports"]
    assert "./alertmanager:/etc/alertmanager:ro" in services["services"][name]["volumes"]


def test_the_provisioning_leads_from_grafana_to_prometheus_and_to_the_files() -> None:
    def given(name: str) -> dict[str, Any]:
        path = FOLDER / "provisioning" / name / "aboveboard.yaml"
        content: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
        assert content["apiVersion"] == 1
        return content

    services = yaml.safe_load((ROOT / "deploy" / "compose.yaml").read_text(encoding="utf-8"))
    (source,) = given("datasources")["datasources"]
    host, port = source["url"].removeprefix("http://").split(":")
    assert f"127.0.0.1:{port}:{port}" in services["services"][host]["ports"]
    scraping = yaml.safe_load((PROMETHEUS / "prometheus.yml").read_text(encoding="utf-8"))
    assert source["jsonData"]["timeInterval"] == scraping["global"]["scrape_interval"]
    (provider,) = given("dashboards")["providers"]
    mounted = services["services"]["grafana"]["volumes"]
    assert f"./grafana/dashboards:{provider['options']['path']}:ro" in mounted
