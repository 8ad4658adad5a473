"""The dashboard that asks PostgreSQL: apart from the others, with links to the desk."""

import copy
import re
from collections.abc import Callable
from typing import Any, Final

import pytest
import yaml

from tests.deploy.dashboard_lint import (
    desk_links,
    identity,
    panel_title_description,
    uneditable_dashboard,
)
from tests.deploy.dashboards import CASES, FOLDER, Board, data_links, load, panels
from tests.install.machine import ROOT

SCHEMA: Final = (ROOT / "deploy" / "postgresql" / "schema.sql").read_text(encoding="utf-8")


def asked_elsewhere(board: Board) -> list[str]:
    """Return the panels that ask another data source than the chosen one, or more than views."""
    (granted,) = re.findall(r"GRANT SELECT ON ([^;]*) TO grafana;", SCHEMA)
    return [
        panel["title"]
        for panel in panels(board)
        for target in panel["targets"]
        if {panel["datasource"]["uid"], target["datasource"]["uid"]} != {"${database}"}
        or not set(re.findall(r"\b(?:FROM|JOIN) (\S+)", target["rawSql"])) <= {*granted.split(", ")}
    ]


def not_named(board: Board) -> list[str]:
    """Return the panels whose rows name a case that one cannot click on."""
    link = "${desk:raw}/cases/${__data.fields.Case:percentencode}"
    return [
        panel["title"]
        for panel in panels(board)
        for target in panel["targets"]
        if 'case_id AS "Case"' not in target["rawSql"]
        or [one["url"] for one in data_links(panel)] != [link]
    ]


LINTS: Final = (
    identity,
    uneditable_dashboard,
    panel_title_description,
    desk_links,
    asked_elsewhere,
    not_named,
)


def test_the_linter_has_nothing_to_say() -> None:
    board = load(CASES)
    assert [panel["type"] for panel in panels(board)] == ["table"] * 3
    assert {lint.__name__: wrong for lint in LINTS if (wrong := lint(board))} == {}


def ask(board: Board, old: str, new: str) -> None:
    target = panels(board)[0]["targets"][0]
    target["rawSql"] = target["rawSql"].replace(old, new)


@pytest.mark.parametrize(
    ("lint", "spoil"),
    [
        (asked_elsewhere, lambda b: ask(b, "aboveboard.open_cases", "aboveboard.cases")),
        (asked_elsewhere, lambda b: panels(b)[0]["datasource"].update(uid="abc")),
        (not_named, lambda b: ask(b, '"Case"', '"Which"')),
        (not_named, lambda b: panels(b)[0]["fieldConfig"]["overrides"].clear()),
    ],
)
def test_a_rule_bites(lint: Callable[[Board], list[str]], spoil: Callable[[Board], object]) -> None:
    board = copy.deepcopy(load(CASES))
    spoil(board)
    assert lint(board)


def provisioned(kind: str, name: str) -> dict[str, Any]:
    path = FOLDER / "postgresql" / "provisioning" / kind / f"{name}.yaml"
    content: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert content["apiVersion"] == 1
    return content


def test_grafana_asks_as_the_role_that_may_only_read() -> None:
    (source,) = provisioned("datasources", "aboveboard-postgresql")["datasources"]
    assert f"CREATE ROLE {source['user']} LOGIN" in SCHEMA
    assert source["jsonData"]["sslmode"] == "verify-full"
    (chosen,) = (one for one in load(CASES)["templating"]["list"] if one["name"] == "database")
    assert chosen["query"] == source["type"]


def test_nobody_sees_it_by_chance() -> None:
    """Compose lets anybody in who reaches the port, so it mounts neither file."""
    (provider,) = provisioned("dashboards", "aboveboard-cases")["providers"]
    assert provider["folder"] != "Aboveboard"
    compose = (ROOT / "deploy" / "compose.yaml").read_text(encoding="utf-8")
    services = yaml.safe_load(compose)["services"]
    assert [one for one in services["grafana"]["volumes"] if "postgresql" in one] == []
    assert "postgresql" not in services
    assert not list((FOLDER / "dashboards").glob("*cases*"))
