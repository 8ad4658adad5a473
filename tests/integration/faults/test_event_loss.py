"""Records that were deleted before they were read, states that were lost, topics created anew."""

import signal
from typing import Final

import msgspec
import pytest

from detectors.alerts.alert import Alert
from streams.wire.topics import Topic
from tests.brokers.selection import BrokerPool
from tests.integration.faults.accidents import recreate
from tests.integration.faults.event_logs import applied, delete_before, empty, lag, sale_of
from tests.integration.installation import Installation
from tests.integration.test_worker_health import asked, is_ready
from tests.integration.under_load import shared_kafka

pytestmark = pytest.mark.integration


@pytest.fixture
def installation(broker_pool: BrokerPool) -> Installation:
    """Return an installation of one partition on real Kafka."""
    return Installation(shared_kafka(broker_pool).bootstrap, 1)


def refusal(installation: Installation, *words: str) -> str:
    """Return the sentence with which a worker ends by exit code 2."""
    with installation.worker(*words) as worker:
        ending = worker.ending()
    assert ending.code == 2, ending.log
    last = ending.log.splitlines()[-1]
    assert last.startswith("aboveboard worker: "), ending.log
    assert "Traceback" not in ending.log
    return last


LACKING: Final = (
    "sales partition 0 lacks 5 records (offsets 10 to 14) of 2025-03-01T11:00:00Z to "
    "2025-03-01T13:00:00Z: deleted before they were read"
)


def lacking(installation: Installation) -> dict[str, tuple[str, ...] | None]:
    """Return what each alert about an account lacks, None if it does not say so."""
    values = [record.value or b"" for record in installation.records(Topic.ALERTS)]
    alerts = [msgspec.json.decode(value, type=Alert) for value in values]
    for value, alert in zip(values, alerts, strict=True):
        assert (b"data_quality" in value) == bool(alert.data_quality)
    accounts = [alert for alert in alerts if alert.subject.type == "account"]
    return {alert.subject.id: alert.data_quality or None for alert in accounts}


def test_a_loss_stops_the_worker_until_it_is_accepted_and_a_lost_state_for_good(
    installation: Installation,
) -> None:
    installation.send(Topic.SALES, [sale_of(0, "2025-01-01"), *map(sale_of, range(1, 10))])
    with installation.worker() as worker:
        worker.wait_for(lambda it: applied(it) == 10)
        assert worker.end(signal.SIGTERM).code == 0
    installation.send(Topic.SALES, map(sale_of, range(10, 20)))
    delete_before(installation, Topic.SALES, 15)
    # At once, though nothing has come since.
    assert "--accept-loss sales:0:10-14" in refusal(installation)
    name = installation.name(Topic.SALES)
    with installation.worker("--accept-loss", f"{name}:0:10-14") as worker:
        worker.wait_for(lambda it: applied(it) == 5 and lag(it) == 0)
        ending = worker.end(signal.SIGTERM)
    assert ending.code == 0
    assert ending.log.count("offsets 10 to 14 are lost and accepted") >= 2
    assert "offsets 10 to 14 are lost and accepted" in ending.log.splitlines()[-1]
    (letter,) = installation.records(Topic.DEAD_LETTERS)
    told = {name: value.decode() for name, value in letter.headers}
    assert (told["reason"], told["offset"], told["last_offset"]) == ("lost", "10", "14")
    # It is remembered, without the option: alerts name it whose time it touches, and no others.
    installation.send(Topic.SALES, [sale_of(20, "2025-05-01")])
    installation.send(Topic.SALES, [sale_of(number, "2025-08-01") for number in (21, 22)])
    with installation.worker() as worker:
        worker.wait_for(lambda it: "are lost" in it.log())
        worker.wait_for(is_ready)
        status, told_ready = asked(worker, "/readyz")
        assert status == 200
        assert "offsets 10 to 14 are lost and accepted" in str(told_ready["notes"])
        worker.wait_for(lambda _: "a-20" in lacking(installation))
        assert worker.end(signal.SIGTERM).code == 0
    touched = {f"a-{number}": (LACKING,) for number in (*range(1, 10), *range(15, 20))}
    assert lacking(installation) == {"a-0": None, "a-20": None, **touched}
    empty(installation, Topic.LEDGER_STATE)
    assert "the ledger stage has no state of sales partition 0" in refusal(installation)
    recreate(installation, Topic.LEDGER_STATE)
    assert "ledger-state was removed and created again" in refusal(installation)


def test_retention_that_overtakes_a_running_worker_stops_it(installation: Installation) -> None:
    installation.send(Topic.SALES, map(sale_of, range(10)))
    with installation.worker(session_timeout="30") as worker:
        worker.wait_for(lambda it: applied(it) == 10)
        worker.wait_for(lambda _: installation.committed(Topic.SALES)[0] == 10)
        worker.send_signal(signal.SIGSTOP)
        # In two batches: a fetch under way when it was frozen may bring the first.
        installation.send(Topic.SALES, [sale_of(10)])
        installation.send(Topic.SALES, map(sale_of, range(11, 20)))
        delete_before(installation, Topic.SALES, 20)
        worker.send_signal(signal.SIGCONT)
        ending = worker.ending()
    assert ending.code == 2, ending.log
    last = ending.log.splitlines()[-1]
    assert "--accept-loss sales:0:1" in last
    assert last.endswith("-19")
