"""What the product says of a log with an insider in it: whom it accuses, and what it counts."""

from collections.abc import Iterable, Sequence

from msgspec import Struct

from detectors.alerts.alert import Alert
from detectors.basis.event_time import Seconds
from detectors.events.event import AnyEvent
from detectors.pipeline import Pipeline
from detectors.settings import Settings
from streams.files.spellings import spelling_lines


class Said(Struct, frozen=True):
    """All revisions of alerts, and counts by the name of what is counted."""

    alerts: list[Alert]
    traces: dict[str, int]


def said_of(events: Sequence[AnyEvent], settings: Settings, until: Seconds) -> Said:
    """Return what the product says of a log, judged until a moment."""
    pipeline = Pipeline(settings)
    for event in events:
        pipeline.apply(event)
    pipeline.advance(until)
    alerts, counts = pipeline.alerts(), pipeline.matches()
    traces = {f"contested {field}": count for field, count in counts.contested.items()}
    traces["cancelled by the seller"] = counts.cancelled_by_seller
    traces["merged accounts"] = counts.merged
    traces["ids that look alike"] = len(list(spelling_lines(pipeline.sellers)))
    for pattern, market in pipeline.markets().items():
        traces[f"the whole market: {pattern}"] = len(market.told)
    last = {alert.alert_id: alert for alert in alerts}
    for alert in last.values():
        name = f"alerts about {alert.subject.type}s: {alert.pattern}"
        traces[name] = traces.get(name, 0) + 1
    return Said(alerts, {name: count for name, count in traces.items() if count})


def accused(alerts: Iterable[Alert]) -> set[str]:
    """Return the agents about whom there ever was an alert that is no mere change to look at."""
    return {
        alert.subject.id
        for alert in alerts
        if alert.subject.type == "agent" and alert.severity != "info"
    }
