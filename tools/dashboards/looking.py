"""Is it looking? What comes in, what does not, and how far it has got."""

from grafana_foundation_sdk.builders.dashboard import Dashboard, Row

from tools.dashboards.board import board
from tools.dashboards.panels import Query, Warn, curve, number

DAY = 86_400.0


def looking() -> Dashboard:
    """Return the dashboard for those on call, who ask first whether anybody is watched at all."""
    started = board(
        "aboveboard-looking",
        "Is it looking?",
        "Sources, event time, lag, dead letters, readiness. What is not seen is not judged.",
    )
    return _holes(_sources(_time(_glance(started))))


def _glance(dashboard: Dashboard) -> Dashboard:
    return (
        dashboard.with_row(Row("At a glance"))
        .with_panel(
            number(
                "Workers that answer",
                "How many workers Prometheus reaches. At none, nobody is watched.",
                "short",
                Query('sum(up{job=~"$job"})', "workers"),
                runbook="AboveboardNoWorker",
            )
        )
        .with_panel(
            number(
                "Workers not ready",
                "Workers that answer and do not judge. Their /readyz says why, and what mends it.",
                "short",
                Query('sum(1 - aboveboard_ready{job=~"$job"})', "not ready"),
                warn=Warn(1, None),
                runbook="AboveboardNotReady",
            )
        )
        .with_panel(
            number(
                "Complete up to",
                "Event time up to which every partition has all its events.",
                "dateTimeAsIso",
                Query(
                    '1000 * min(aboveboard_watermark_timestamp_seconds{job=~"$job"})', "complete"
                ),
                runbook="AboveboardTimeStandsStill",
            )
        )
        .with_panel(
            number(
                "Judged up to",
                "Event time up to which every agent is judged. It follows a day behind, at most.",
                "dateTimeAsIso",
                Query('1000 * min(aboveboard_judged_timestamp_seconds{job=~"$job"})', "judged"),
                runbook="AboveboardJudgementsLate",
            )
        )
        .with_panel(
            number(
                "Records still to apply",
                "The backlog of all stages. It should come back to about zero.",
                "short",
                Query('sum(aboveboard_lag_records{job=~"$job"})', "records"),
                warn=Warn(1_000, None),
                runbook="AboveboardLagGrows",
            )
        )
        .with_panel(
            number(
                "Dead letters in this time",
                "Records set aside in the time shown. The first of each reason is not seen so.",
                "short",
                Query(
                    'sum(increase(aboveboard_dead_letters_total{job=~"$job"}[$__range]))',
                    "dead letters",
                ),
                warn=Warn(1, None),
                runbook="AboveboardEventsRefused",
            )
        )
    )


def _time(dashboard: Dashboard) -> Dashboard:
    return (
        dashboard.with_row(Row("Does time pass?"))
        .with_panel(
            curve(
                "Watermark behind the newest event",
                "By how much the slowest source holds a partition back. It falls as time passes.",
                "s",
                Query(
                    'max by (partition) (aboveboard_watermark_lag_seconds{job=~"$job"})',
                    "partition {{partition}}",
                ),
                runbook="AboveboardTimeStandsStill",
            )
        )
        .with_panel(
            curve(
                "Judgements behind the watermark",
                "Agents are judged by the day: up to one day is as it should be, two are not.",
                "s",
                Query(
                    'min(aboveboard_watermark_timestamp_seconds{job=~"$job"})\n'
                    "-\n"
                    'min(aboveboard_judged_timestamp_seconds{job=~"$job"})',
                    "delay",
                ),
                warn=Warn(None, 2 * DAY),
                runbook="AboveboardJudgementsLate",
            )
        )
        .with_panel(
            curve(
                "Watermark behind the clock on the wall",
                "How old the newest complete hour is. A backfill is years behind, and well.",
                "s",
                Query(
                    "time() - max by (partition) "
                    '(aboveboard_watermark_timestamp_seconds{job=~"$job"})',
                    "partition {{partition}}",
                ),
                runbook="AboveboardTimeStandsStill",
            )
        )
        .with_panel(
            curve(
                "Records still to apply, by topic",
                "Consumer lag of each stage and topic. One that grows needs another worker.",
                "short",
                Query(
                    'sum by (stage, topic) (aboveboard_lag_records{job=~"$job"})',
                    "{{stage}}: {{topic}}",
                ),
                runbook="AboveboardLagGrows",
            )
        )
        .with_panel(
            curve(
                "Readiness",
                "Yes while a worker is ready. Many changes: state is restored over and over.",
                "bool_yes_no",
                Query('aboveboard_ready{job=~"$job"}', "{{instance}}"),
                runbook="AboveboardUnsettled",
            )
        )
        .with_panel(
            curve(
                "Clock of the broker ahead of the worker's",
                "Beyond `time.allowed_lateness` (an hour) no time passes by silence.",
                "s",
                Query('aboveboard_clock_skew_seconds{job=~"$job"}', "{{instance}}"),
                runbook="AboveboardNotReady",
            )
        )
    )


def _sources(dashboard: Dashboard) -> Dashboard:
    return (
        dashboard.with_row(Row("Do the sources send?"))
        .with_panel(
            curve(
                "Events read, by topic",
                "A source that falls to zero when it never does is silent. Its agents look guilty.",
                "cps",
                Query(
                    'sum by (topic) (rate(aboveboard_events_total{job=~"$job"}[$__rate_interval]))',
                    "{{topic}}",
                ),
                runbook="AboveboardSourceSilent",
            )
        )
        .with_panel(
            curve(
                "Events read, by result",
                "Unchanged are duplicates, or without consequence. Rejected are dead letters.",
                "cps",
                Query(
                    "sum by (result) "
                    '(rate(aboveboard_events_total{job=~"$job"}[$__rate_interval]))',
                    "{{result}}",
                ),
                runbook="AboveboardEventsRefused",
            )
        )
        .with_panel(
            curve(
                "Share of events refused",
                "More than 1 % is an alert. At half of the last hundred the worker is not ready.",
                "percentunit",
                Query(
                    "sum by (topic) (rate("
                    'aboveboard_events_total{job=~"$job", result="rejected"}[$__rate_interval]))\n'
                    "/\n"
                    "sum by (topic) "
                    '(rate(aboveboard_events_total{job=~"$job"}[$__rate_interval]))',
                    "{{topic}}",
                ),
                warn=Warn(0.01, 0.5),
                runbook="AboveboardEventsRefused",
            )
        )
        .with_panel(
            curve(
                "Dead letters, by reason",
                "Each is kept with its reason, and can be sent again once its source is mended.",
                "cps",
                Query(
                    "sum by (reason) "
                    '(rate(aboveboard_dead_letters_total{job=~"$job"}[$__rate_interval]))',
                    "{{reason}}",
                ),
                runbook="AboveboardRecordsSetAside",
            )
        )
    )


def _holes(dashboard: Dashboard) -> Dashboard:
    return (
        dashboard.with_row(Row("What is missing?"))
        .with_panel(
            curve(
                "Fields that refused an event",
                "The field to repair first, since the whole event is missing for it.",
                "cps",
                Query(
                    "sum by (topic, field) "
                    '(rate(aboveboard_refused_fields_total{job=~"$job"}[$__rate_interval]))',
                    "{{topic}}: {{field}}",
                ),
                runbook="AboveboardEventsRefused",
            )
        )
        .with_panel(
            curve(
                "Fields read leniently",
                "`read` loses nothing. `other` and `unknown` do, and may exclude the sale.",
                "cps",
                Query(
                    "sum by (topic, field, repair) "
                    '(rate(aboveboard_repaired_fields_total{job=~"$job"}[$__rate_interval]))',
                    "{{topic}}: {{field}} ({{repair}})",
                ),
            )
        )
        .with_panel(
            curve(
                "Facts that met nothing",
                "Share without its sale or its use. A rise: two sources spell ids differently.",
                "percentunit",
                Query(
                    'sum by (kind) (aboveboard_forgotten_facts{job=~"$job", met="no"})\n'
                    "/\n"
                    'sum by (kind) (aboveboard_forgotten_facts{job=~"$job"})',
                    "{{kind}}",
                ),
            )
        )
        .with_panel(
            curve(
                "Records in the wrong partition",
                "Since the beginning of the installation. When it rises, a producer keys or "
                "places its records otherwise than the others do.",
                "short",
                Query(
                    'sum by (topic) (aboveboard_misplaced_records{job=~"$job"})',
                    "{{topic}}",
                ),
                runbook="AboveboardRecordsMisplaced",
            )
        )
        .with_panel(
            curve(
                "Records of other programs in our state",
                "Since a worker started, which is when state is read. One is too many: "
                "somebody else may write where only the workers should.",
                "short",
                Query(
                    'sum by (stage) (aboveboard_ignored_state_records_total{job=~"$job"})',
                    "{{stage}}",
                ),
                warn=Warn(None, 1),
                runbook="AboveboardRecordsSetAside",
            )
        )
        .with_panel(
            curve(
                "Partitions with a worker",
                "Below the number of partitions of a stage, some are not worked on.",
                "short",
                Query('sum by (stage) (aboveboard_assigned_partitions{job=~"$job"})', "{{stage}}"),
                runbook="AboveboardJudgementsLate",
            )
        )
    )
