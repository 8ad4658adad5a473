"""What the product said of each agent: its alerts, as episodes with a beginning and an end."""

from collections import defaultdict
from collections.abc import Iterable

from msgspec import Struct

from bench.yardstick.events import BEGINS
from detectors.alerts.alert import Alert
from detectors.basis.event_time import seconds_at

EARLY = "_early"
"""How the name of a pattern ends whose alerts are of the early tier."""

FOR_EVER = float("inf")


class Episode(Struct):
    """One alert about an agent: times in seconds since the first day's beginning.

    ``critical`` is when it became critical, infinite if never, as ``resolved``.
    """

    early: bool
    opened: float
    critical: float = FOR_EVER
    resolved: float = FOR_EVER


def episodes(alerts: Iterable[Alert]) -> dict[int, list[Episode]]:
    """Return the episodes of each agent who was ever accused, in the order of their opening."""
    begins = BEGINS.timestamp()
    known: dict[str, Episode] = {}
    of_agent: defaultdict[int, list[Episode]] = defaultdict(list)
    for alert in alerts:
        if alert.subject.type != "agent" or alert.severity == "info":
            continue
        at = seconds_at(alert.updated_at) - begins
        episode = known.get(alert.alert_id)
        if episode is None:
            episode = known[alert.alert_id] = Episode(alert.pattern.endswith(EARLY), at)
            of_agent[int(alert.subject.id.rpartition("-")[2])].append(episode)
        if alert.severity == "critical":
            episode.critical = min(episode.critical, at)
        if alert.status == "resolved":
            episode.resolved = at
    return dict(of_agent)


def first_since(found: Iterable[Episode], change: float) -> float | None:
    """Return when the first episode opened that a change at that time may have caused.

    Infinite if there is none; None if one was open already, so that nothing could be measured.
    """
    opened = FOR_EVER
    for episode in found:
        if episode.opened > change:
            opened = min(opened, episode.opened)
        elif episode.resolved > change:
            return None
    return opened
