"""Records that were deleted before they were read, states that were lost, topics created anew."""

import signal

import pytest

from streams.wire.topics import Topic
from tests.brokers.selection import BrokerPool
from tests.integration.faults.event_logs import applied, delete_before, lag, recreate, sale_of
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


def test_a_loss_stops_the_worker_until_it_is_accepted_and_a_lost_state_for_good(
    installation: Installation,
) -> None:
    installation.send(Topic.SALES, map(sale_of, range(10)))
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
    # It is remembered, without the option.
    with installation.worker() as worker:
        worker.wait_for(lambda it: "are lost" in it.log())
        worker.wait_for(is_ready)
        status, told_ready = asked(worker, "/readyz")
        assert status == 200
        assert "offsets 10 to 14 are lost and accepted" in str(told_ready["notes"])
        assert worker.end(signal.SIGTERM).code == 0
    recreate(installation, Topic.LEDGER_STATE)
    assert "the ledger stage has no state of sales partition 0" in refusal(installation)


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
