"""Which alerts a list or a follower shows."""

import argparse
from typing import Final, Self, get_args

from msgspec import Struct

from detectors.alerts.alert import Alert, Severity, Status
from streams.cli.arguments import since_time

_SEVERITIES: Final[tuple[str, ...]] = get_args(Severity)


class AlertFilter(Struct, frozen=True):
    """What an alert must be like; an empty tuple admits any value.

    ``severity`` is the lowest one, ``since`` in milliseconds since 1970 by the broker's clock.
    """

    severity: str
    statuses: tuple[str, ...]
    patterns: tuple[str, ...]
    agents: tuple[str, ...]
    subjects: tuple[str, ...]
    since: int

    @classmethod
    def of(cls, arguments: argparse.Namespace) -> Self:
        """Return the filter that the arguments of `add_filters` ask for."""
        return cls(
            arguments.severity,
            tuple(arguments.status or ()),
            tuple(arguments.pattern or ()),
            tuple(arguments.agent or ()),
            tuple(arguments.subject or ()),
            arguments.since,
        )

    def admits(self, alert: Alert) -> bool:
        """Return whether an alert is one of those, whenever it was stored."""
        return _SEVERITIES.index(alert.severity) >= _SEVERITIES.index(self.severity) and all(
            not wanted or value in wanted
            for wanted, value in (
                (self.statuses, alert.status),
                (self.patterns, alert.pattern),
                (self.agents, alert.agent_id),
                (self.subjects, alert.subject.id),
            )
        )


def add_filters(parser: argparse.ArgumentParser, since: str, since_help: str) -> None:
    """Add the options; `since` is what ``--since`` is when nothing is said."""
    parser.add_argument(
        "--severity",
        choices=_SEVERITIES,
        default=_SEVERITIES[0],
        help="the lowest severity to print (default: %(default)s)",
    )
    parser.add_argument(
        "--status",
        action="append",
        choices=get_args(Status),
        default=None,
        help="only alerts of this status; may be repeated (default: all)",
    )
    for name, of_whom in (
        ("pattern", "of this pattern"),
        ("agent", "that concern this agent"),
        ("subject", "about the agent or the account of this id"),
    ):
        parser.add_argument(
            f"--{name}",
            action="append",
            default=None,
            metavar=name.upper(),
            help=f"only alerts {of_whom}; may be repeated",
        )
    parser.add_argument("--since", type=since_time, default=since, metavar="TIME", help=since_help)
