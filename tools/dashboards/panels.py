"""Two kinds of panels: a curve over time, and one number. Each has a title, a sentence, a unit."""

from typing import Final, NamedTuple, TypeVar

from grafana_foundation_sdk.builders import stat, timeseries
from grafana_foundation_sdk.builders.common import (
    GraphThresholdsStyleConfig,
    ReduceDataOptions,
    VizLegendOptions,
    VizTooltipOptions,
)
from grafana_foundation_sdk.builders.dashboard import DashboardLink, ThresholdsConfig
from grafana_foundation_sdk.builders.prometheus import Dataquery
from grafana_foundation_sdk.models.common import (
    BigValueGraphMode,
    GraphThresholdsStyleMode,
    LegendDisplayMode,
    LegendPlacement,
    SortOrder,
    TooltipDisplayMode,
    VisibilityMode,
)
from grafana_foundation_sdk.models.dashboard import DashboardLinkType, Threshold, ThresholdsMode

from tools.dashboards.board import data_source, to_desk

WIDTH: Final = 24
"""Columns of Grafana's grid."""

LEAST_VISIBLE: Final = 10


class Query(NamedTuple):
    """An expression, and the name of its curves; ``{{label}}`` stands for the value of a label."""

    expression: str
    legend: str


class Warn(NamedTuple):
    """From where on a value is worth a look, and from where on it is bad; `None` for never."""

    look: float | None
    bad: float | None


NOTHING: Final = Warn(None, None)

Panel = TypeVar("Panel", timeseries.Panel, stat.Panel)


def curve(
    title: str,
    description: str,
    unit: str,
    *queries: Query,
    warn: Warn = NOTHING,
    runbook: str = "",
    desk: bool = False,
    share: int = 2,
) -> timeseries.Panel:
    """Return a panel of curves; `share` of them stand in a line.

    `unit` is an id of Grafana's list, and `runbook` the alert whose section it leads to. With
    `desk`, whoever clicks on a value comes to the cases behind it.
    """
    panel = (
        timeseries.Panel()
        .height(8)
        .span(WIDTH // share)
        .fill_opacity(LEAST_VISIBLE)
        .show_points(VisibilityMode.AUTO)
        .legend(
            VizLegendOptions()
            .display_mode(LegendDisplayMode.LIST)
            .placement(LegendPlacement.BOTTOM)
            .show_legend(show_legend=True)
        )
        .tooltip(VizTooltipOptions().mode(TooltipDisplayMode.MULTI).sort(SortOrder.DESCENDING))
    )
    if warn != NOTHING:
        style = GraphThresholdsStyleConfig().mode(GraphThresholdsStyleMode.DASHED)
        panel = panel.thresholds_style(style)
    return _told(panel, title, description, unit, queries, warn, runbook, desk=desk)


def number(
    title: str,
    description: str,
    unit: str,
    *queries: Query,
    warn: Warn = NOTHING,
    runbook: str = "",
    desk: bool = False,
    share: int = 6,
) -> stat.Panel:
    """Return a panel of the latest values in large type; the arguments are those of `curve`."""
    panel = (
        stat.Panel()
        .height(4)
        .span(WIDTH // share)
        .graph_mode(BigValueGraphMode.NONE)
        .reduce_options(ReduceDataOptions().calcs(["lastNotNull"]))
    )
    return _told(panel, title, description, unit, queries, warn, runbook, desk=desk)


def _told(
    panel: Panel,
    title: str,
    description: str,
    unit: str,
    queries: tuple[Query, ...],
    warn: Warn,
    runbook: str,
    *,
    desk: bool,
) -> Panel:
    steps = [Threshold(value=None, color="text" if warn == NOTHING else "green")]
    if warn.look is not None:
        steps.append(Threshold(value=warn.look, color="orange"))
    if warn.bad is not None:
        steps.append(Threshold(value=warn.bad, color="red"))
    panel = (
        panel.title(title)
        .description(description)
        .unit(unit)
        .datasource(data_source())
        .thresholds(ThresholdsConfig().mode(ThresholdsMode.ABSOLUTE).steps(steps))
        .targets([_target(number, query) for number, query in enumerate(queries)])
    )
    if runbook:
        link = (
            DashboardLink(f"What to do: {runbook}")
            .type(DashboardLinkType.LINK)
            .url(f"${{runbook:raw}}#{runbook.lower()}")
            .target_blank(target_blank=True)
        )
        panel = panel.links([link])
    if desk:
        panel = panel.data_links([to_desk("Look at the cases")])
    return panel


def _target(number: int, query: Query) -> Dataquery:
    return (
        Dataquery()
        .ref_id(chr(ord("A") + number))
        .datasource(data_source())
        .expr(query.expression)
        .legend_format(query.legend)
        .range()
    )
