"""What followed on a sale is shown, however much came before it, and however oddly it was sent."""

from datetime import timedelta
from pathlib import Path
from typing import Final

import msgspec
import pytest

from detectors.settings import Settings
from streams.desk.casefile import sales
from streams.desk.casefile.sales import MOST_STEPS, SalesNamed, SalesReader
from streams.desk.model.intake import Told
from streams.desk.model.read_model import ReadModel
from streams.wire.topics import Topic
from tests.streams.desk.desk_at_hand import TOLD
from tests.streams.desk.event_records import START, event

ALERT: Final = msgspec.structs.replace(TOLD[0], event_ids=("sold",))
SOLD: Final = {
    "event_id": "sold",
    "sale_id": "s",
    "customer_id": None,
    "agent_id": "anna",
    "product": "card",
    "amount": None,
}


def used(hours: int, **fields: object) -> Told:
    """Return a use of the account."""
    said = {"event_id": f"use {hours}", "kind": "usage", "initiated_by": "customer", **fields}
    return event(Topic.ACCOUNT_ACTIVITY, START + timedelta(hours=hours), **said)


def named_by(folder: Path, records: list[Told]) -> SalesNamed:
    with ReadModel(folder / "model.sqlite") as model:
        model.take_in(records)
        return SalesReader(model, Settings()).named_by(ALERT)


def busy() -> list[Told]:
    """Return a sale on an account with a thousand uses before it, and one after it."""
    before = [used(-1_100 + hour) for hour in range(1_000)]
    return [*before, event(Topic.SALES, START, **SOLD), used(5)]


def test_a_use_is_shown_whatever_came_before_the_sale(tmp_path: Path) -> None:
    (line,) = named_by(tmp_path, busy()).lines
    assert [step.what for step in line.steps] == ["usage"]
    assert line.more == 0


def test_a_reader_that_begins_at_the_first_event_is_caught(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begins = "account_id = ? AND ? <> '' AND occurred_at >= min(?, 0)"
    monkeypatch.setattr(sales, "_FOLLOWS", begins)
    (line,) = named_by(tmp_path, busy()).lines
    assert "usage" not in [step.what for step in line.steps]


def test_a_use_that_was_sent_oddly_is_shown(tmp_path: Path) -> None:
    records = [event(Topic.SALES, START, **SOLD), used(5, agent_id=[])]
    (line,) = named_by(tmp_path, records).lines
    assert [step.what for step in line.steps] == ["usage"]


def test_what_is_too_much_to_show_is_counted(tmp_path: Path) -> None:
    records = [event(Topic.SALES, START, **SOLD), *(used(hour) for hour in range(1, 601))]
    (line,) = named_by(tmp_path, records).lines
    assert (len(line.steps), line.more) == (MOST_STEPS, 600 - MOST_STEPS)
