"""The page for people that the demo writes: what `aboveboard digest` says, of its own alerts."""

from collections.abc import Sequence
from datetime import UTC, datetime

from detectors.alerts.alert import Alert
from detectors.cases.case import Case
from streams.reports.contents import Contents, contents_of
from streams.reports.findings import Findings
from streams.reports.unseen import TopicRead, unseen_in_topic


def contents(alerts: Sequence[Alert], strangers: int, cases: dict[str, Case]) -> Contents:
    """Return what the report says.

    Parameters
    ----------
    alerts
        All revisions, those of one alert in their order: the pictures show the whole year.
    strangers
        How many records were no alerts.
    cases
        By their ids.
    """
    findings = Findings()
    for alert in alerts:
        findings.add(alert, alert.updated_at)
    read = TopicRead(strangers, datetime.now(UTC) if alerts else None)
    return contents_of(
        findings,
        unseen_in_topic(read, findings.data_quality()),
        judged_until=None,
        cases=[cases[case_id] for case_id in sorted(cases)],
    )
