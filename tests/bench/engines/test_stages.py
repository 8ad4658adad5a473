"""What the engines host tells what `aboveboard detect` tells, also from what they keep."""

import pytest

from bench.engines.hosts.stages import HostedJudges, HostedLedger
from bench.engines.world import PARTITIONS, World, make_world
from detectors.basis.identifiers import AccountId
from detectors.ledger.agreement import MOST_ASKED
from detectors.settings import Settings
from streams.wire.topics import EVENT_TOPICS

SOURCES: dict[str, str] = {topic: f"bench-{topic}" for topic in EVENT_TOPICS}
HARVEST_EVERY = 100


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return make_world(4_000, tmp_path_factory.mktemp("world"), agents=20)


Accounts = dict[AccountId, bytes]


class Host:
    """The ledgers and the judges, put away and taken out again now and then."""

    def __init__(self, moves: int) -> None:
        self.moves = moves
        self.ledgers = [HostedLedger(Settings(), SOURCES, n) for n in range(PARTITIONS)]
        self.judges = HostedJudges(Settings(), PARTITIONS)
        self.accounts: list[Accounts] = [{} for _ in range(PARTITIONS)]
        self.alerts: set[bytes] = set()

    def run(self, world: World) -> set[bytes]:
        move_every = len(world.records) // (self.moves + 1)
        for number, record in enumerate(world.records, start=1):
            leaped = self.ledgers[record.partition].apply(SOURCES[record.topic], record.value)
            if leaped or number % HARVEST_EVERY == 0:
                self.drain(record.partition)
            if self.moves and number % move_every == 0:
                self.move(whole=number % (2 * move_every) == 0)
        return self.alerts

    def drain(self, partition: int) -> None:
        bundle, changed = self.ledgers[partition].drain()
        for account_id in changed:
            packed = self.ledgers[partition].account(account_id)
            if packed is None:
                self.accounts[partition].pop(account_id, None)
            else:
                self.accounts[partition][account_id] = packed
        if bundle is not None:
            self.alerts.update(value for _, value in self.judges.receive(bundle))

    def move(self, *, whole: bool) -> None:
        """Go on from snapshots, or from accounts kept one by one."""
        for partition, old in enumerate(self.ledgers):
            self.drain(partition)
            new = HostedLedger(Settings(), SOURCES, partition)
            if whole:
                new.restore(old.snapshot())
            else:
                new.restore_parts(old.place(), self.accounts[partition].items())
            self.ledgers[partition] = new
        judges = HostedJudges(Settings(), PARTITIONS)
        judges.restore(self.judges.snapshot())
        self.judges = judges


@pytest.mark.parametrize("moves", [0, 7])
def test_the_alerts_are_those_of_detect(world: World, moves: int) -> None:
    assert len(world.alerts) > 5
    assert Host(moves).run(world) == world.alerts


def test_without_the_closing_records_some_are_missing(world: World) -> None:
    closed = len(SOURCES) * PARTITIONS * MOST_ASKED
    unfinished = World(world.records[:-closed], world.alerts)
    assert Host(0).run(unfinished) < world.alerts
