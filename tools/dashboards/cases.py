"""Which cases are open? Rows of PostgreSQL, each with a link to the desk: people are named here."""

from typing import Any, Final

from grafana_foundation_sdk.builders import table
from grafana_foundation_sdk.builders.dashboard import Dashboard, DatasourceVariable
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.cog.variants import Dataquery
from grafana_foundation_sdk.models.common import DataSourceRef
from grafana_foundation_sdk.models.dashboard import DynamicConfigValue

from tools.dashboards.board import begun
from tools.dashboards.panels import WIDTH

PLUGIN: Final = "grafana-postgresql-datasource"

COLOURS: Final = {"critical": "red", "warning": "orange", "info": "text"}

# Nobody reads more rows than a thousand, and a browser has to hold them.

CASES: Final = """\
SELECT case_id AS "Case", severity AS "Severity", state AS "State", subject_type AS "About",
  subject_id AS "Whom", team AS "Team", site AS "Site", patterns AS "Patterns",
  opened_at AS "Opened", updated_at AS "Updated", assignee AS "Assignee",
  proposed_outcome AS "Proposed", summary AS "Summary"
FROM aboveboard.open_cases
ORDER BY severity_rank DESC, updated_at DESC, case_id
LIMIT 1000"""

ALERTS: Final = """\
SELECT alert_id AS "Alert", severity AS "Severity", pattern AS "Pattern", subject_type AS "About",
  subject_id AS "Whom", team AS "Team", site AS "Site", case_id AS "Case",
  opened_at AS "Opened", updated_at AS "Updated", summary AS "Summary",
  next_step AS "First", data_quality AS "What is missing"
FROM aboveboard.open_alerts
ORDER BY severity_rank DESC, updated_at DESC, alert_id
LIMIT 1000"""

DECISIONS: Final = """\
SELECT decided_at AS "When", case_id AS "Case", subject_id AS "Whom", kind AS "Decision",
  who AS "Who", role AS "Role", words AS "Words", refused AS "Refused", detail AS "Why"
FROM aboveboard.decisions_made
WHERE $__timeFilter(decided_at)
ORDER BY decided_at DESC, decision_id
LIMIT 1000"""


class Rows(Dataquery):
    """A question in SQL whose answer is a table."""

    def __init__(self, sql: str) -> None:
        self.ref_id: Final = "A"
        self._sql: Final = sql

    def to_json(self) -> dict[str, object]:
        """Return it as Grafana's editor of code would save it."""
        return {
            "refId": self.ref_id,
            "datasource": _source(),
            "editorMode": "code",
            "format": "table",
            "rawQuery": True,
            "rawSql": self._sql,
        }


class _Asking(Builder[Dataquery]):
    def __init__(self, sql: str) -> None:
        self._sql: Final = sql

    def build(self) -> Dataquery:
        return Rows(self._sql)


def cases() -> Dashboard:
    """Return the dashboard for those who may know who is meant, over a PostgreSQL they choose."""
    # Not named as that of the others: a link from one of them would take its Prometheus along.
    source = (
        DatasourceVariable("database")
        .label("Database")
        .type(PLUGIN)
        .description("A PostgreSQL that examples/postgresql/sink.py fills.")
    )
    return (
        begun(
            "aboveboard-cases",
            "Which cases are open?",
            "Optional, over PostgreSQL. It names people: for those who review cases only.",
            source,
        )
        .time("now-30d", "now")
        .with_panel(
            _rows(
                "Open cases",
                "Neither closed, resolved nor withdrawn. A case is for a person to look at.",
                CASES,
            )
        )
        .with_panel(
            _rows(
                "Open alerts",
                "As `aboveboard alerts list --status open` shows them. No row is a verdict.",
                ALERTS,
            )
        )
        .with_panel(
            _rows(
                "Decisions in the time shown",
                "Refused ones stand here too, with the reason.",
                DECISIONS,
            )
        )
    )


def _rows(title: str, description: str, sql: str) -> table.Panel:
    to_case = {
        "title": "Look at this case",
        "url": "${desk:raw}/cases/${__data.fields.Case:percentencode}",
        "targetBlank": True,
    }
    colours = [
        {
            "type": "value",
            "options": {
                word: {"color": colour, "index": number}
                for number, (word, colour) in enumerate(COLOURS.items())
            },
        }
    ]
    return (
        table.Panel()
        .title(title)
        .description(description)
        .height(11)
        .span(WIDTH)
        .filterable(filterable=True)
        .datasource(_source())
        .with_target(_Asking(sql))
        .override_by_name("Case", _set(links=[to_case], **{"custom.width": 130}))
        .override_by_name(
            "Severity", _set(mappings=colours, **{"custom.cellOptions": {"type": "color-text"}})
        )
        .override_by_name("Summary", _set(**{"custom.inspect": True, "custom.minWidth": 300}))
    )


def _set(**properties: Any) -> list[DynamicConfigValue]:  # noqa: ANN401 - of many types
    return [DynamicConfigValue(id_val=name, value=value) for name, value in properties.items()]


def _source() -> DataSourceRef:
    return DataSourceRef(type_val=PLUGIN, uid="${database}")
