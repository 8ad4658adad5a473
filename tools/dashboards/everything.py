"""All that is written: the dashboards, and the rules in the form that a mixin reads."""

import json
from pathlib import Path
from typing import Any, Final

import yaml
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.dashboard import Dashboard, Panel

from tools.dashboards.became import became
from tools.dashboards.cases import cases
from tools.dashboards.looking import looking
from tools.dashboards.seeing import seeing
from tools.dashboards.worker import worker

FOLDER: Final = "grafana/dashboards"
ROWS: Final = "grafana/postgresql/dashboards"
"""Apart from the others: people are named in it, and it wants a PostgreSQL."""


def files(deploy: Path) -> dict[str, str]:
    """Return the content of every file by its path in a folder `deploy`, which has the rules.

    The file of a dashboard is named after its uid.
    """
    boards = [(FOLDER, one.build()) for one in (became(), looking(), seeing(), worker())]
    boards.append((ROWS, cases().build()))
    return {f"{folder}/{board.uid}.json": text_of(board) for folder, board in boards} | {
        "mixin/rules.json": text_of(rules(deploy))
    }


def rules(deploy: Path) -> dict[str, Any]:
    """Return the groups of all rules; old releases of jsonnet cannot read every YAML."""
    paths = sorted((deploy / "prometheus" / "rules").glob("*.yml"))
    parsed = (yaml.safe_load(path.read_text(encoding="utf-8")) for path in paths)
    return {"groups": [group for one in parsed for group in one["groups"]]}


def text_of(content: Dashboard | dict[str, Any]) -> str:
    """Return JSON; the same content always gives the same text."""
    if isinstance(content, Dashboard):
        _finish(content)
    return json.dumps(content, cls=JSONEncoder, indent=2, sort_keys=True) + "\n"


def _finish(board: Dashboard) -> None:
    links = [*(board.links or [])]
    for number, panel in enumerate(board.panels or [], start=1):
        panel.id_val = number  # an address of one panel stays what it is
        if isinstance(panel, Panel):
            links += panel.links or []
            if panel.field_config is not None and panel.field_config.defaults is not None:
                links += panel.field_config.defaults.links or []
    for link in links:
        link.placement = ""  # where it is seen, and not in a menu
