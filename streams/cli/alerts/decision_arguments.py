"""What `aboveboard alerts decide` takes from the command line."""

import argparse
import re
from datetime import UTC, datetime, timedelta
from typing import Final, get_args

import msgspec

from detectors.basis.durations import seconds_of
from detectors.events.decision import Outcome, Role
from detectors.events.event import Moment
from streams.cli.arguments import add_broker_arguments

_DURATION: Final = re.compile(r"[0-9]+(\.[0-9]+)?[smhd]")
_KINDS: Final = {
    "acknowledge": "say that you are on it: the case is yours",
    "assign": "give the case to somebody, or back to all",
    "note": "leave words for whoever comes next",
    "snooze": "hear nothing more about these facts for a while",
    "propose": "propose to close the case; another person must approve",
    "approve": "agree with a proposal of somebody else: the case is closed",
    "reject": "do not agree with a proposal, or take your own back",
    "reopen": "open a closed case again",
}
_ROLES: Final = {"approve": "approver"}
_USUAL_ROLE: Final = "reviewer"


def add_kinds(parser: argparse.ArgumentParser) -> None:
    """Add a parser for each kind; its arguments are named as the fields of a decision."""
    actions = parser.add_subparsers(dest="kind", metavar=" | ".join(_KINDS), required=True)
    for kind, text in _KINDS.items():
        found = actions.add_parser(
            kind, help=text, description=text, argument_default=argparse.SUPPRESS
        )
        add_broker_arguments(found)
        _add_own(found, kind)
        _add_common(found, _ROLES.get(kind, _USUAL_ROLE))


def _add_own(parser: argparse.ArgumentParser, kind: str) -> None:
    match kind:
        case "acknowledge":
            _add_until(parser)
        case "assign":
            whom = parser.add_mutually_exclusive_group(required=True)
            whom.add_argument("--to", dest="assignee", metavar="LOGIN", help="whose it is now")
            whom.add_argument(
                "--nobody",
                dest="assignee",
                action="store_const",
                const=None,
                help="it is anybody's again",
            )
        case "note":
            parser.add_argument("words", metavar="WORDS", help="what you want to say")
        case "snooze":
            _add_until(parser)
            parser.add_argument("--reason", required=True, metavar="WORDS", help="why")
        case "propose":
            parser.add_argument(
                "outcome",
                choices=get_args(Outcome),
                help="sales were falsified, the agent is honest, or nobody can tell",
            )
            parser.add_argument(
                "--explanation",
                default=None,
                metavar="NAME",
                help="why an honest agent looks like this: one of cases.explanations in the "
                "settings; needed for honest, and only for that",
            )
            _add_note(parser, required=True)
        case "approve":
            _add_proposal(parser)
            _add_note(parser, required=False)
        case "reject":
            _add_proposal(parser)
            _add_note(parser, required=True)
        case _:
            _add_note(parser, required=True)


def _add_until(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--until",
        type=future_time,
        required=True,
        metavar="TIME",
        help="when it ends: a while from now, such as 2d, or 2025-06-30T00:00:00Z",
    )


def _add_note(parser: argparse.ArgumentParser, *, required: bool) -> None:
    parser.add_argument(
        "--note", dest="words", required=required, metavar="WORDS", help="your words about it"
    )


def _add_proposal(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--proposal",
        default=None,
        metavar="DECISION_ID",
        help="the proposal, by the id that `propose` printed (default: the one that waits, as "
        "cases-current has it)",
    )


def _add_common(parser: argparse.ArgumentParser, role: str) -> None:
    parser.add_argument(
        "--who",
        default=None,
        metavar="LOGIN",
        help="who decides (default: your login on this machine). Nobody checks it here, unlike "
        "the desk: whoever may write to the topic is believed",
    )
    parser.add_argument(
        "--role",
        choices=get_args(Role),
        default=role,
        help="in which role. Nobody checks it here either (default: %(default)s)",
    )
    parser.add_argument(
        "--seen",
        action="append",
        type=seen_revision,
        default=None,
        metavar="ALERT_ID=REVISION",
        help="the revision that you looked at, of every open alert of the case; may be repeated "
        "(default: the newest of each, as this command reads them)",
    )


def future_time(text: str) -> datetime:
    """Return a time that is yet to come: RFC 3339, or a duration from now."""
    now = datetime.now(UTC)
    try:
        if _DURATION.fullmatch(text):
            moment = now + timedelta(seconds=seconds_of(text))
        else:
            moment = msgspec.convert(text, Moment)
    except msgspec.ValidationError:
        raise argparse.ArgumentTypeError(
            f"{text} is neither a date and time with an offset, such as 2025-06-30T00:00:00Z, nor "
            "a duration, such as 2d"
        ) from None
    except OverflowError:
        raise argparse.ArgumentTypeError(f"{text} is too far away; name a nearer time") from None
    if moment <= now:
        raise argparse.ArgumentTypeError(
            f"{text} has passed; name a time to come, or a duration such as 2d"
        )
    return moment


def seen_revision(text: str) -> tuple[str, int]:
    """Return an alert and a revision of it."""
    alert_id, sign, revision = text.rpartition("=")
    if not sign or not alert_id or not (revision.isascii() and revision.isdecimal()):
        raise argparse.ArgumentTypeError(
            f"{text} is not ALERT_ID=REVISION; `aboveboard alerts show` prints both"
        )
    return alert_id, int(revision)
