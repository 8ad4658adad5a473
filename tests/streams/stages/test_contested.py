"""Many claims that contradict each other make the worker complain of `sales`; a metric counts."""

import msgspec
from msgspec.structs import replace

from detectors.events.event import Sale
from detectors.settings import Settings
from streams.metrics.registry import Metrics
from streams.stages.actors.ledger_actor import LedgerActor
from streams.wire.topics import Topic
from tests.detectors.worlds import END, sale
from tests.streams.stages.actors.in_memory import Record


def records(contested: int) -> list[Record]:
    """Return a thousand claims, of which so many contradict one before."""
    first = [sale(number / 100, f"account {number}") for number in range(1_000 - contested)]
    second = [replace(one, event_id=f"again {one.event_id}", amount=2.0) for one in first]
    return [
        Record(offset, event.account_id.encode(), msgspec.json.encode(event))
        for offset, event in enumerate[Sale]([*first, *second[:contested]])
    ]


def after(contested: int) -> tuple[LedgerActor, Metrics]:
    metrics = Metrics()
    actor = LedgerActor(Settings(), 0, 1, idle_after=1.0, until=None, metrics=metrics)
    for some in (records(contested)[:500], records(contested)[500:]):
        actor.apply(Topic.SALES, some)
    actor.tick({}, END)
    return actor, metrics


def test_few_are_counted_and_many_complained_of() -> None:
    few, metrics = after(10)
    assert few.complaints() == []
    labels = {"field": "amount", "partition": "0"}
    assert metrics.registry.get_sample_value("aboveboard_contested_sales", labels) == 10
    many, _ = after(11)
    [complaint] = many.complaints()
    assert complaint.topic == Topic.SALES
    assert complaint.what.startswith("11 claims of the last 1,000 records contradict known sales")
    assert "one of them tell of each sale" in complaint.remedy
