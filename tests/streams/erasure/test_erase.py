"""The law of erasure: nothing of the account is left where it is ours, and all of the others is."""

from collections.abc import Callable, Iterable, Mapping
from typing import Final

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.alerts.alert import Alert, Status, Subject
from detectors.basis.identifiers import AccountId
from detectors.commission.action import CommissionAction
from detectors.settings import Settings
from streams.contract.examples import examples
from streams.dead_letters.book import LetterBook
from streams.erasure.erase import Plan, carry_out, plan_of
from streams.erasure.logs import Logs
from streams.erasure.needle import Needle
from streams.erasure.search import Remover, search
from streams.wire.case_record import case_record
from streams.wire.dead_letter import DeadLetter
from streams.wire.record import Written
from streams.wire.topics import Topic
from tests.detectors.refutation import refuted
from tests.streams.broker.published_alerts import alert_of, bytes_of
from tests.streams.cli.alerts.cases_at_hand import case_of
from tests.streams.erasure.memory_logs import PREFIX, MemoryLogs

ERASED: Final = "a-1"
ACCOUNTS: Final = (ERASED, "a-2", "a-12")
CURRENT: Final = (Topic.ALERTS_CURRENT, Topic.COMMISSION_ACTIONS, Topic.CASES_CURRENT)

CarryOut = Callable[[Plan, Needle, Logs, str], None]

Play = tuple[str, int, int, Status]

steps: Final[st.SearchStrategy[list[Play]]] = st.lists(
    st.tuples(
        st.sampled_from(("letter", "foreign", "alert", "agent")),
        st.integers(0, len(ACCOUNTS) - 1),
        st.integers(0, 1),
        st.sampled_from(("resolved", "withdrawn")),
    ),
    max_size=25,
)


def account_alert(number: int, status: Status) -> Alert:
    account = ACCOUNTS[number]
    return msgspec.structs.replace(
        alert_of(number),
        subject=Subject("account", account),
        status=status,
        summary=f"Account {account} (card) was never used.",
    )


def put_alert(logs: MemoryLogs, alert: Alert) -> None:
    logs.put(Topic.ALERTS, alert.alert_id.encode(), bytes_of(alert))
    logs.put(Topic.ALERTS_CURRENT, alert.alert_id.encode(), bytes_of(alert))
    key, value, headers = case_record(case_of(alert))
    logs.put(Topic.CASES_CURRENT, key, value, headers)
    if alert.subject.type == "account":
        logs.put(
            Topic.COMMISSION_ACTIONS, alert.alert_id.encode(), msgspec.json.encode(paid(alert))
        )


def paid(alert: Alert) -> CommissionAction:
    """Return what becomes of the commission of a sale on the account of an alert."""
    [shown, *_] = examples()["CommissionAction"]
    action = msgspec.convert(shown.payload, CommissionAction)
    return msgspec.structs.replace(action, account_id=AccountId(alert.subject.id))


def played(plays: list[Play]) -> MemoryLogs:
    logs = MemoryLogs()
    for what, number, place, status in plays:
        account = ACCOUNTS[number]
        match what:
            case "letter":
                record = b'{"account_id": "%b", "n": %d}' % (account.encode(), place)
                letter = DeadLetter(
                    reason="not_json",
                    detail="",
                    source="sales",
                    partition=0,
                    offset=place,
                    record=record,
                )
                logs.put_letter(letter, account.encode(), place)
            case "foreign":
                logs.put(Topic.DEAD_LETTERS, b"k", account.encode(), partition=place)
            case "alert":
                put_alert(logs, account_alert(number, status))
            case _:
                put_alert(logs, alert_of(number + 10))
    return logs


def letters(logs: MemoryLogs) -> Mapping[str, tuple[object, ...]]:
    """Return what can be said of the letters of others, when they came aside."""
    book = LetterBook(PREFIX)
    for record in logs.records(Topic.DEAD_LETTERS):
        if not Needle(ERASED).in_record(record):
            book.add(record)
    return {
        one.letter_id: (one.latest, one.kept, one.key, one.sealed, one.locations)
        for one in book.letters()
    }


def current(logs: MemoryLogs, topic: Topic) -> dict[bytes | None, bytes | None]:
    return {one.key: one.value for one in logs.records(topic)}


def law(erase: CarryOut, plays: list[Play]) -> None:
    logs, needle = played(plays), Needle(ERASED)
    others, before = letters(logs), {t: current(logs, t) for t in Topic}
    plan = plan_of(needle, logs)
    erase(plan, needle, logs, PREFIX)

    assert not any(map(needle.in_record, logs.records(Topic.DEAD_LETTERS)))
    assert letters(logs) == others
    for topic in CURRENT:
        for key, value in current(logs, topic).items():
            held_it = needle.in_bytes(before[topic][key])
            assert value == (None if held_it else before[topic][key])
    for topic in set(Topic) - {Topic.DEAD_LETTERS, *CURRENT}:
        assert current(logs, topic) == before[topic]
    left = {(one.topic, one.remover) for one in search(needle, logs, Settings())}
    assert left <= {
        (Topic.ALERTS, Remover.NOBODY),
        *((topic, Remover.COMPACTION) for topic in CURRENT),
    }
    assert not plan_of(needle, logs).alerts
    erase(plan_of(needle, logs), needle, logs, PREFIX)  # once more does no harm
    assert letters(logs) == others


@given(steps)
def test_what_is_ours_is_gone_and_what_is_others_is_as_it_was(
    plays: list[Play],
) -> None:
    law(carry_out, plays)


def skips_letters(plan: Plan, needle: Needle, logs: Logs, prefix: str) -> None:
    carry_out(msgspec.structs.replace(plan, ends={}), needle, logs, prefix)


def stores_no_copies(plan: Plan, needle: Needle, logs: Logs, prefix: str) -> None:
    skips_letters(plan, needle, logs, prefix)
    logs.delete_before(Topic.DEAD_LETTERS, plan.ends)


class Bare:
    """Stores what it is given without headers."""

    def __init__(self, logs: Logs) -> None:
        self._logs: Final = logs
        self.settings: Final = logs.settings
        self.records: Final = logs.records
        self.delete_before: Final = logs.delete_before

    def write(self, topic: Topic, records: Iterable[Written]) -> None:
        self._logs.write(topic, [one._replace(headers=[]) for one in records])


def loses_the_seals(plan: Plan, needle: Needle, logs: Logs, prefix: str) -> None:
    carry_out(plan, needle, Bare(logs), prefix)


def leaves_the_case(plan: Plan, needle: Needle, logs: Logs, prefix: str) -> None:
    carry_out(msgspec.structs.replace(plan, cases={}), needle, logs, prefix)


def leaves_commissions(plan: Plan, needle: Needle, logs: Logs, prefix: str) -> None:
    carry_out(msgspec.structs.replace(plan, commissions={}), needle, logs, prefix)


@pytest.mark.parametrize(
    "broken",
    [skips_letters, stores_no_copies, loses_the_seals, leaves_the_case, leaves_commissions],
)
def test_the_law_finds_what_erases_too_little_or_too_much(broken: CarryOut) -> None:
    def drawn(erase: CarryOut, data: st.DataObject) -> None:
        law(erase, data.draw(steps))

    assert refuted(drawn, broken)


def test_nothing_is_erased_while_people_have_to_look() -> None:
    logs, needle = played([("letter", 0, 0, "resolved")]), Needle(ERASED)
    put_alert(logs, account_alert(0, "open"))
    plan = plan_of(needle, logs)
    assert [one.alert_id for one in plan.held] == ["id0000"]
    before = {topic: list(logs.records(topic)) for topic in Topic}
    carry_out(plan, needle, logs, PREFIX)
    assert {topic: list(logs.records(topic)) for topic in Topic} == before

    closed = msgspec.structs.replace(case_of(account_alert(0, "open"), 2), state="closed")
    logs.put(Topic.CASES_CURRENT, *case_record(closed))
    plan = plan_of(needle, logs)
    assert not plan.held
    carry_out(plan, needle, logs, PREFIX)
    assert set(current(logs, Topic.ALERTS_CURRENT).values()) == {None}
