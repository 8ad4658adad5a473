"""The mixin gives the same dashboards and rules, and adapts them to a site."""

import json
import subprocess
from pathlib import Path
from typing import Any, Final

from tests.deploy.dashboards import FILES, load
from tests.install.machine import ROOT
from tests.install.prometheus_rules import RULES, rules
from tests.install.prometheus_rules import load as load_rules

MIXIN: Final = ROOT / "deploy" / "mixin" / "mixin.libsonnet"

SITE: Final = (
    """{ _config+:: { selector: 'job=~"sales-.+"', runbook: 'https://pages.example/"x"', """
    """desk: 'https://desk.example' } }"""
)


def evaluated(jsonnet: str, part: str, site: str = "{}") -> Any:  # noqa: ANN401 - JSON
    """Return a part of the mixin, with what a site adds to it."""
    text = f"((import '{MIXIN}') + {site}).{part}"
    answer = subprocess.run([jsonnet, "-e", text], capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stderr
    return json.loads(answer.stdout)


def ruled(jsonnet: str, site: str = "{}") -> list[dict[str, Any]]:
    """Return all groups of both kinds."""
    return [
        group
        for part in ("prometheusAlerts", "prometheusRules")
        for group in evaluated(jsonnet, part, site)["groups"]
    ]


def test_it_holds_every_dashboard(jsonnet: str) -> None:
    given = evaluated(jsonnet, "grafanaDashboards")
    assert given == {path.name: load(path) for path in FILES}


def test_it_holds_every_rule(jsonnet: str) -> None:
    given = ruled(jsonnet)
    assert {group["name"] for group in given} == {
        group["name"] for path in RULES for group in load_rules(path)["groups"]
    }
    told = [rule for group in given for rule in group["rules"]]
    assert told == [*rules("alert"), *rules("record")]


def test_a_site_names_its_jobs_and_its_pages(jsonnet: str, promtool: str, tmp_path: Path) -> None:
    text = str(ruled(jsonnet, SITE))
    assert 'job="aboveboard"' not in text
    assert "docs/runbook.md" not in text
    alerts = evaluated(jsonnet, "prometheusAlerts", SITE)
    (down,) = (
        rule
        for group in alerts["groups"]
        for rule in group["rules"]
        if rule["alert"] == "AboveboardWorkerDown"
    )
    assert down["expr"] == 'up{job=~"sales-.+"} == 0'
    assert down["annotations"]["runbook_url"] == 'https://pages.example/"x"#aboveboardworkerdown'
    for board in evaluated(jsonnet, "grafanaDashboards", SITE).values():
        named = {one["name"]: one["query"] for one in board["templating"]["list"]}
        assert named["runbook"] == 'https://pages.example/"x"'
        assert named["desk"] == "https://desk.example"
    for part in ("prometheusAlerts", "prometheusRules"):
        path = tmp_path / f"{part}.yml"
        path.write_text(json.dumps(evaluated(jsonnet, part, SITE)), encoding="utf-8")
        subprocess.run([promtool, "check", "rules", path], check=True)
