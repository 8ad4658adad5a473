"""`aboveboard alerts decide`: writes down what a person decides about a case.

Whether it counts is for the fold to say that reads the decisions (`detectors.cases`). Refused here
is only what is wrong whatever the case has come to, so that nothing of it stands on the record.
"""

import argparse
import getpass
import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Final
from uuid import uuid4

import msgspec

from detectors.cases.case import Proposal
from detectors.cases.words import kind_of
from detectors.events.decision import Approve, Assign, Decision, Note, Propose, Reject
from detectors.reading.identifiers import unseen_character
from streams.broker.alerts import current_alerts
from streams.cli.alerts.alert_topics import AlertTopics
from streams.cli.alerts.case_alerts import CaseAlerts, shell_word
from streams.cli.alerts.decision_arguments import add_kinds
from streams.cli.alerts.sheet import proposal_in_words
from streams.cli.alerts.strangers import without_strangers
from streams.errors import InvalidDecision
from streams.printable import printable
from streams.wire.topics import Topic, topic_name

_decode: Final = msgspec.json.Decoder(Decision).decode

_ARGUMENTS: Final = (
    "assignee",
    "explanation",
    "kind",
    "outcome",
    "proposal",
    "reason",
    "role",
    "until",
    "words",
)
"""Arguments that are fields of a decision."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the action to its parser."""
    parser.epilog = (
        "A decision is kept for ever, under your login. Whether it counts is told by `aboveboard "
        "alerts show`: two people must close a case, on the newest revisions."
    )
    parser.add_argument(
        "any_id",
        metavar="CASE_ID|ALERT_ID",
        help="the case, or one of its alerts, as `aboveboard alerts show` prints them",
    )
    add_kinds(parser)


def run(arguments: argparse.Namespace, topics: AlertTopics) -> int:
    """Write a decision, and say where it will be seen; return 0.

    Raises
    ------
    AlertNotFound
        If there is no such alert and no such case.
    InvalidDecision
        If it is plainly wrong; nothing was written then.
    """
    current = current_alerts(without_strangers(topics.alerts(Topic.ALERTS_CURRENT)))
    known = CaseAlerts.of(arguments.any_id, (published.alert for published in current))
    answered: Proposal | None = None
    if arguments.kind in ("approve", "reject") and arguments.proposal is None:
        answered = _waiting_proposal(topics, known.case_id)
        arguments.proposal = answered.decision_id
    asked = {name: getattr(arguments, name) for name in _ARGUMENTS if hasattr(arguments, name)}
    decision = made(
        asked
        | {
            "decision_id": uuid4().hex,
            "case_id": known.case_id,
            "occurred_at": datetime.now(UTC),
            "who": login() if arguments.who is None else arguments.who,
            "seen": dict(arguments.seen or ((a.alert_id, a.revision) for a in known.rests_on())),
        }
    )
    refuse_what_was_not_seen(decision, known)
    place = topics.store(decision)
    shown = shell_word((known.named or known.alerts[0]).alert_id)
    lines = [
        f"Written: {kind_of(decision)} by {decision.who} ({decision.role}).",
        f"It is {decision.decision_id} in {place}, about case {decision.case_id}.",
        *(f"Seen: {sentence}" for sentence in _seen(decision, known)),
        *_sequel(decision, answered),
        f"Once judged, it stands in {topic_name(topics.prefix, Topic.CASES_CURRENT)}.",
        f"See whether it counts, and why not: aboveboard alerts show {shown}",
    ]
    sys.stdout.writelines(f"{printable(line)}\n" for line in lines)
    return 0


def made(fields: Mapping[str, object]) -> Decision:
    """Return the decision that has these fields.

    Raises
    ------
    InvalidDecision
        If it can be none; says why, and the remedy.
    """
    given = {name: value for name, value in fields.items() if value is not None}
    given |= {"assignee": fields["assignee"]} if "assignee" in fields else {}
    try:
        decision: Decision = _decode(msgspec.json.encode(given))
    except msgspec.ValidationError as error:
        raise InvalidDecision(f"this is no decision that can be kept: {error}") from None
    except UnicodeError:
        raise InvalidDecision("an argument is no valid UTF-8; write it anew") from None
    for name, text in _texts(decision):
        if not text.strip():
            raise InvalidDecision(f"{name} is blank; say something")
        if (unseen := unseen_character(text.replace("\n", " "))) is not None:
            raise InvalidDecision(
                f"{name} holds the character U+{ord(unseen):04X}, which nobody sees; leave it out"
            )
    if isinstance(decision, Propose):
        _refuse_wrong_explanation(decision)
    return decision


def refuse_what_was_not_seen(decision: Decision, known: CaseAlerts) -> None:
    """Raise InvalidDecision if it names what is not there, or rests on what has changed."""
    newest = {alert.alert_id: alert for alert in known.alerts}
    for alert_id, revision in decision.seen.items():
        if alert_id not in newest:
            raise InvalidDecision(
                f"--seen: alert {alert_id} is none of case {known.case_id}; its alerts are "
                f"{', '.join(newest)}"
            )
        if revision > newest[alert_id].revision:
            raise InvalidDecision(
                f"--seen: alert {alert_id} has no revision {revision} yet; its newest is "
                f"{newest[alert_id].revision}"
            )
    if isinstance(decision, Note | Assign):
        return  # they rest on no evidence
    for alert in known.alerts:
        seen = decision.seen.get(alert.alert_id)
        if seen != alert.revision and (seen is not None or alert.status == "open"):
            was = "was not seen" if seen is None else f"was seen in revision {seen}"
            raise InvalidDecision(
                f"alert {alert.alert_id} {was}, and its newest is {alert.revision}: look at it "
                f"first, with aboveboard alerts show {shell_word(alert.alert_id)}"
            )


def _refuse_wrong_explanation(decision: Propose) -> None:
    honest = decision.outcome == "honest"
    if honest and decision.explanation is None:
        raise InvalidDecision(
            "say why an honest agent looks like this: --explanation NAME, one of "
            "cases.explanations in the settings"
        )
    if not honest and decision.explanation is not None:
        raise InvalidDecision(
            f"--explanation is for an honest agent; leave it out of a proposal of "
            f"{decision.outcome}, and say it in --note"
        )


def _waiting_proposal(topics: AlertTopics, case_id: str) -> Proposal:
    case = topics.case(case_id)
    if case is None or case.proposal is None:
        raise InvalidDecision(
            f"no proposal waits for case {case_id} in cases-current. If one was just made, name "
            "it with --proposal, by the id that `propose` printed"
        )
    return case.proposal


def login() -> str:
    """Return who is logged in on this machine; raises InvalidDecision if they have no name."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a user without a name, as in a container
        raise InvalidDecision(
            "this machine has no login for you; say who decides with --who LOGIN"
        ) from None


def _texts(decision: Decision) -> Iterator[tuple[str, str]]:
    """Yield what a person wrote, under the name of the option."""
    options = {"words": "the note", "assignee": "--to"}
    for name in decision.__struct_fields__:
        value = getattr(decision, name)
        if isinstance(value, str):
            yield options.get(name, f"--{name}"), value
    yield from (("--seen", alert_id) for alert_id in decision.seen)


def _seen(decision: Decision, known: CaseAlerts) -> Iterator[str]:
    for alert in known.alerts:
        revision = decision.seen.get(alert.alert_id)
        if revision is not None:
            yield (
                f"alert {alert.alert_id} revision {revision} ({alert.severity}, {alert.status}): "
                f"{alert.summary}"
            )


def _sequel(decision: Decision, answered: Proposal | None) -> Iterator[str]:
    if isinstance(decision, Propose):
        yield (
            "Another person closes the case: aboveboard alerts decide "
            f"{decision.case_id} approve --proposal {decision.decision_id}"
        )
    elif isinstance(decision, Approve | Reject):
        said = "" if answered is None else f": {proposal_in_words(answered)}"
        yield f"It answers the proposal {decision.proposal}{said}"
