"""Alerts of a month, and what three people decide about them, as they stand in the topics."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from random import Random
from typing import Final

import msgspec
from msgspec import structs

from detectors.alerts.alert import Alert, Subject
from detectors.cases.book import CaseBook
from detectors.cases.case import SEVERITIES, case_id_of
from detectors.events.decision import Decision
from detectors.settings import CaseSettings
from streams.stages.actors.alert_records import alert_records
from streams.wire.case_record import case_record
from streams.wire.decision_record import decision_record
from streams.wire.topics import Topic
from tests.detectors.cases.people import SPELLINGS, at, revision
from tests.detectors.cases.test_book import alert_of
from tests.integration.installation import Installation

AGENTS: Final = 60
LAST: Final = at(24 * 30)


def alerts(seed: int = 1) -> list[Alert]:
    """Return revisions of one or two alerts about each agent, in the order of time."""
    chance = Random(seed)  # noqa: S311 - to choose what happens, not to keep a secret
    told = []
    for agent in range(AGENTS):
        subject = Subject("agent", f"agent-{agent}")
        for pattern in ("quick_cancellation", "unused_account")[: chance.choice((1, 1, 2))]:
            observed = 4
            for number in range(1, chance.choice((2, 3, 5))):
                one = revision(
                    f"{pattern}-{agent}",
                    number,
                    24 * number + chance.random(),
                    severity=SEVERITIES[min(2, number)],
                    status="withdrawn" if number == 4 else "open",
                    observed=observed,
                    pattern=pattern,
                )
                observed += chance.choice((1, observed))
                place = {"team": f"team-{agent % 7}", "site": f"site-{agent % 3}"}
                told.append(alert_of(structs.replace(one, **place), subject))
    return sorted(told, key=lambda alert: alert.updated_at)


def decisions(told: Sequence[Alert], seed: int = 2) -> list[Decision]:
    """Return decisions on the newest revisions: most count, some are refused."""
    chance = Random(seed)  # noqa: S311 - as above
    people = [chance.choice(spelt) for spelt in SPELLINGS.values() for _ in range(4)]
    decided = []
    for agent in range(AGENTS):
        subject = Subject("agent", f"agent-{agent}")
        about = [alert for alert in told if alert.subject == subject]
        if not about:
            continue
        kinds = ("acknowledge", "note", "propose", "approve", "approve", "snooze", "reopen")
        for number, kind in enumerate(kinds if agent % 5 == 0 else kinds[:-1]):
            moment = LAST - timedelta(hours=len(kinds) - number)
            decided.append(
                _decision(
                    {
                        "kind": kind,
                        "decision_id": f"{agent}-{number}",
                        "case_id": case_id_of(subject),
                        "occurred_at": moment,
                        "who": chance.choice(people),
                        "role": "approver",
                        "seen": {
                            alert.alert_id: alert.revision
                            for alert in about
                            if chance.random() > 0.02 or alert.revision == 1
                        },
                        "until": moment + timedelta(days=2),
                        "proposal": f"{agent}-2",
                        "outcome": chance.choice(("confirmed", "unclear")),
                        "reason": "A campaign.",
                        "words": "I called three customers.",
                    }
                )
            )
    return decided


def _decision(fields: dict[str, object]) -> Decision:
    decision: Decision = msgspec.convert(fields, Decision)
    return decision


def send_alerts(installation: Installation, told: Sequence[Alert]) -> None:
    with installation.producer() as producer:
        for alert in told:
            for output in alert_records(alert):
                producer.send(
                    installation.name(output.topic),
                    output.value,
                    output.key,
                    headers=[*output.headers],
                )


def send_decisions(installation: Installation, decided: Sequence[Decision]) -> None:
    with installation.producer() as producer:
        for decision in decided:
            record = decision_record(decision)
            producer.send(
                installation.name(Topic.DECISIONS), record.value, record.key, headers=record.headers
            )


def expected(told: Sequence[Alert], decided: Sequence[Decision]) -> dict[bytes, bytes]:
    """Return what `cases-current` must hold at the end, by key: what `aboveboard detect` writes."""
    book = CaseBook(CaseSettings())
    for alert in told:
        book.add_alert(alert)
    for decision in decided:
        book.add_decision(decision)
    records = (case_record(case) for case in book.cases())
    return {record.key: record.value for record in records}


def current(installation: Installation) -> dict[bytes, bytes]:
    """Return what `cases-current` holds, the last record of each key."""
    return {record.key: record.value for record in installation.records(Topic.CASES_CURRENT)}


def in_pieces(messages: Sequence[Decision], size: int) -> Iterator[Sequence[Decision]]:
    for first in range(0, len(messages), size):
        yield messages[first : first + size]
