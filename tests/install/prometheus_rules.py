"""What the rules for Prometheus say, and which metrics and labels they name."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

import yaml

from tests.install.machine import ROOT

FOLDER: Final = ROOT / "deploy" / "prometheus"
RULES: Final = sorted((FOLDER / "rules").glob("*.yml"))
TESTS: Final = sorted((FOLDER / "tests").glob("*.yml"))

SCRAPED: Final = frozenset({"job", "instance"})
"""Labels that Prometheus gives to all that it scrapes."""

Rule = dict[str, Any]


class Selector(NamedTuple):
    """A metric, as a rule or a test names it, and what its labels have to match."""

    metric: str
    matchers: dict[str, str]


def load(path: Path) -> dict[str, Any]:
    """Return what a file says."""
    content: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return content


def rules(kind: str) -> list[Rule]:
    """Return every rule of a kind: ``alert`` or ``record``."""
    return [
        rule
        for path in RULES
        for group in load(path)["groups"]
        for rule in group["rules"]
        if kind in rule
    ]


def selectors(expression: str) -> Iterator[Selector]:
    """Yield what an expression selects: metrics of the worker, ``up``, and recorded ones."""
    names = r"(?<![\w:])((?:[a-z_]+:)?aboveboard_\w+(?::\w+)?|up)(?![\w(])"
    for name, inside in re.findall(names + r"(?:\{([^}]*)\})?", expression):
        yield Selector(name, dict(re.findall(r'(\w+)=~?"([^"]*)"', inside)))


def grouped(expression: str) -> set[str]:
    """Return the labels by which an expression sums up or joins."""
    lists = re.findall(r"\b(?:by|on) \(([^)]*)\)", expression)
    return {label for labels in lists for label in labels.split(", ")}


def labels_of_level(record: str) -> set[str]:
    """Return the labels that the level of a recorded metric names: ``job_topic`` has two."""
    return set(record.partition(":")[0].split("_"))
