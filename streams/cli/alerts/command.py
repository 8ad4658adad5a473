"""`aboveboard alerts`: lists, shows and follows alerts, and writes decisions about them."""

import argparse
from collections.abc import Callable
from typing import Final, NamedTuple

from streams.broker.batches.needed import require_codecs
from streams.broker.rights_check import require_rights
from streams.cli.alerts import deciding, following, listing, showing
from streams.cli.alerts.alert_topics import AlertTopics
from streams.cli.arguments import add_broker_arguments, chosen_broker, chosen_security
from streams.wire.rights import Role

_OVERVIEW: Final = """\
An alert is a finding for a person to look at, about one subject and one pattern. It has revisions;
the newest is the one that counts. All alerts of one subject are one case, and people decide about
cases. Without a word, the newest revision of every alert is listed."""


class _Action(NamedTuple):
    help: str
    role: Role
    add_arguments: Callable[[argparse.ArgumentParser], None]
    run: Callable[[argparse.Namespace, AlertTopics], int]


_ACTIONS: Final = {
    "list": _Action("list alerts", Role.ALERTS, listing.add_arguments, listing.run),
    "show": _Action(
        "show everything about one alert", Role.ALERTS, showing.add_arguments, showing.run
    ),
    "follow": _Action(
        "print new alerts as they come, until Ctrl-C",
        Role.ALERTS,
        following.add_arguments,
        following.run,
    ),
    "decide": _Action(
        "write down what you decide about a case",
        Role.ALERTS_DECIDE,
        deciding.add_arguments,
        deciding.run,
    ),
}
_UNSAID: Final = "list"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command to its parser."""
    parser.description = _OVERVIEW
    add_broker_arguments(parser)
    actions = parser.add_subparsers(dest="action", metavar=" | ".join(_ACTIONS))
    for name, action in _ACTIONS.items():
        # The options of the broker may stand before or after the name of the action. A default of
        # the inner parser would undo what stands before it, so the inner one has none.
        found = actions.add_parser(
            name, help=action.help, description=action.help, argument_default=argparse.SUPPRESS
        )
        add_broker_arguments(found)
        action.add_arguments(found)


def run(arguments: argparse.Namespace) -> int:
    """Do what was asked; return 0.

    Raises
    ------
    AboveboardError
        If a package that unpacks batches is missing, the broker does not serve us, there is no
        such alert, or a decision is plainly wrong.
    """
    require_codecs()  # before the broker is asked for anything
    if arguments.action is None:
        arguments.action = _UNSAID
        usual = argparse.ArgumentParser()
        _ACTIONS[_UNSAID].add_arguments(usual)
        usual.parse_args([], arguments)
    action = _ACTIONS[arguments.action]
    topics = AlertTopics(*chosen_broker(arguments), chosen_security())
    require_rights(topics.bootstrap, action.role, topics.prefix, topics.security)
    return action.run(arguments, topics)
