"""`aboveboard digest`: the report on what stands in Kafka, to a file or by mail."""

import argparse
import sys
from datetime import UTC, datetime
from typing import Final

from streams.broker.alerts import PublishedAlert, published_alerts
from streams.broker.batches.needed import require_codecs
from streams.broker.keeper.reading import read_cases
from streams.broker.rights_check import require_rights
from streams.broker.security import BrokerSecurity
from streams.cli.arguments import (
    add_broker_arguments,
    chosen_broker,
    chosen_security,
    since_time,
)
from streams.config.mail import read_mail_settings
from streams.errors import InvalidAlertRecord, MailNotSent
from streams.outputs.places import STDOUT
from streams.outputs.whole_files import WholeFiles, orderly_ending
from streams.printable import printable
from streams.reports.contents import Contents, contents_of
from streams.reports.findings import Findings
from streams.reports.letter import letter
from streams.reports.report_file import ReportFile
from streams.reports.smtp import send
from streams.reports.unseen import TopicRead, unseen_in_topic
from streams.wire.rights import Role
from streams.wire.topics import Topic, topic_name

NOT_ALL: Final = 1
"""Exit code when a report was written, and the mail was not taken for everybody."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command to its parser."""
    add_broker_arguments(parser)
    parser.add_argument(
        "--out",
        metavar="FILE",
        help="write the report here: a page of HTML, or text if its name ends in .txt; - for text "
        "to stdout, which is also what happens without --out and --mail",
    )
    parser.add_argument(
        "--mail",
        action="store_true",
        help="send the report as the variables ABOVEBOARD_MAIL_... say",
    )
    parser.add_argument(
        "--since",
        type=since_time,
        metavar="TIME",
        help="what counts as new or as ended: what the broker stored at this time "
        "(2025-06-30T00:00:00Z) or later, or in the last while, such as 24h",
    )
    parser.epilog = (
        "Exit code 0: done. 1: the mail was not sent. 2: the broker or the settings cannot be used."
    )


def run(arguments: argparse.Namespace) -> int:
    """Write or send the report; return 0, or 1 if the mail was not sent.

    Raises
    ------
    AboveboardError, OSError
        Settings or broker cannot be used, or the file cannot be written: then it keeps what it
        held, and nothing is sent.
    """
    mail = read_mail_settings() if arguments.mail else None
    out = STDOUT if arguments.out is None and mail is None else arguments.out
    require_codecs()
    bootstrap, prefix = chosen_broker(arguments)
    security = chosen_security()
    require_rights(bootstrap, Role.ALERTS, prefix, security)
    with orderly_ending(), WholeFiles() as files:
        file = None if out is None else ReportFile(out, files)
        contents = _contents(bootstrap, prefix, security, arguments.since)
        if file is not None:
            file.write(contents)
    sys.stdout.flush()
    if mail is None:
        return 0
    try:
        send(letter(contents, mail, datetime.now(UTC)), mail)
    except MailNotSent as error:
        sys.stderr.write(f"aboveboard digest: {printable(str(error))}\n")
        return NOT_ALL
    return 0


def _contents(bootstrap: str, prefix: str, security: BrokerSecurity, since: int | None) -> Contents:
    findings, read = Findings(), TopicRead()
    cases = read_cases(bootstrap, prefix, security)
    topic = topic_name(prefix, Topic.ALERTS_CURRENT)
    for record in published_alerts(bootstrap, topic, security=security):
        if isinstance(record, PublishedAlert):
            stored = _moment(record.stored_at)
            read.saw(stored)
            findings.add(record.alert, stored)
        elif isinstance(record, InvalidAlertRecord):
            read.strangers += 1
        else:
            findings.forget(record.key.decode(errors="replace"))
    return contents_of(
        findings,
        unseen_in_topic(read, findings.data_quality()),
        judged_until=None,
        since=None if since is None else _moment(since),
        cases=[cases[case_id] for case_id in sorted(cases)],
    )


def _moment(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1_000, UTC)
