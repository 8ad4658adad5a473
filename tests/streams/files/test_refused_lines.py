"""What is refused and names an account leaves its use unclear: nobody is told of as unused."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.alerts.alert import Alert
from detectors.basis.event_time import BEGINNING, Seconds
from detectors.basis.identifiers import AccountId
from detectors.ledger.merging.refused import REFUSED, RefusedRecords
from detectors.pipeline import Pipeline
from detectors.settings import Settings, read_settings
from streams.cli.not_used import Rejections, not_used
from streams.explain.accounts.account import AccountExplanation, account_events
from streams.files import detection as hosted
from streams.files.detection import Detection
from streams.files.events import Block, Origin
from streams.wire.dead_letter import DeadLetter
from tests.detectors.refutation import refuted

START: Final = datetime(2025, 3, 1, tzinfo=UTC)
SETTINGS: Final = read_settings({"patterns": {"unused_account": {"window": "10d"}}})
ACCOUNTS: Final = 40
END: Final = START + timedelta(days=60)

UNREADABLE: Final = (
    '"01.03.2025"',  # nobody knows which moment it is
    '"9999-12-31T00:00:00Z"',  # a placeholder
    '"1900-01-01T00:00:00Z"',
    '"2001-01-01T00:00:00Z"',  # a placeholder that is only too late
    "null",
)


def line(kind: str, account: int, day: float, rest: str, at: str | None = None) -> bytes:
    at = at or f'"{(START + timedelta(days=day)).isoformat()}"'
    return (
        f'{{"type":"{kind}","event_id":"{kind} {account}","account_id":"a-{account}",'
        f'"occurred_at":{at},{rest}}}'
    ).encode()


def sold(account: int) -> bytes:
    rest = f'"sale_id":"s-{account}","customer_id":null,"agent_id":"x","product":"p","amount":null'
    return line("sale", account, account / 4, rest)


def used(account: int, at: str | None = None, more: str = "") -> bytes:
    rest = f'"kind":"usage","initiated_by":"customer"{more}'
    return line("account_activity", account, account / 4 + 3, rest, at)


def world(uses: dict[int, bytes]) -> list[bytes]:
    """Return the sales, the uses three days after them, and quiet days at the end."""
    placed = [(account / 4, sold(account)) for account in range(ACCOUNTS)]
    placed += [(account / 4 + 3, use) for account, use in uses.items()]
    later = [
        (
            20 + n / 2,
            line(
                "account_activity",
                1_000 + n,
                20 + n / 2,
                '"kind":"usage","initiated_by":"customer"',
            ),
        )
        for n in range(60)
    ]
    return [record for _, record in sorted([*placed, *later], key=lambda one: one[0])]


def block(lines: Sequence[bytes]) -> Iterator[Block]:
    yield Block(lines, partial(Origin, "events.jsonl"))


class Run(Detection):
    """A run, its refused records, and the alerts that are open in the end."""

    def __init__(self, lines: Sequence[bytes], settings: Settings = SETTINGS) -> None:
        letters = list[DeadLetter]()
        super().__init__(settings, END, letters.append)
        self.revisions: Final = dict[str, list[Alert]]()
        for alerts in self.alerts(block(lines)):
            for alert in alerts:
                if alert.subject.type == "account":
                    self.revisions.setdefault(alert.alert_id, []).append(alert)
        self.told: Final = {told[-1].subject.id for told in self.revisions.values()}


def refused_uses_law(pipeline: type[Pipeline], data: st.DataObject) -> None:
    """Where every account is used, no record that cannot be read makes one unused."""
    uses = {
        account: used(account, data.draw(st.sampled_from([None, *UNREADABLE])))
        for account in range(ACCOUNTS)
    }
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(hosted, "Pipeline", pipeline)
        assert Run(world(uses)).told == set()


class ForgetsWhatItRefused(Pipeline):
    def refuse(self, record: bytes) -> bool:  # noqa: ARG002 - as the one that takes it in
        return False


class TakesItForSomethingElse(Pipeline):
    def refuse(self, record: bytes) -> bool:
        return super().refuse(record.replace(b'"a-', b'"b-'))


@given(st.data())
def test_a_use_that_cannot_be_read_is_not_told_as_absent(data: st.DataObject) -> None:
    refused_uses_law(Pipeline, data)


@pytest.mark.parametrize("broken", [ForgetsWhatItRefused, TakesItForSomethingElse])
def test_the_law_bites(broken: type[Pipeline]) -> None:
    assert refuted(refused_uses_law, broken, examples=3)


def test_an_explanation_follows_and_the_summary_says_how_many() -> None:
    uses = {
        account: used(account, None if account % 2 else UNREADABLE[account % 5])
        for account in range(ACCOUNTS)
        if account % 4 != 1
    }
    lines = world(uses)
    run = Run(lines)
    assert run.told == {f"a-{account}" for account in range(1, ACCOUNTS, 4)}
    assert run.counts.doubted == ACCOUNTS / 2
    told = not_used(run.counts, Rejections(), run.matches())
    assert (
        f"  {ACCOUNTS // 2} rejected records name an account: whether it was used is unclear"
        in told
    )
    refused = {
        Origin("events.jsonl", number)
        for number, record in enumerate(lines)
        if b"2001-01" in record
    }
    for alert_id, revisions in run.revisions.items():
        account = AccountId(revisions[0].subject.id)
        arrived = account_events(SETTINGS, END, block(lines), account, refused)
        explained = AccountExplanation(SETTINGS, revisions, arrived, Seconds(END.timestamp()))
        assert explained.agrees(), alert_id
    one = account_events(SETTINGS, END, block(lines), AccountId("a-6"), refused)
    assert [getattr(placed.event, "kind_as_sent", None) for placed in one] == [None, REFUSED]


@pytest.mark.parametrize(
    "more",
    [
        '"agent_id":"x","kind":"usage","initiated_by":"customer"',  # the seller keyed it
        '"result":"seller_device","kind":"usage","initiated_by":"customer"',
        '"kind":"survey","initiated_by":"customer"',
        '"kind":"usage","initiated_by":"agent"',
    ],
)
def test_what_would_have_been_no_use_excuses_nothing(more: str) -> None:
    assert "a-0" in Run(world({0: line("account_activity", 0, 3, more, UNREADABLE[0])})).told


@pytest.mark.parametrize(
    "record",
    [
        b"{",
        b"[1]",
        b'{"type":"account_activity"}',
        b'{"type":"sale","account_id":"a"}',
        b'{"type":"refund","account_id":"a"}',
        b'{"account_id":"a"}',
        b'{"type":"account_activity","account_id":"\\u0000"}',
    ],
)
def test_what_names_no_account_or_nothing_of_its_customer_tells_nothing(record: bytes) -> None:
    refused = RefusedRecords(SETTINGS.patterns.kinds_of_use())
    assert refused.told(record, None, Seconds(0.0)) is None


def test_the_topic_says_of_what_type_a_record_is() -> None:
    told = RefusedRecords(SETTINGS.patterns.kinds_of_use()).told
    record = b'{"account_id":"a"}'
    assert told(record, "account_activity", Seconds(0.0)) is not None
    assert told(record, "cancellation", Seconds(0.0)) is not None
    assert told(record, "sale", Seconds(0.0)) is None
    assert told(record, "account_activity", BEGINNING) is None
