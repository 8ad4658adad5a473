"""What does it see? Alerts, the rates behind them, and what chance alone would give."""

from typing import Final

from grafana_foundation_sdk.builders.dashboard import Dashboard, Row

from tools.dashboards.board import board
from tools.dashboards.panels import Query, Warn, curve, number

MATURED: Final = 'aboveboard_outcomes_total{job=~"$job", verdict=~"good|bad"}'
BAD: Final = 'aboveboard_outcomes_total{job=~"$job", verdict="bad"}'
USUAL: Final = (
    f"(sum by (pattern) (increase({BAD}[$__range]))\n"
    f"/\n"
    f"sum by (pattern) (increase({MATURED}[$__range])))"
)
"""The share of bad outcomes over the whole time shown."""

ACCUSING: Final = '{job=~"$job"} and on (job, pattern) aboveboard_between_agent_sd{job=~"$job"}'
"""Lasting changes accuse nobody, and have no budget of false alarms, nor a spread of agents."""

BUDGET: Final = 10.0
"""False alarms in 1,000 agent-years that ``evidence.false_alarms_per_1000_agent_years`` allows."""


def seeing() -> Dashboard:
    """Return the dashboard for those who answer for the findings."""
    started = board(
        "aboveboard-seeing",
        "What does it see?",
        "Alerts by pattern and severity, matured rates, and the alarms that chance would give. "
        "No agent is named here.",
    )
    return _chance(_market(_rates(_sites(_alerts(started)))))


def _alerts(dashboard: Dashboard) -> Dashboard:
    for severity, told in (
        ("critical", "Strong evidence about an agent. A person decides, not this number."),
        ("warning", "Evidence about an agent that is worth a look."),
        ("info", "Accounts nobody used, and lasting changes. They accuse nobody."),
    ):
        dashboard = dashboard.with_panel(
            number(
                f"Open: {severity}",
                told,
                "short",
                Query(
                    f'sum(aboveboard_open_alerts{{job=~"$job", severity="{severity}"}})', severity
                ),
                share=3,
            )
        )
    return (
        dashboard.with_row(Row("Alerts"))
        .with_panel(
            curve(
                "Open alerts, by pattern and severity",
                "What people have still to look at.",
                "short",
                Query(
                    'sum by (pattern, severity) (aboveboard_open_alerts{job=~"$job"})',
                    "{{pattern}} ({{severity}})",
                ),
            )
        )
        .with_panel(
            curve(
                "Revisions of alerts",
                "New findings and corrections. Many withdrawn ones mean that a source is late.",
                "cps",
                Query(
                    "sum by (pattern, severity, status) "
                    '(rate(aboveboard_alert_revisions_total{job=~"$job"}[$__rate_interval]))',
                    "{{pattern}} ({{severity}}, {{status}})",
                ),
            )
        )
    )


def _sites(dashboard: Dashboard) -> Dashboard:
    return dashboard.with_row(Row("Sites")).with_panel(
        curve(
            "Open alerts in open cases, by site",
            "From `aboveboard cases`. Many at one site have a common cause more often than not: "
            "ask there before you ask the agents. Without a name: the sales say no site.",
            "short",
            Query(
                'sum by (site) (aboveboard_case_open_alerts{job=~"$job", severity!="info"})',
                "{{site}}",
            ),
            Query(
                'sum by (pattern, severity) (aboveboard_case_open_alerts{job=~"$job"})',
                "{{pattern}} ({{severity}})",
            ),
            share=1,
        )
    )


def _rates(dashboard: Dashboard) -> Dashboard:
    # Where nothing matured there is no limit, and not an infinite one.
    matured = f"(sum by (pattern) (increase({MATURED}[$__rate_interval])) > 0)"
    return (
        dashboard.with_row(Row("Matured sales"))
        .with_panel(
            curve(
                "Share of matured sales that went bad",
                "All agents together, at the moment their outcome became known. "
                "The limits are three standard deviations from what is usual in the time shown; "
                "sales that go bad together cross them more often than chance.",
                "percentunit",
                Query(
                    f"sum by (pattern) (rate({BAD}[$__rate_interval]))\n"
                    f"/\n"
                    f"sum by (pattern) (rate({MATURED}[$__rate_interval]))",
                    "{{pattern}}",
                ),
                Query(
                    f"{USUAL}\n+\n3 * sqrt({USUAL} * (1 - {USUAL})\n/\n{matured})",
                    "{{pattern}}: upper limit",
                ),
                Query(
                    f"clamp_min({USUAL}\n-\n3 * sqrt({USUAL} * (1 - {USUAL})\n/\n{matured}), 0)",
                    "{{pattern}}: lower limit",
                ),
                share=1,
            )
        )
        .with_panel(
            curve(
                "Outcomes that became known",
                "Excluded ones say nothing about the agent. If all stand still, so does time.",
                "cps",
                Query(
                    "sum by (pattern, verdict) "
                    '(rate(aboveboard_outcomes_total{job=~"$job"}[$__rate_interval]))',
                    "{{pattern}}: {{verdict}}",
                ),
                runbook="AboveboardTimeStandsStill",
            )
        )
        .with_panel(
            curve(
                "Outcomes applied to evidence",
                "It follows the outcomes. If it stays behind for long, days are not being judged.",
                "cps",
                Query(
                    "sum by (pattern) "
                    '(rate(aboveboard_evidence_updates_total{job=~"$job"}[$__rate_interval]))',
                    "{{pattern}}",
                ),
                runbook="AboveboardJudgementsLate",
            )
        )
    )


def _market(dashboard: Dashboard) -> Dashboard:
    return dashboard.with_row(Row("The whole market")).with_panel(
        curve(
            "Bad outcomes lately, over those of the market's own past",
            "1 is as always. What all agents do at once is told of none of them.",
            "short",
            Query(
                'max by (pattern) (aboveboard_market_level{job=~"$job"})',
                "{{pattern}}",
            ),
            runbook="AboveboardMarketTurnedBad",
            share=1,
        )
    )


def _chance(dashboard: Dashboard) -> Dashboard:
    alarms = f"sum by (pattern) (aboveboard_null_alarms{ACCUSING})"
    years = f"(sum by (pattern) (aboveboard_null_judgements{ACCUSING}) / 365000)"
    return (
        dashboard.with_row(Row("What would chance alone give?"))
        .with_panel(
            curve(
                "Alarms of the shadow null in 1,000 agent-years",
                "On outcomes dealt out at random. It should stay near the budget (10, the line).",
                "short",
                Query(f"{alarms}\n/\n{years}", "{{pattern}}"),
                warn=Warn(BUDGET, None),
                runbook="AboveboardShadowNullAboveBudget",
            )
        )
        .with_panel(
            curve(
                "The same, at least",
                "Less three standard deviations. Above the budget, doubt warnings of the pattern.",
                "short",
                Query(
                    f"clamp_min({alarms} - 3 * sqrt({alarms}), 0)\n/\n{years}",
                    "{{pattern}}",
                ),
                warn=Warn(None, BUDGET),
                runbook="AboveboardShadowNullAboveBudget",
            )
        )
        .with_panel(
            curve(
                "Spread of honest agents",
                "On the logit, in force. The larger, the more slowly evidence grows.",
                "none",
                Query('max by (pattern) (aboveboard_between_agent_sd{job=~"$job"})', "{{pattern}}"),
                runbook="AboveboardShadowNullAboveBudget",
            )
        )
        .with_panel(
            curve(
                "Tempering",
                "1 where sales go bad one by one. Less: those of an agent and day go bad together.",
                "none",
                Query('min by (pattern) (aboveboard_tempering{job=~"$job"})', "{{pattern}}"),
                runbook="AboveboardShadowNullAboveBudget",
            )
        )
    )
