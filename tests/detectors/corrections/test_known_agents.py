"""What master data tells of agents: alike in any partitioning, and a move changes nothing."""

from random import Random
from typing import Final

import pytest
from msgspec import structs

from detectors.basis.identifiers import AccountId, AgentId
from detectors.events.event import Agent, AnyEvent, Sale
from detectors.ledger.output import LedgerOutput
from detectors.ledger.stage import Ledger
from detectors.patterns.key.own_contact import OwnContact
from detectors.peer_settings import PeerSettings
from detectors.pipeline import Pipeline
from tests.detectors.channels import AlertLog
from tests.detectors.insider.acts import AGENTS, GUILTY, honest_log
from tests.detectors.installation import Installation
from tests.detectors.test_corrections import OFF, UNTIL
from tests.detectors.worlds import as_they_arrive, at, in_order

ON: Final = structs.replace(
    OFF,
    peers=PeerSettings(cell=("product", "tenure")),
    patterns=structs.replace(OFF.patterns, own_contact=OwnContact(enabled=True, window="3d")),
)


def log(*, told: bool = True, move: bool = False) -> list[AnyEvent]:
    """Return a log in which the guilty sells under a contact of their own.

    Master data is told on day 14 of everybody; where they `move`, once more, with a team.
    """
    events: list[AnyEvent] = []
    for number, event in enumerate(as_they_arrive(honest_log())):
        if isinstance(event, Sale):
            own = event.agent_id == GUILTY and number % 2
            contact = GUILTY if own else event.account_id
            events.append(structs.replace(event, email_hash=contact))
        else:
            events.append(event)
    for number in range(AGENTS if told else 0):
        agent = f"g{number}"
        known = Agent(
            event_id=f"known {agent}",
            account_id=AccountId(agent),
            occurred_at=at(14 * 24),
            agent_id=AgentId(agent),
            email_hash=agent,
            started_at=at(-24 * (20 if number % 2 else 200)),
        )
        events.append(known)
        if move:
            where = {"site": "porto", "team": "new"}
            events.append(structs.replace(known, event_id=f"moved {agent}", **where))
    return in_order(events)


def alerts_of(events: list[AnyEvent]) -> AlertLog:
    """Return the alerts of one process."""
    pipeline, found = Pipeline(ON), AlertLog()
    for event in events:
        pipeline.apply(event)
    pipeline.advance(UNTIL)
    found.emit(pipeline.alerts())
    return found


def partition_law(ledger: type[Ledger] = Ledger) -> None:
    """Require the same of two partitions that crash."""
    installation = Installation(log(), 2, ledger, settings=ON)
    installation.run(Random(1), crashes=True, until=UNTIL)  # noqa: S311 - nothing secret
    assert installation.alerts == alerts_of(log())


def test_two_partitions_that_crash_tell_the_same_and_both_kinds_matter() -> None:
    partition_law()
    told = b"".join(alerts_of(log()).values())
    assert b'"own_contact"' in told
    assert told != b"".join(alerts_of(log(told=False)).values())


class TellsNoStart(Ledger):
    """Keeps to itself when agents started."""

    def drain(self) -> LedgerOutput:
        output = super().drain()
        return structs.replace(output, bundle=structs.replace(output.bundle, started=[]))


class TellsNoContact(Ledger):
    """Keeps to itself which contacts are their own."""

    def drain(self) -> LedgerOutput:
        return structs.replace(super().drain(), staff=[])


@pytest.mark.parametrize("broken", [TellsNoStart, TellsNoContact])
def test_the_law_catches_a_ledger_that_keeps_it_to_itself(broken: type[Ledger]) -> None:
    with pytest.raises(AssertionError):
        partition_law(broken)


def test_a_reorganisation_in_master_data_changes_no_alert() -> None:
    assert alerts_of(log(move=True)) == alerts_of(log())
