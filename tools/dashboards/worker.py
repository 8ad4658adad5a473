"""Worker: what each of them uses, does, and holds."""

from typing import Final

from grafana_foundation_sdk.builders.dashboard import Dashboard, Row

from tools.dashboards.board import board
from tools.dashboards.panels import Query, Warn, curve

QUANTILES: Final = ((0.5, "half"), (0.99, "99 of 100"))


def worker() -> Dashboard:
    """Return the dashboard for those who run the workers."""
    started = board(
        "aboveboard-worker",
        "Worker",
        "CPU, memory, throughput, batches and state of each worker.",
    )
    return _state(_batches(_process(started)))


def _process(dashboard: Dashboard) -> Dashboard:
    return (
        dashboard.with_row(Row("Process"))
        .with_panel(
            curve(
                "CPU",
                "Share of one core. At a whole core for long, add a worker.",
                "percentunit",
                Query(
                    "sum by (instance) "
                    '(rate(process_cpu_seconds_total{job=~"$job"}[$__rate_interval]))',
                    "{{instance}}",
                ),
                runbook="AboveboardLagGrows",
            )
        )
        .with_panel(
            curve(
                "Memory",
                "What is in use. It grows with the accounts that are remembered.",
                "bytes",
                Query('process_resident_memory_bytes{job=~"$job"}', "{{instance}}"),
                runbook="AboveboardUnsettled",
            )
        )
        .with_panel(
            curve(
                "Time since the start",
                "A fall is a restart. Many of them: the log of the worker says why.",
                "dtdurations",
                Query('time() - process_start_time_seconds{job=~"$job"}', "{{instance}}"),
                runbook="AboveboardUnsettled",
            )
        )
        .with_panel(
            curve(
                "Open files and connections",
                "Share of what the system allows. At all of it, no connection can be opened.",
                "percentunit",
                Query(
                    'process_open_fds{job=~"$job"}\n/\nprocess_max_fds{job=~"$job"}',
                    "{{instance}}",
                ),
                warn=Warn(0.8, None),
            )
        )
    )


def _batches(dashboard: Dashboard) -> Dashboard:
    return (
        dashboard.with_row(Row("Work"))
        .with_panel(
            curve(
                "Events applied",
                "Each worker reads the partitions that it is in charge of.",
                "cps",
                Query(
                    "sum by (instance) "
                    '(rate(aboveboard_events_total{job=~"$job"}[$__rate_interval]))',
                    "{{instance}}",
                ),
                runbook="AboveboardLagGrows",
            )
        )
        .with_panel(
            curve(
                "Batches",
                "How many were taken and acknowledged. The fuller they are, the fewer are needed.",
                "cps",
                Query(
                    "sum by (stage) "
                    '(rate(aboveboard_processing_seconds_count{job=~"$job"}[$__rate_interval]))',
                    "{{stage}}",
                ),
            )
        )
        .with_panel(
            curve(
                "Time for a batch",
                "Until its outputs are acknowledged. A rise: a slower broker, or too much work.",
                "s",
                *_quantiles("aboveboard_processing_seconds_bucket"),
                runbook="AboveboardLagGrows",
            )
        )
        .with_panel(
            curve(
                "Share of time in batches",
                "How busy each stage is. Near 1 it can take no more.",
                "percentunit",
                Query(
                    "sum by (instance, stage) "
                    '(rate(aboveboard_processing_seconds_sum{job=~"$job"}[$__rate_interval]))',
                    "{{instance}}: {{stage}}",
                ),
                runbook="AboveboardLagGrows",
            )
        )
    )


def _state(dashboard: Dashboard) -> Dashboard:
    return (
        dashboard.with_row(Row("State"))
        .with_panel(
            curve(
                "Time to write state",
                "What changed, to the state topics. A rise: a slower broker, or larger state.",
                "s",
                *_quantiles("aboveboard_state_write_seconds_bucket"),
                runbook="AboveboardLagGrows",
            )
        )
        .with_panel(
            curve(
                "Time of the last restore",
                "It must stay below `ABOVEBOARD_STALL_AFTER` (120 s), or no restore ever ends.",
                "s",
                Query('aboveboard_restore_seconds{job=~"$job"}', "{{instance}}: {{stage}}"),
                warn=Warn(None, 120),
                runbook="AboveboardNotReady",
            )
        )
        .with_panel(
            curve(
                "Accounts remembered",
                "Their outcomes may still change. It follows the sales of the longest window.",
                "short",
                Query(
                    'sum by (instance) (aboveboard_remembered_accounts{job=~"$job"})',
                    "{{instance}}",
                ),
            )
        )
        .with_panel(
            curve(
                "Partitions in charge",
                "How the stages are spread over the workers.",
                "short",
                Query(
                    'sum by (instance, stage) (aboveboard_assigned_partitions{job=~"$job"})',
                    "{{instance}}: {{stage}}",
                ),
                runbook="AboveboardUnsettled",
            )
        )
        .with_panel(
            curve(
                "Records met a second time",
                "After a restart or a rebalance. A steady rise: offsets are not being committed.",
                "cps",
                Query(
                    "sum by (stage) "
                    '(rate(aboveboard_redelivered_records_total{job=~"$job"}[$__rate_interval]))',
                    "{{stage}}",
                ),
                runbook="AboveboardUnsettled",
                share=1,
            )
        )
    )


def _quantiles(bucket: str) -> list[Query]:
    return [
        Query(
            f"histogram_quantile({quantile}, sum by (stage, le) "
            f'(rate({bucket}{{job=~"$job"}}[$__rate_interval])))',
            f"{{{{stage}}}}: {told}",
        )
        for quantile, told in QUANTILES
    ]
