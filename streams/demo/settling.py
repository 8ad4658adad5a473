"""When the demo has come to its end."""

import time
from collections.abc import Callable
from typing import Final

from streams.demo.alert_feed import AlertFeed
from streams.demo.installation import Installation
from streams.demo.replay_thread import ReplayThread

SETTLE_SECONDS: Final = 3.0
"""The year counts as judged when nothing has come of it for so long."""

STALLED_SECONDS: Final = 30.0
"""The same while records still wait to be read: on a busy machine a stage may come late."""


def wait_until_settled(
    installation: Installation,
    sender: ReplayThread,
    feed: AlertFeed,
    report: Callable[[float, int], None],
) -> None:
    """Return once everything sent has been read, and nothing has come of it for a while.

    `report` is called now and then with the number of events read and of alerts about accounts.

    Raises
    ------
    DemoFailed
        A service has ended.
    AboveboardError
        The events could not be sent, or the alerts not be read.
    """
    seen: tuple[float, float, int] = (0.0, 0.0, 0)
    since = time.monotonic()
    while True:
        time.sleep(0.25)
        for error in (sender.error, feed.error):
            if error is not None:
                raise error
        installation.require_running()
        read = installation.worker.sum_of("aboveboard_events_total")
        report(read, sum(alert.subject.type == "account" for alert in feed.alerts))
        now = (
            read,
            installation.worker.sum_of("aboveboard_evidence_updates_total"),
            len(feed.alerts),
        )
        if now != seen:
            seen, since = now, time.monotonic()
        sent = sender.counts
        if sent is None or read < sent.events:
            continue
        waiting = installation.worker.sum_of("aboveboard_lag_records")
        if time.monotonic() - since > (STALLED_SECONDS if waiting else SETTLE_SECONDS):
            return
