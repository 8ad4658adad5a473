"""How many messages the shipped Alertmanager sends to an officer over a log of alerts.

``python -m tools.messages alerts.jsonl`` reads what `aboveboard detect --out` wrote. The clock is
that of the events: it is as if Aboveboard had run from the first of them.
"""

import argparse
import sys
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from detectors.alerts.alert import Alert
from detectors.cases.case import SEVERITIES

REMINDS: Final = timedelta(days=4)
"""The `repeat_interval` of the shipped file."""

_TOLD: Final = tuple(one for one in SEVERITIES if one != "info")
_WEEK: Final = timedelta(weeks=1)

_Group = tuple[str, str]


class Messages(NamedTuple):
    """Messages to a chat or a pager: the daily mail comes once a day beside them.

    ``news``
        Moments at which something opened, turned critical or ended.
    ``reminders``
        Those of what stays open, where nobody acknowledges or closes anything.
    """

    news: list[datetime]
    reminders: int


def messages(alerts: Iterable[Alert], until: datetime) -> Messages:
    """Return what is told of these revisions, in the order in which they were told."""
    news: dict[tuple[_Group, datetime], None] = {}
    firing: dict[str, set[_Group]] = {}
    open_in: dict[_Group, set[str]] = {}
    told_at: dict[_Group, datetime] = {}
    reminders = 0
    groups_now: set[_Group]

    def remind(group: _Group, at: datetime) -> int:
        return (at - told_at[group]) // REMINDS if open_in.get(group) else 0

    for alert in alerts:
        groups = firing.setdefault(alert.alert_id, set())
        group = (alert.severity, f"{alert.subject.type} {alert.subject.id}")
        if alert.status != "open":
            changed, groups_now = set(groups), set()
        elif alert.severity in _TOLD and group not in groups:
            # A critical hides the warning of the same alert.
            changed, groups_now = (
                {group},
                {group} if alert.severity == "critical" else groups | {group},
            )
        else:
            continue
        for one in groups | groups_now:
            reminders += remind(one, alert.updated_at)
        for one in changed:
            news[one, alert.updated_at] = None
            told_at[one] = alert.updated_at
        for one in groups - groups_now:
            open_in[one].discard(alert.alert_id)
        for one in groups_now:
            open_in.setdefault(one, set()).add(alert.alert_id)
        firing[alert.alert_id] = groups_now
    reminders += sum(remind(group, until) for group in told_at)
    return Messages([at for _, at in news], reminders)


def main(words: list[str]) -> int:
    """Print how many messages there are a week."""
    parser = argparse.ArgumentParser(prog="python -m tools.messages")
    parser.add_argument("alerts", type=Path, help="what `aboveboard detect --out` wrote")
    parser.add_argument(
        "--since", required=True, help="when it began, such as 2025-01-01T00:00:00Z"
    )
    parser.add_argument("--until", required=True, help="when it ended")
    chosen = parser.parse_args(words)
    since, until = (datetime.fromisoformat(text) for text in (chosen.since, chosen.until))
    lines = chosen.alerts.read_bytes().splitlines()
    told = messages((msgspec.json.decode(line, type=Alert) for line in lines), until)
    weeks = (until - since) / _WEEK
    of_a_week = [
        sum(since + n * _WEEK <= at < since + (n + 1) * _WEEK for at in told.news)
        for n in range(int(weeks) + 1)
    ]
    sys.stdout.write(
        f"{len(told.news)} messages of news in {weeks:.0f} weeks, {len(told.news) / weeks:.2f} a "
        f"week, at most {max(of_a_week)} in one; {told.reminders} reminders, "
        f"{told.reminders / weeks:.2f} a week, if nobody acknowledges or closes anything\n"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
