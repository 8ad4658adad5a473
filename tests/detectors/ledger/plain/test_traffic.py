"""What is about no account is passed on from a block of lines as it is one by one."""

from datetime import timedelta
from typing import Final

from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from detectors.basis.event_time import Seconds, seconds_at
from detectors.basis.identifiers import AccountId, AgentId
from detectors.events.event import Access, AnyEvent, Interaction
from detectors.ledger.stage import Ledger
from detectors.patterns.key.access_without_contact import AccessWithoutContact
from tests.detectors.ledger.told import PLAIN, Told
from tests.detectors.refutation import refuted
from tests.detectors.worlds import DAYS, START, activity, late_orders, orders, worlds

LOOKED_FOR: Final = structs.replace(
    PLAIN,
    patterns=structs.replace(
        PLAIN.patterns, access_without_contact=AccessWithoutContact(enabled=True)
    ),
)


@st.composite
def traffic(draw: st.DrawFn, number: int) -> AnyEvent:
    """Draw an interaction or an access that shares its account with a sale, or with nobody."""
    kind = Access if draw(st.booleans()) else Interaction
    return kind(
        event_id=f"touch-{number}",
        account_id=AccountId(draw(st.sampled_from(("account 0", "account 1", "call")))),
        occurred_at=START + timedelta(hours=draw(st.integers(0, DAYS * 24))),
        agent_id=draw(st.sampled_from((AgentId("anna"), None))),
        customer_id=draw(st.sampled_from(("customer", None))),
    )


def same_law(ledger: type[Ledger], data: st.DataObject, *, is_asked: bool = True) -> None:
    """Hold that blocks tell of it what single events do, and that it touches no account."""
    met = [data.draw(traffic(number)) for number in range(data.draw(st.integers(1, 8)))]
    events = [*data.draw(worlds(most=4)), *met]
    log = data.draw(st.one_of(orders(events), late_orders(events)))
    sizes = data.draw(st.lists(st.integers(1, 30), max_size=5))
    settings = LOOKED_FOR if is_asked else PLAIN
    told = Told(ledger(settings)).in_blocks(log, sizes)
    assert told.everything() == Told(Ledger(settings)).one_by_one(log).everything()
    assert bool(told.touches) <= is_asked


@given(st.data())
def test_blocks_pass_on_what_single_events_do(data: st.DataObject) -> None:
    same_law(Ledger, data, is_asked=data.draw(st.booleans()))


class PassesItOnLate(Ledger):
    """Takes it as known when the block had been read."""

    def merge_later(self, event: AnyEvent, watermark: Seconds) -> bool:
        return super().merge_later(event, max(watermark, Seconds(self.watermark + 86_400.0)))


def test_that_law_catches_what_is_known_too_late() -> None:
    assert refuted(same_law, PassesItOnLate)


def test_an_account_is_none_the_worse_for_it() -> None:
    """An access may name an account that is kept in a row: it stays there, and nothing else is."""
    told = Told(Ledger(LOOKED_FOR))
    told.block([activity(1, "account 0"), looked(2, "account 0"), looked(3, "account 1")])
    told.drain()
    assert told.ledger.accounts().keys() == {"account 0"}
    assert not told.ledger.objects
    assert [one.happened_at for one in told.touches] == [at(2), at(3)]


def looked(hours: float, account: str) -> Access:
    """Return an access to data of a customer, on some account."""
    return Access(
        event_id=f"looked {hours}",
        account_id=AccountId(account),
        occurred_at=START + timedelta(hours=hours),
        agent_id=AgentId("anna"),
        customer_id="customer",
    )


def at(hours: float) -> Seconds:
    """Return the time so many hours after the start."""
    return seconds_at(START + timedelta(hours=hours))
