"""What the dashboards of deploy/grafana show: panels, queries, and the metrics in them."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

from tests.install.machine import ROOT

FOLDER: Final = ROOT / "deploy" / "grafana"
FILES: Final = sorted((FOLDER / "dashboards").glob("*.json"))

CASES: Final = FOLDER / "postgresql" / "dashboards" / "aboveboard-cases.json"
"""The dashboard that asks PostgreSQL, which only some have."""

Board = dict[str, Any]

METRIC: Final = re.compile(r"(?<![\w:])((?:aboveboard|process)_\w+|up)(?![\w(:])(?:\{([^}]*)\})?")


class Query(NamedTuple):
    """An expression, where it is, and how its curves are named."""

    board: str
    panel: str
    ref: str
    expression: str
    legend: str

    def __str__(self) -> str:
        """Return where it is."""
        return f"{self.board} / {self.panel} / {self.ref}"


def load(path: Path) -> Board:
    """Return what a file says."""
    content: Board = json.loads(path.read_text(encoding="utf-8"))
    return content


def panels(board: Board) -> list[dict[str, Any]]:
    """Return all panels but the rows."""
    return [panel for panel in board["panels"] if panel["type"] != "row"]


def data_links(panel: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield where a click on a value of a panel leads: of any value, or of a column."""
    config = panel["fieldConfig"]
    yield from config["defaults"].get("links", ())
    for override in config["overrides"]:
        for one in override["properties"]:
            if one["id"] == "links":
                yield from one["value"]


def queries(board: Board) -> Iterator[Query]:
    """Yield every query of every panel."""
    for panel in panels(board):
        for target in panel.get("targets", ()):
            yield Query(
                board["uid"],
                panel["title"],
                target["refId"],
                target["expr"],
                target["legendFormat"],
            )


def families(expression: str) -> set[str]:
    """Return the names of the metrics in an expression, as docs/metrics.md has them."""
    return {
        re.sub(r"_seconds_(bucket|count|sum)$", "_seconds", name)
        for name, _ in METRIC.findall(expression)
    }
