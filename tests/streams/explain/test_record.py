"""A record that is given is compared in every field with the revision that it says it is."""

from io import StringIO
from typing import Final

import msgspec
import pytest
from msgspec import structs
from rich.console import Console

from detectors.alerts.alert import Alert
from detectors.alerts.commendation import Commendation
from detectors.commission.action import CommissionAction
from streams.errors import InvalidArguments
from streams.explain.record import Told, is_found, record_in
from tests.streams.explain.test_commendations import OTHERWISE as OF_A_COMMENDATION
from tests.streams.explain.test_commendations import found
from tests.streams.explain.test_commissions import TAMPERED as OF_A_COMMISSION
from tests.streams.explain.test_commissions import corrected, held


def records() -> list[Told]:
    return [corrected()[1][0], held()[0], found().revisions[0]]


def given(told: Told, revisions: list[Told]) -> tuple[bool, str]:
    """Return whether a line is what was found, and what is shown."""
    _, read = record_in(msgspec.json.encode(told).decode())
    assert read is not None
    text = StringIO()
    same = is_found(read, revisions, Console(file=text, width=200))
    return same, text.getvalue()


IDS: Final = {
    Alert: "alert_id",
    CommissionAction: "commission_id",
    Commendation: "commendation_id",
}


def test_a_line_is_the_record_that_it_was_written_from() -> None:
    for told in records():
        any_id, read = record_in(f" {msgspec.json.encode(told).decode()}\n")
        assert read == told
        assert any_id == getattr(told, IDS[type(told)])
        assert given(told, [structs.replace(told, revision=9), told])[0]


CHANGED: Final[dict[type[Told], dict[str, object]]] = {
    Alert: {"summary": "Nothing happened."},
    CommissionAction: {**OF_A_COMMISSION, "sale_id": "another", "account_id": "another"},
    Commendation: OF_A_COMMENDATION,
}


@pytest.mark.parametrize(
    ("kind", "name"),
    [(kind, name) for kind, fields in CHANGED.items() for name in sorted({*fields} - {"revision"})],
)
def test_whatever_is_changed_in_a_line_is_named(kind: type[Told], name: str) -> None:
    told = next(one for one in records() if isinstance(one, kind))
    same, text = given(structs.replace(told, **{name: CHANGED[kind][name]}), [told])
    assert not same
    assert f"is not revision {told.revision}. NO: {name}\n" in text


def test_a_revision_that_was_never_told_differs() -> None:
    told = held()[0]
    same, text = given(structs.replace(told, revision=3), [told])
    assert not same
    assert "is not revision 3. NO: not recomputed" in text


def test_what_is_no_record_is_an_id_or_refused() -> None:
    assert record_in("0" * 24) == ("0" * 24, None)
    for text, why in (
        ("{", "cannot be read"),
        ('{"commission_id": "1"}', "cannot be read: Object missing required field"),
        ('{"sale_id": "1"}', "has no commission_id, commendation_id, alert_id"),
        ('{"alert_id": ' + "[" * 5_000, "cannot be read"),
    ):
        with pytest.raises(InvalidArguments, match=why):
            record_in(text)
