"""`aboveboard forget`: erases what is ours about an account, and looks where its id stands."""

import argparse
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

from streams.broker.batches.needed import require_codecs
from streams.broker.erasing import KafkaLogs
from streams.broker.rights_check import require_rights
from streams.cli.arguments import add_broker_arguments, chosen_broker, chosen_security
from streams.erasure.erase import carry_out, plan_of
from streams.erasure.needle import Needle
from streams.erasure.search import Leftover, search
from streams.erasure.words import APPLY, counted, is_overdue, leftover_lines, plan_lines
from streams.errors import BrokerError, BrokerRefused
from streams.files.open_file import opened
from streams.files.settings import settings_from
from streams.printable import printable
from streams.wire.rights import Role
from streams.wire.topics import CATALOGUE, Topic

LEFT: Final = 1
"""Exit code where something stands that nothing removes, or nobody knows when."""

_OVERVIEW: Final = """\
Removes what Aboveboard wrote about an account: its alerts and its case as they stand, and dead
letters that name it. Then reads every topic through for the id, and says of each place what removes
it and when. Without --yes nothing is removed."""

_GRAVES: Final = "delete.retention.ms"
_ERASED: Final = (Topic.ALERTS_CURRENT, Topic.COMMISSION_ACTIONS, Topic.CASES_CURRENT)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command to its parser."""
    parser.description = _OVERVIEW
    parser.epilog = (
        "Exit code 0: the id stands nowhere, or only where it goes by a date that is told. Exit "
        "code 1: it stands elsewhere too, or an open alert holds everything back."
    )
    parser.add_argument("account", type=_account, metavar="ACCOUNT", help="the id of the account")
    parser.add_argument("--yes", action="store_true", help="do it; without it, say what would be")
    parser.add_argument(
        "--config",
        type=Path,
        metavar="FILE",
        help="settings file (TOML) of the workers: it says how long they remember an account",
    )
    parser.add_argument(
        "--search",
        nargs="+",
        default=[],
        metavar="FILE",
        help="look into these files too, packed ones as well; nothing is changed there",
    )
    add_broker_arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    """Do what was asked.

    Raises
    ------
    AboveboardError
        If a package that unpacks batches is missing, or the broker does not serve us.
    """
    require_codecs()
    bootstrap, prefix = chosen_broker(arguments)
    security, settings = chosen_security(), settings_from(arguments.config)
    require_rights(bootstrap, Role.FORGET, prefix, security)
    needle, logs = Needle(arguments.account), KafkaLogs(bootstrap, prefix, security)
    _require_graves(logs)
    plan = plan_of(needle, logs)
    word, failed = "to erase", False
    if arguments.yes and not plan.held:
        try:
            carry_out(plan, needle, logs, prefix)
            word = "erased"
        except BrokerError as error:
            word, failed = "tried", True
            sys.stderr.write(f"aboveboard forget: {printable(str(error))}\n")
    _say(plan_lines(plan, word))
    found, now = search(needle, logs, settings), round(1_000 * time.time())
    _say(leftover_lines(found, prefix, bootstrap, now))
    in_files = list(_in_files(needle, arguments.search))
    _say(in_files)
    staying = [one for one in found if one.goes_at is None or is_overdue(one, now)]
    _say([_conclusion(found, staying, len(in_files))])
    return LEFT if failed or plan.held or staying or in_files else 0


def _account(text: str) -> str:
    if not text.strip():
        raise argparse.ArgumentTypeError("an id has at least one character")
    return text.strip()


def _require_graves(logs: KafkaLogs) -> None:
    """Raise where a tombstone would be gone before everybody has read it."""
    wanted = {plan.topic: plan.settings for plan in CATALOGUE}
    for topic, settings in logs.settings().items():
        kept = wanted[topic].get(_GRAVES, "0")
        if topic in _ERASED and int(settings.get(_GRAVES, kept)) < int(kept):
            raise BrokerRefused(
                f"{topic} keeps tombstones for {settings[_GRAVES]} ms only: what is erased would "
                f"come back from the history of alerts. Run {APPLY} first, with the numbers of "
                "partitions that the topics have"
            )


def _in_files(needle: Needle, paths: Sequence[str]) -> Iterator[str]:
    for path in paths:
        with opened(path) as file:
            lines = sum(needle.in_bytes(line) for some in file.lines() for line in some)
            if file.hole:
                yield file.hole
        if lines:
            yield f"{path}  {counted(lines, 'line')}  stays  a file is yours to change"


def _conclusion(found: Sequence[Leftover], staying: Sequence[Leftover], in_files: int) -> str:
    if not found and not in_files:
        return "The id stands nowhere."
    if not staying and not in_files:
        return "What is left goes by itself, by the dates above."
    places = [one.topic.value for one in staying] + ["files"] * bool(in_files)
    return f"Without a date: {', '.join(dict.fromkeys(places))}."


def _say(lines: Iterable[str]) -> None:
    sys.stdout.writelines(f"{printable(line)}\n" for line in lines)
