"""The rules of Grafana's own linter of dashboards that apply here, and some of ours.

The linter itself is not to be had from a registry. Each rule returns what is wrong; the names are
those of the linter, where it has the rule. It also wants a variable `instance`, which we do not
have: workers come and go, and what one of them says means little.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any, Final

from tests.deploy.dashboards import METRIC, Board, data_links, panels, queries
from tests.install.machine import ROOT

Lint = Callable[[Board], list[str]]

UNITS: Final = {
    "bool_yes_no",
    "bytes",
    "cps",
    "dateTimeAsIso",
    "dtdurations",
    "none",
    "percentunit",
    "s",
    "short",
}
"""Of the ids that Grafana knows, those that we use; any other word shows as itself."""

BARE_COUNTERS: Final = {
    "aboveboard_ignored_state_records_total": "read once, at the start: it never increases",
}


def _variables(board: Board) -> dict[str, dict[str, Any]]:
    return {one["name"]: one for one in board["templating"]["list"]}


def _differences(found: dict[str, Any], wanted: dict[str, Any]) -> list[str]:
    return [f"{key} is {found.get(key)!r}" for key, v in wanted.items() if found.get(key) != v]


def identity(board: Board) -> list[str]:
    """Demand a stable address, our tag, and a title."""
    wrong = [] if re.fullmatch(r"aboveboard-[a-z]+", board.get("uid", "")) else ["uid"]
    wrong += [] if board.get("tags") == ["aboveboard-mixin"] else ["tags"]
    return wrong + ([] if board.get("title", "").startswith("Aboveboard / ") else ["title"])


def uneditable_dashboard(board: Board) -> list[str]:
    """Demand that nobody edits it: the next version would undo what they did."""
    return _differences(board, {"editable": False})


def template_datasource(board: Board) -> list[str]:
    """Demand that the reader chooses the Prometheus."""
    wanted = {"type": "datasource", "query": "prometheus", "label": "Data source"}
    return _differences(_variables(board).get("datasource", {}), wanted)


def template_job(board: Board) -> list[str]:
    """Demand that the reader chooses jobs, or has all of them."""
    wanted = {
        "type": "query",
        "label": "Job",
        "multi": True,
        "includeAll": True,
        "allValue": ".+",
        "datasource": {"type": "prometheus", "uid": "${datasource}"},
    }
    return _differences(_variables(board).get("job", {}), wanted)


def template_on_time_change_reload(board: Board) -> list[str]:
    """Demand that a job of last week is found by those who look at last week."""
    return [
        name
        for name, one in _variables(board).items()
        if one["type"] == "query" and one.get("refresh") != 2
    ]


def panel_datasource(board: Board) -> list[str]:
    """Demand that every panel and query asks the Prometheus that was chosen."""
    return [
        panel["title"]
        for panel in panels(board)
        for one in (panel, *panel["targets"])
        if one.get("datasource", {}).get("uid") != "${datasource}"
    ]


def panel_title_description(board: Board) -> list[str]:
    """Demand a title of its own, and a sentence that says what it means."""
    titles = [panel.get("title") for panel in panels(board)]
    return [
        f"{panel.get('title')}"
        for panel in panels(board)
        if titles.count(panel.get("title")) > 1
        or not panel.get("title")
        or not panel.get("description", "").endswith(".")
    ]


def panel_units(board: Board) -> list[str]:
    """Demand a unit: a number without one is read wrongly."""
    return [
        panel["title"]
        for panel in panels(board)
        if panel["fieldConfig"]["defaults"].get("unit") not in UNITS
    ]


def panel_no_targets(board: Board) -> list[str]:
    """Demand queries, and a letter of its own for each."""
    return [
        panel["title"]
        for panel in panels(board)
        for refs in [[target["refId"] for target in panel["targets"] if target["expr"]]]
        if not refs or len(set(refs)) != len(panel["targets"])
    ]


def target_job(board: Board) -> list[str]:
    """Demand that every metric is asked of the chosen jobs only."""
    return [
        f"{query}: {name}"
        for query in queries(board)
        for name, matchers in METRIC.findall(query.expression)
        if 'job=~"$job"' not in matchers
    ]


def target_rate_interval(board: Board) -> list[str]:
    """Demand rates that fit the width of a pixel, or increases over all the time shown."""
    allowed = {"increase": ("$__rate_interval", "$__range")}
    return [
        f"{query}: {function}[{span}]"
        for query in queries(board)
        for function, span in re.findall(r"\b(i?rate|increase)\([^[]*\[([^]]*)\]", query.expression)
        if span not in allowed.get(function, ("$__rate_interval",))
    ]


def target_counter_agg(board: Board) -> list[str]:
    """Demand the increase of a counter, which begins anew with each process."""
    return [
        f"{query}: {found[1]}"
        for query in queries(board)
        for found in METRIC.finditer(query.expression)
        if re.search(r"_(total|bucket|count|sum)$", found[1])
        and found[1] not in BARE_COUNTERS
        and not re.search(r"(rate|increase)\($", query.expression[: found.start()])
    ]


def target_legend(board: Board) -> list[str]:
    """Demand that a legend names labels that the query leaves."""
    return [
        f"{query}: {label}"
        for query in queries(board)
        for label in re.findall(r"\{\{(\w+)\}\}", query.legend)
        if label not in _left(query.expression)
    ]


def _left(expression: str) -> set[str]:
    lists = re.findall(r"\bby \(([^)]*)\)", expression)
    if lists:
        return {label for labels in lists for label in labels.split(", ")} - {"le"}
    if re.search(r"\b(sum|min|max)\(", expression):
        return set()
    return {"instance", "job", "stage"}


def runbook_links(board: Board) -> list[str]:
    """Demand that a link into the runbook leads to a section that there is."""
    page = (ROOT / "docs" / "runbook.md").read_text(encoding="utf-8")
    anchors = {heading.lower() for heading in re.findall(r"^## (\w+)$", page, re.MULTILINE)}
    return [
        link["url"]
        for panel in panels(board)
        for link in panel.get("links", ())
        if link["url"].removeprefix("${runbook:raw}#") not in anchors
    ]


def desk_links(board: Board) -> list[str]:
    """Demand that a click on a value leads to the desk, whose address the site gives."""
    wrong = _differences(_variables(board).get("desk", {}), {"type": "constant"})
    return wrong + [
        link["url"]
        for panel in panels(board)
        for link in data_links(panel)
        if not link["url"].startswith("${desk:raw}/cases")
    ]


LINTS: Final[list[Lint]] = [
    identity,
    uneditable_dashboard,
    template_datasource,
    template_job,
    template_on_time_change_reload,
    panel_datasource,
    panel_title_description,
    panel_units,
    panel_no_targets,
    target_job,
    target_rate_interval,
    target_counter_agg,
    target_legend,
    runbook_links,
    desk_links,
]


def complaints(board: Board) -> Iterator[str]:
    """Yield the name of every rule that is broken, and what breaks it."""
    for lint in LINTS:
        for wrong in lint(board):
            yield f"{lint.__name__}: {wrong}"
