"""`aboveboard copy-events`: the events of one prefix into another, without some records."""

import argparse
import sys
from pathlib import Path
from typing import Final

from detectors.basis.event_time import moment
from streams.broker.access import require_topics
from streams.broker.rights_check import require_rights
from streams.broker.sending.event_copier import CopyCounts, copy_events, look_through
from streams.cli.arguments import add_broker_arguments, chosen_broker, chosen_security
from streams.errors import InvalidArguments
from streams.files.settings import settings_from
from streams.stages.event_copy import OPTION, EventCopy
from streams.stages.offsets_named import offsets_named, written
from streams.stages.timing.followers import SHOWN, AheadOfFollowers, in_ranges
from streams.wire.rights import Role
from streams.wire.topics import Topic, topic_name

_DAY: Final = 86_400.0
_LISTED: Final = 20
_HEADING: Final = (
    "Records dated after most of those that follow them, the furthest first. A wrong clock, a date "
    "of the future, or events that waited: see which before you leave them out."
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command to its parser."""
    add_broker_arguments(parser)
    parser.add_argument(
        "--from", dest="source", required=True, metavar="PREFIX", help="the prefix to copy from"
    )
    parser.add_argument(
        OPTION,
        metavar="TOPIC:PARTITION:FROM-TO",
        action="append",
        default=[],
        help="leave out these records of events, by their offsets under the old prefix; may be "
        "given several times",
    )
    parser.add_argument(
        "--dry-run",
        action="store_true",
        help="copy nothing; name the records that are dated furthest after those that follow them",
    )
    parser.add_argument("--config", type=Path, metavar="FILE", help="settings file (TOML)")
    parser.epilog = (
        "The new topics must be there and empty. Start sources and workers under the new prefix "
        "once the copy is done. What is left out stands in the new dead letters."
    )


def run(arguments: argparse.Namespace) -> int:
    """Copy, or look; return 0.

    Raises
    ------
    AboveboardError
        If the topics do not fit, the offsets cannot be meant, or the broker does not serve us.
    """
    bootstrap, target = chosen_broker(arguments)
    security, source = chosen_security(), arguments.source
    settings = settings_from(arguments.config)
    require_rights(bootstrap, Role.COPY_EVENTS, source, security)
    sales = topic_name(source, Topic.SALES)
    partitions = require_topics(bootstrap, sales, security=security)[sales]
    left_out = [offsets_named(OPTION, word, source, partitions) for word in arguments.leave_out]
    copy = EventCopy(settings, source, left_out)
    if arguments.dry_run:
        counts = look_through(bootstrap, source, copy, security)
        sys.stdout.writelines(f"{line}\n" for line in _findings(*copy.followers.found()))
        sys.stderr.write(f"{_told(counts)}; nothing was copied\n")
        return 0
    if source == target:
        raise InvalidArguments(
            "a copy needs a prefix of its own: name it with --topic-prefix or "
            "ABOVEBOARD_TOPIC_PREFIX"
        )
    require_rights(bootstrap, Role.REPLAY, target, security)
    counts = copy_events(bootstrap, source, target, copy, security)
    sys.stderr.write(f"{_told(counts)}\n")
    _, ahead = copy.followers.found()
    if ahead:
        sys.stderr.write(
            f"{ahead:,} of them are dated after those that follow them: --dry-run names them\n"
        )
    return 0


def _told(counts: CopyCounts) -> str:
    reasons = ", ".join(f"{number:,} {reason}" for reason, number in counts.left_out.items())
    return f"{counts.copied:,} events to copy, {reasons or 'none'} left out"


def _findings(found: list[AheadOfFollowers], number: int) -> list[str]:
    """Return what is to be said of records dated after their followers."""
    if not found:
        return ["No record is dated after those that follow it by more than time.allowed_lateness."]
    lines = [_HEADING, ""]
    for one in found[:_LISTED]:
        place = written((one.topic, one.partition, one.offset, one.offset))
        lines.append(f"{place}  {moment(one.at).isoformat()}  {one.by / _DAY:.2f} d ahead")
    if number > _LISTED:
        lines.append(f"and {number - _LISTED:,} more")
    kept = f"the furthest {SHOWN}" if number > SHOWN else "all of them"
    options = " ".join(f"{OPTION} {written(place)}" for place in in_ranges(found))
    return [*lines, "", f"To leave out {kept}:", options]
