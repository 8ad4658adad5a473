"""`aboveboard forget` on a broker: what is ours is gone, and what is left is found."""

import io
import json
from contextlib import redirect_stdout
from pathlib import Path

import msgspec
import pytest

from detectors.alerts.alert import Subject
from streams.cli.main import main
from streams.wire.case_record import case_record
from streams.wire.topics import Topic, topic_name
from tests.brokers.selection import AvailableBroker
from tests.streams.broker.published_alerts import alert_of, bytes_of, produce
from tests.streams.cli.alerts.cases_at_hand import case_of
from tests.streams.dead_letters.letter_installation import Refuser
from tests.streams.hostile_corpus import sale

pytestmark = pytest.mark.integration

GONE = "acc/1"
TOUCHED = (Topic.DEAD_LETTERS, Topic.ALERTS_CURRENT, Topic.CASES_CURRENT)


@pytest.fixture
def installation(any_broker: AvailableBroker) -> Refuser:
    """Return topics with events, letters, an alert and its case of two accounts each."""
    found = Refuser(any_broker.bootstrap)
    for number, account in enumerate((GONE, "acc/12")):
        alert = msgspec.structs.replace(
            alert_of(number),
            subject=Subject("account", account),
            status="withdrawn",
            summary=f"Account {account} was never used.",
        )
        key, value, _ = case_record(case_of(alert))
        told = {
            Topic.ALERTS: (alert.alert_id.encode(), bytes_of(alert)),
            Topic.ALERTS_CURRENT: (alert.alert_id.encode(), bytes_of(alert)),
            Topic.CASES_CURRENT: (key, value),
        }
        for topic, record in told.items():
            produce(found.bootstrap, topic_name(found.prefix, topic), [record])
        found.send(
            Topic.SALES,
            [
                (account.encode(), sale(account_id=json.dumps(account))),
                (account.encode(), b"sale;" + account.encode() + b";12,50"),
            ],
        )
    found.work(twice=True)
    return found


def forget(installation: Refuser, *words: str) -> tuple[int, list[str]]:
    said = io.StringIO()
    with redirect_stdout(said):
        code = main(["forget", *words, *installation.place()])
    return code, said.getvalue().splitlines()


def letters(installation: Refuser) -> set[tuple[object, ...]]:
    """Return what there is to know of each letter, wherever it lies."""
    return {
        (one.key, one.value, tuple(one.headers)) for one in installation.records(Topic.DEAD_LETTERS)
    }


def test_what_is_ours_is_erased_and_what_is_left_is_told(
    installation: Refuser, any_broker: AvailableBroker, tmp_path: Path
) -> None:
    before, all_letters = {t: installation.records(t) for t in TOUCHED}, letters(installation)
    code, said = forget(installation, GONE)
    assert code == 1
    assert [line for line in said if line.startswith("to erase")] == [
        "to erase 1 alert in alerts-current",
        "to erase 1 case in cases-current",
        "to erase 2 records in dead-letters",
    ]
    assert {t: installation.records(t) for t in TOUCHED} == before

    file = tmp_path / "alerts.jsonl"
    file.write_text(f'{{"subject": "{GONE}"}}\n{{"subject": "acc/12"}}\n')
    code, said = forget(installation, GONE, "--yes", "--search", str(file))
    assert code == 1
    text = "\n".join(said)
    assert f"{file}  1 line  stays" in text
    assert "kafka-delete-records.sh" in text
    for topic in TOUCHED[1:]:
        records = installation.records(topic)
        assert [one.key for one in records if one.value is None] == [before[topic][0].key]
        assert any(line.startswith(f"{topic} ") and "compaction" in line for line in said)
    others = {one for one in all_letters if one[0] == b"acc/12"}
    assert others
    if any_broker.kind == "embedded":  # it deletes no records, and the search says what is left
        assert any(line.startswith("dead-letters ") and "stays" in line for line in said)
        assert "dead-letters" in said[-1]
    else:
        assert letters(installation) == others
        assert "dead-letters" not in said[-1]
    assert forget(installation, "nobody") == (0, NOTHING)


NOTHING = [
    "to erase 0 alerts in alerts-current",
    "to erase 0 cases in cases-current",
    "to erase 0 records in dead-letters",
    "The id stands nowhere.",
]
