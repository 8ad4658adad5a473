"""What all dashboards have in common: variables, tag, links and how often they are drawn."""

from typing import Final

from grafana_foundation_sdk.builders.dashboard import (
    ConstantVariable,
    Dashboard,
    DashboardLink,
    DatasourceVariable,
    QueryVariable,
)
from grafana_foundation_sdk.models.common import DataSourceRef
from grafana_foundation_sdk.models.dashboard import (
    DashboardCursorSync,
    DashboardLinkType,
    VariableOption,
    VariableRefresh,
    VariableSort,
)

TAG: Final = "aboveboard-mixin"
RUNBOOK: Final = "docs/runbook.md"
"""Where the runbook is: a path in this repository, until the mixin puts an address before it."""
DESK: Final = "https://desk.example.com"
"""Where people look at cases and decide: in the place of an address that only a site knows."""


def data_source() -> DataSourceRef:
    """Return the Prometheus that the reader has chosen."""
    return DataSourceRef(type_val="prometheus", uid="${datasource}")


def begun(uid: str, title: str, description: str, source: DatasourceVariable) -> Dashboard:
    """Return a dashboard without panels; `uid` is part of its address and never changes."""
    return (
        Dashboard(f"Aboveboard / {title}")
        .uid(uid)
        .description(description)
        .tags([TAG])
        .readonly()
        .tooltip(DashboardCursorSync.CROSSHAIR)
        .time("now-24h", "now")
        .refresh("1m")
        .with_variable(source)
        .with_variable(ConstantVariable("desk").value(DESK))
        .link(
            DashboardLink("Other dashboards")
            .type(DashboardLinkType.DASHBOARDS)
            .tags([TAG])
            .as_dropdown(as_dropdown=True)
            .include_vars(include_vars=True)
            .keep_time(keep_time=True)
        )
        .link(to_desk("The cases"))
    )


def board(uid: str, title: str, description: str) -> Dashboard:
    """Return a dashboard of metrics without panels; `uid` as that of `begun`."""
    source = (
        DatasourceVariable("datasource")
        .label("Data source")
        .type("prometheus")
        .description("A Prometheus that scrapes the workers.")
    )
    return (
        begun(uid, title, description, source)
        .with_variable(
            QueryVariable("job")
            .label("Job")
            .description("The scrape jobs of the workers.")
            .datasource(data_source())
            .query("label_values(aboveboard_ready, job)")
            .refresh(VariableRefresh.ON_TIME_RANGE_CHANGED)
            .sort(VariableSort.ALPHABETICAL_ASC)
            .multi(multi=True)
            .include_all(include_all=True)
            .all_value(".+")
            .current(VariableOption(selected=True, text="All", value="$__all"))
        )
        .with_variable(ConstantVariable("runbook").value(RUNBOOK))
        .link(
            DashboardLink("Runbook")
            .type(DashboardLinkType.LINK)
            .icon("doc")
            .url("${runbook:raw}")
            .target_blank(target_blank=True)
        )
    )


def to_desk(title: str, path: str = "") -> DashboardLink:
    """Return a link to the list of cases at the desk, or to what stands under a path in it."""
    return (
        DashboardLink(title)
        .type(DashboardLinkType.LINK)
        .icon("external link")
        .url(f"${{desk:raw}}/cases{path}")
        .target_blank(target_blank=True)
    )
