"""What became of it? How the cases stand, how often a pattern was right, how long people take."""

from typing import Final

from grafana_foundation_sdk.builders.dashboard import Dashboard, Row

from tools.dashboards.board import board
from tools.dashboards.panels import Query, Warn, curve, number

DECIDED: Final = 'aboveboard_case_closings{job=~"$job", outcome=~"confirmed|honest"}'


def became() -> Dashboard:
    """Return the dashboard for those who answer for what people decide."""
    started = board(
        "aboveboard-became",
        "What became of it?",
        "Cases by state, precision of each pattern, and how long people take. Nobody is named.",
    )
    return _delivery(_decisions(_results(_cases(started))))


def _cases(dashboard: Dashboard) -> Dashboard:
    for severity, told in (
        ("critical", "Cases with strong evidence that nobody has closed."),
        ("warning", "Cases worth a look that nobody has closed."),
    ):
        dashboard = dashboard.with_panel(
            number(
                f"Not closed: {severity}",
                told,
                "short",
                Query(
                    f'sum(aboveboard_cases{{job=~"$job", severity="{severity}", '
                    'state!~"closed|withdrawn"})',
                    severity,
                ),
                desk=True,
            )
        )
    return dashboard.with_row(Row("Cases")).with_panel(
        curve(
            "Cases, by state",
            "Open: somebody should look. Proposed: a second person must agree.",
            "short",
            Query('sum by (state) (aboveboard_cases{job=~"$job"})', "{{state}}"),
            desk=True,
            share=1,
        )
    )


def _results(dashboard: Dashboard) -> Dashboard:
    return (
        dashboard.with_row(Row("What people found"))
        .with_panel(
            curve(
                "Precision, by pattern",
                "Share of confirmed among cases closed as confirmed or honest.",
                "percentunit",
                Query(
                    'sum by (pattern) (aboveboard_case_closings{job=~"$job", '
                    'outcome="confirmed"})\n'
                    "/\n"
                    f"(sum by (pattern) ({DECIDED}) > 0)",
                    "{{pattern}}",
                ),
            )
        )
        .with_panel(
            curve(
                "Closed cases, by what was found",
                "Unclear cases say nothing about a pattern, and much about the events.",
                "short",
                Query(
                    'sum by (pattern, outcome) (aboveboard_case_closings{job=~"$job"})',
                    "{{pattern}}, {{outcome}}",
                ),
            )
        )
        .with_panel(
            curve(
                "Time to acknowledge",
                "Half of the acknowledged cases were acknowledged within this time.",
                "s",
                Query(
                    'max(aboveboard_case_acknowledge_median_seconds{job=~"$job"})', "acknowledge"
                ),
            )
        )
        .with_panel(
            curve(
                "Time to close",
                "Half of the closed cases were closed within this time.",
                "s",
                Query('max(aboveboard_case_close_median_seconds{job=~"$job"})', "close"),
            )
        )
    )


def _decisions(dashboard: Dashboard) -> Dashboard:
    return (
        dashboard.with_row(Row("Decisions"))
        .with_panel(
            curve(
                "Decisions",
                "All, and those about cases of which no alert is known.",
                "short",
                Query('max(aboveboard_case_decisions{job=~"$job"})', "all"),
                Query('max(aboveboard_case_unmatched_decisions{job=~"$job"})', "without alert"),
            )
        )
        .with_panel(
            curve(
                "Refused decisions, by reason",
                "Stale: somebody decided on old facts. Same person: one alone cannot close a case.",
                "short",
                Query(
                    'max by (reason) (aboveboard_case_refused_decisions{job=~"$job"})',
                    "{{reason}}",
                ),
            )
        )
        .with_panel(
            curve(
                "Behind",
                "Records that a keeper of cases has not read yet.",
                "short",
                Query('aboveboard_case_lag_records{job=~"$job"}', "{{instance}}"),
                warn=Warn(1_000, None),
            )
        )
        .with_panel(
            curve(
                "Written, and told otherwise",
                "Records written a second, and cases that another keeper tells otherwise.",
                "short",
                Query(
                    'sum(rate(aboveboard_case_records_total{job=~"$job"}[$__rate_interval]))',
                    "written",
                ),
                Query('max(aboveboard_case_disagreements{job=~"$job"})', "told otherwise"),
                Query('min(aboveboard_case_ready{job=~"$job"})', "ready"),
            )
        )
    )


def _delivery(dashboard: Dashboard) -> Dashboard:
    return (
        dashboard.with_row(Row("Delivery"))
        .with_panel(
            curve(
                "The oldest news that is untold",
                "For how long it has waited for an Alertmanager to take it.",
                "s",
                Query('max(aboveboard_notify_oldest_unsent_seconds{job=~"$job"})', "oldest"),
                warn=Warn(60, 300),
                runbook="AboveboardAlertsUntold",
            )
        )
        .with_panel(
            curve(
                "Told as firing, and notifiers at work",
                "Alerts that people are told of, each severity counted. One notifier is at work.",
                "short",
                Query('max(aboveboard_notify_open_alerts{job=~"$job"})', "firing"),
                Query('sum(aboveboard_notify_active{job=~"$job"})', "at work"),
                runbook="AboveboardNobodyTells",
            )
        )
        .with_panel(
            curve(
                "Answers of Alertmanager, by result",
                "Failed: it is away, or refuses the user. Refused: it takes all but one alert.",
                "cps",
                Query(
                    "sum by (result) "
                    '(rate(aboveboard_notify_posts_total{job=~"$job"}[$__rate_interval]))',
                    "{{result}}",
                ),
                runbook="AboveboardAlertsUntold",
                share=1,
            )
        )
    )
