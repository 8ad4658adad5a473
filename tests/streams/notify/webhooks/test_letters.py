"""What a webhook did not take goes back into the log as an order, and as nothing else."""

import pytest

from streams.dead_letters.book import BookedLetter, Location
from streams.dead_letters.replay import destination
from streams.wire.dead_letter import UNDELIVERED, DeadLetter
from streams.wire.delivery import delivery_key
from streams.wire.posting import beginning_key, order_key, posting_key
from streams.wire.topics import Topic

PARTITIONS = {Topic.ALERT_DELIVERIES: 1}


def letter(key: bytes | None) -> BookedLetter:
    dead = DeadLetter(
        reason=UNDELIVERED, detail="", source="alert-deliveries", partition=0, record=b"{}"
    )
    return BookedLetter(
        letter_id="a",
        latest=dead,
        kept=2,
        key=key,
        first_at=0,
        latest_at=(0, 0, 0),
        locations={Location(0, -1)},
        sealed=True,
    )


def test_an_undelivered_revision_is_ordered_again() -> None:
    found = letter(order_key("crm", "a", 3))
    assert destination(found, PARTITIONS) == (Topic.ALERT_DELIVERIES, 0)
    assert found.latest.location() == "alert-deliveries[0]"


@pytest.mark.parametrize(
    "key",
    [None, b"\xff", delivery_key("a", "warning"), posting_key("crm", "a"), beginning_key("crm")],
)
def test_nothing_else_is_put_into_the_log(key: bytes | None) -> None:
    why = destination(letter(key), PARTITIONS)
    assert isinstance(why, str)
    assert "no order" in why
