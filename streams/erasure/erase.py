"""What is ours about an account, and its removal.

Alerts about the account, its case and its commissions get tombstones. Dead letters that name it are
deleted with everything before them, as Kafka deletes; the letters of others are stored once more at
the end first, byte for byte under their seals, so that they stay the same letters. A process that
dies in between leaves some of them twice, which is one letter (`streams.dead_letters.book`).

Nothing is removed while people still have to look: one person must not make a finding vanish that
two people would have to close.
"""

from collections.abc import Callable, Iterator
from typing import Final, TypeVar

import msgspec
from msgspec import Struct, field

from detectors.alerts.alert import Alert, Subject
from detectors.cases.case import Case
from detectors.commission.action import CommissionAction
from streams.erasure.logs import Logs
from streams.erasure.needle import Needle
from streams.wire.case_record import erased_case
from streams.wire.record import LocatedRecord, Written
from streams.wire.topics import Topic, topic_name

_UNREADABLE: Final = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)

_Kind = TypeVar("_Kind")

_alert: Final = msgspec.json.Decoder(Alert).decode
_action: Final = msgspec.json.Decoder(CommissionAction).decode
_case: Final = msgspec.json.Decoder(Case).decode


class Held(Struct, frozen=True):
    """An alert about the account on which people have not decided."""

    alert_id: str
    summary: str


class Plan(Struct):
    """What is to be removed of an account.

    Attributes
    ----------
    alerts, cases, commissions
        The latest record under each key that is about the account.
    letters
        How many dead letters name it.
    ends
        Of each partition of dead letters that holds some, the offset after the last of them.
    copies
        How many letters of others stand before that.
    held
        Why nothing is removed, if there is a reason.
    """

    alerts: dict[bytes, LocatedRecord] = field(default_factory=dict)
    cases: dict[bytes, tuple[LocatedRecord, Case]] = field(default_factory=dict)
    commissions: dict[bytes, LocatedRecord] = field(default_factory=dict)
    letters: int = 0
    ends: dict[int, int] = field(default_factory=dict)
    copies: int = 0
    held: list[Held] = field(default_factory=list)


def plan_of(needle: Needle, logs: Logs) -> Plan:
    """Return what is to be removed; raises BrokerError if the topics cannot be read."""
    plan = Plan()
    subject = Subject("account", needle.account_id)
    there = logs.settings()
    alerts = _latest(logs, Topic.ALERTS_CURRENT, _alert) if Topic.ALERTS_CURRENT in there else {}
    cases = _latest(logs, Topic.CASES_CURRENT, _case) if Topic.CASES_CURRENT in there else {}
    plan.cases = {key: one for key, one in cases.items() if one[1].subject == subject}
    decided = any(case.state == "closed" for _, case in plan.cases.values())
    for key, (record, alert) in alerts.items():
        if alert.subject != subject:
            continue
        plan.alerts[key] = record
        if alert.status == "open" and not decided:
            plan.held.append(Held(alert.alert_id, alert.summary))
    if Topic.COMMISSION_ACTIONS in there:
        for key, (record, action) in _latest(logs, Topic.COMMISSION_ACTIONS, _action).items():
            if action.account_id == needle.account_id:
                plan.commissions[key] = record
    if Topic.DEAD_LETTERS in there:
        _plan_letters(plan, needle, logs)
    return plan


def carry_out(plan: Plan, needle: Needle, logs: Logs, prefix: str) -> None:
    """Remove what the plan says; nothing if it is held.

    Raises
    ------
    BrokerError
        The broker did not do all of it. Whoever runs it again goes on.
    """
    if plan.held:
        return
    current = (Topic.ALERTS_CURRENT, plan.alerts), (Topic.COMMISSION_ACTIONS, plan.commissions)
    for topic, records in current:
        if records:
            tombstones = [Written(one.partition, key, None, []) for key, one in records.items()]
            logs.write(topic, tombstones)
    if plan.cases:
        place = topic_name(prefix, Topic.CASES_CURRENT)
        graves = [
            Written(record.partition, key, None, erased_case(place, key, case.version))
            for key, (record, case) in plan.cases.items()
        ]
        logs.write(Topic.CASES_CURRENT, graves)
    if plan.ends:
        logs.write(Topic.DEAD_LETTERS, _letters_of_others(plan, needle, logs))
        logs.delete_before(Topic.DEAD_LETTERS, plan.ends)


def _plan_letters(plan: Plan, needle: Needle, logs: Logs) -> None:
    before: dict[int, int] = {}
    for record in logs.records(Topic.DEAD_LETTERS):
        if needle.in_record(record):
            plan.letters += 1
            plan.ends[record.partition] = record.offset + 1
            plan.copies += before.pop(record.partition, 0)
        else:
            before[record.partition] = before.get(record.partition, 0) + 1


def _letters_of_others(plan: Plan, needle: Needle, logs: Logs) -> Iterator[Written]:
    left = dict(plan.ends)
    for record in logs.records(Topic.DEAD_LETTERS):
        if record.offset >= left.get(record.partition, 0) or needle.in_record(record):
            continue
        headers = [(name, content or b"") for name, content in record.headers]
        yield Written(record.partition, record.key, record.value, headers)


def _latest(
    logs: Logs, topic: Topic, decode: Callable[[bytes], _Kind]
) -> dict[bytes, tuple[LocatedRecord, _Kind]]:
    """Return the latest record under each key of a topic, where it is one of ours."""
    latest: dict[bytes, tuple[LocatedRecord, _Kind]] = {}
    for record in logs.records(topic):
        key = record.key or b""
        latest.pop(key, None)
        try:
            if record.value is not None:
                latest[key] = record, decode(record.value)
        except _UNREADABLE:
            continue  # of another program: the search finds what it holds
    return latest
