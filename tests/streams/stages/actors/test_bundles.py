"""What a ledger tells is cut: nothing is lost, nothing is told twice, all of an agent together."""

from itertools import chain
from math import ceil
from typing import Any, Final, NamedTuple

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.basis.event_time import Day, Seconds
from detectors.basis.identifiers import GROUP_KINDS, AccountId, AgentId, Cell, PatternName, SaleId
from detectors.facts.account import Verdict
from detectors.facts.from_events import sale_record
from detectors.facts.staff.started import StartedAgent
from detectors.messages.contested import ContestedSale
from detectors.messages.disputes import Dispute
from detectors.messages.findings import AccountFinding
from detectors.messages.outcomes import Outcome, OutcomeBundle, SaleEnded, SaleMade, SalesDay
from detectors.messages.seen import Seen
from streams.stages.actors import bundles as bundling
from streams.stages.actors.bundles import LARGEST_BUNDLE
from tests.detectors.worlds import sale

LEDGER: Final = 3
ANNOUNCED: Final = 100.0
ANNOUNCED_AT: Final = Seconds(ANNOUNCED)
WATERMARK: Final = Seconds(200.0)
MOST_BYTES: Final = 1_000_000
LONGEST_NAME: Final = 256

names = st.sampled_from([*"abcdefgh", "Zoë"])
outcomes = st.builds(
    Outcome,
    st.sampled_from(["quick", "unused"]),
    st.text("xyz", max_size=2),
    st.none() | names,
    st.just("cell"),
    st.just(1.0),
    st.just(1.0),
    st.sampled_from(Verdict),
)
sale_hashes = st.integers(0, 2**63 - 1)
made = st.builds(SaleMade, names, st.just("cell"), sale_hashes, st.just(0))
ended = st.builds(SaleEnded, names, st.integers(0, 3), sale_hashes, st.booleans())
kinds = st.sampled_from(GROUP_KINDS)
days = st.builds(
    SalesDay,
    st.lists(made, max_size=20),
    st.dictionaries(st.sampled_from(["quick", "other"]), st.lists(ended, max_size=8), max_size=2),
    st.dictionaries(kinds, st.dictionaries(names, st.integers(1, 9), max_size=8)),
)
bundles = st.builds(
    OutcomeBundle,
    st.just(LEDGER),
    st.just(WATERMARK),
    st.lists(outcomes, max_size=25),
    st.dictionaries(st.integers(0, 5), days, max_size=4),
    groups=st.dictionaries(kinds, st.lists(outcomes, max_size=12)),
    contested=st.lists(st.builds(ContestedSale, names, sale_hashes, st.just(1.0)), max_size=12),
    started=st.lists(st.builds(StartedAgent, names, st.integers(0, 5), st.just(1)), max_size=12),
)


class GroupSales(NamedTuple):
    """How many sales a group made on a day; it goes where an agent of its name would."""

    agent_id: AgentId
    sales: int


Facts = dict[tuple[Any, ...], list[Any]]
"""Every list that a bundle holds, under what it is a list of; empty ones tell nothing."""


def cut(
    bundle: OutcomeBundle,
    partitions: int,
    announced: float,
    largest: int = LARGEST_BUNDLE,
    largest_message: int = bundling.LARGEST_MESSAGE,
) -> list[list[OutcomeBundle]]:
    """Return what the messages say."""
    return [
        [msgspec.msgpack.decode(message, type=OutcomeBundle) for message in messages]
        for messages in bundling.cut(
            bundle, partitions, Seconds(announced), largest, largest_message
        )
    ]


def facts(told: list[OutcomeBundle]) -> Facts:
    """Return what bundles tell together, one after the other."""
    found: Facts = {}
    for bundle in told:
        found.setdefault(("outcomes",), []).extend(bundle.outcomes)
        for day, sales in bundle.days.items():
            found.setdefault(("made", day), []).extend(sales.made)
            for name, ends in sales.ended.items():
                found.setdefault(("ended", day, name), []).extend(ends)
            for kind, counts in sales.groups.items():
                counted = [GroupSales(AgentId(name), count) for name, count in counts.items()]
                found.setdefault(("counts", day, kind), []).extend(counted)
        for kind, own in bundle.groups.items():
            found.setdefault(("groups", kind), []).extend(own)
        found.setdefault(("contested",), []).extend(bundle.contested)
        found.setdefault(("started",), []).extend(bundle.started)
    return {key: items for key, items in found.items() if items}


def of_agents(told: Facts, agents: set[AgentId | None]) -> Facts:
    chosen = {
        key: [item for item in items if item.agent_id in agents] for key, items in told.items()
    }
    return {key: items for key, items in chosen.items() if items}


def agents_in(told: Facts) -> set[AgentId | None]:
    return {item.agent_id for items in told.values() for item in items}


def sizes(bundle: OutcomeBundle) -> tuple[int, ...]:
    """Count outcomes, sales made, sales ended, of groups the first two, contests, starts."""
    days = bundle.days.values()
    return (
        len(bundle.outcomes),
        sum(len(day.made) for day in days),
        sum(len(told) for day in days for told in day.ended.values()),
        sum(map(len, bundle.groups.values())),
        sum(len(counts) for day in days for counts in day.groups.values()),
        len(bundle.contested),
        len(bundle.started),
    )


@settings(max_examples=50)
@given(bundle=bundles, partitions=st.integers(1, 4), largest=st.integers(1, 7))
def test_every_partition_hears_all_of_its_agents_in_order_and_nothing_else(
    bundle: OutcomeBundle, partitions: int, largest: int
) -> None:
    everything = facts([bundle])
    places = [facts(parts) for parts in cut(bundle, partitions, ANNOUNCED, largest)]
    assert len(places) == partitions
    for told in places:
        assert told == of_agents(everything, agents_in(told))
    agents = list(chain.from_iterable(map(agents_in, places)))
    assert len(agents) == len(set(agents))
    assert set(agents) == agents_in(everything)


@settings(max_examples=50)
@given(bundle=bundles, partitions=st.integers(1, 4), largest=st.integers(1, 7))
def test_no_part_is_larger_than_it_may_be_and_there_are_no_more_than_that_takes(
    bundle: OutcomeBundle, partitions: int, largest: int
) -> None:
    for parts in cut(bundle, partitions, ANNOUNCED, largest):
        counts = [sizes(part) for part in parts]
        assert all(max(count) <= largest for count in counts)
        in_all = [sum(column) for column in zip(*counts, strict=True)]
        assert len(parts) == max((ceil(number / largest) for number in in_all), default=0)


@settings(max_examples=50)
@given(bundle=bundles, largest=st.integers(1, 7))
def test_only_the_last_part_moves_the_watermark(bundle: OutcomeBundle, largest: int) -> None:
    for parts in cut(bundle, 3, ANNOUNCED, largest):
        assert {part.ledger_partition for part in parts} <= {LEDGER}
        expected = [*(ANNOUNCED for _ in parts[1:]), *(WATERMARK for _ in parts[:1])]
        assert [part.watermark for part in parts] == expected


@settings(max_examples=50)
@given(first=bundles, second=bundles, partitions=st.integers(1, 4))
def test_an_agent_stays_where_he_is(
    first: OutcomeBundle, second: OutcomeBundle, partitions: int
) -> None:
    places: dict[AgentId | None, int] = {}
    for bundle in (first, second):
        for place, parts in enumerate(cut(bundle, partitions, ANNOUNCED)):
            for agent_id in agents_in(facts(parts)):
                assert places.setdefault(agent_id, place) == place


def test_a_bundle_without_facts_has_no_parts() -> None:
    assert cut(OutcomeBundle(LEDGER, WATERMARK), 2, ANNOUNCED) == [[], []]


def longest(letter: str, number: int) -> str:
    """Return a name as long as an event may make it, another for each number."""
    return f"{number:03}".ljust(LONGEST_NAME, letter)


@pytest.mark.parametrize("letter", ["x", "ä", "\N{TELEPHONE RECEIVER}"])
def test_every_part_fits_what_a_broker_takes_however_long_the_names(letter: str) -> None:
    names = [longest(letter, number) for number in range(LARGEST_BUNDLE)]
    cell = Cell("/".join([letter * LONGEST_NAME] * 4))
    told = [
        Outcome(
            PatternName("quick"),
            SaleId(name),
            AgentId(name),
            cell,
            Seconds(1e9),
            Seconds(1e9),
            Verdict.BAD,
            (name, name),
            account_id=AccountId(name),
            batch=2**63,
        )
        for name in names
    ]
    day = SalesDay(
        [SaleMade(AgentId(name), Cell(cell), 2**63, 2**63, 2**40) for name in names],
        {
            PatternName("quick"): [
                SaleEnded(AgentId(name), Day(20_000), 2**63, bad=True) for name in names
            ]
        },
    )
    bundle = OutcomeBundle(LEDGER, WATERMARK, told, {Day(20_000): day})
    (parts,) = cut(bundle, 1, ANNOUNCED)
    assert max(len(msgspec.msgpack.encode(part)) for part in parts) < MOST_BYTES
    assert facts(parts) == facts([bundle])


@settings(max_examples=50)
@given(bundle=bundles)
def test_what_is_too_long_for_any_message_is_told_one_by_one(bundle: OutcomeBundle) -> None:
    (parts,) = cut(bundle, 1, ANNOUNCED, largest_message=1)
    assert facts(parts) == facts([bundle])
    assert all(max(sizes(part)) == 1 for part in parts)


def test_all_that_is_told_of_an_account_goes_to_one_partition() -> None:
    """Whoever sold it: a correction may change that, and one stage writes all of an alert."""
    sellers: list[AgentId | None] = [AgentId("anna"), AgentId("boris"), None]
    told = OutcomeBundle(LEDGER, WATERMARK)
    for number in range(20):
        account_id = AccountId(f"account {number}")
        for agent in sellers:
            sold = sale_record(sale(0, account_id, agent=agent), ANNOUNCED_AT, Cell("cell"))
            finding = AccountFinding(
                PatternName("unused"),
                account_id,
                sold,
                1,
                WATERMARK,
                withdrawn=False,
                event_ids=(),
                opened_at=WATERMARK,
            )
            dispute = Dispute(
                account_id,
                sold.sale_id,
                revision=1,
                opened_at=ANNOUNCED_AT,
                known_at=WATERMARK,
                contested=1,
                corrected=0,
                is_undecided=False,
                agent_id=agent,
                others=(),
                site=None,
                team=None,
                event_ids=("e",),
            )
            told.findings.append(finding)
            told.disputes.append(dispute)
    shares = cut(told, 3, ANNOUNCED, largest=7)
    for name in ("findings", "disputes"):
        places = [
            {one.account_id for bundle in share for one in getattr(bundle, name)}
            for share in shares
        ]
        assert all(places)
        assert sum(map(len, places)) == len(set().union(*places)) == 20
        assert sum(len(getattr(bundle, name)) for share in shares for bundle in share) == 60


def test_the_days_that_were_seen_are_cut_like_all_else_and_told_to_everybody() -> None:
    """As many as a leap of time makes, with as many sites as a ledger tells of."""
    sites = [Seen(longest("x", n), 2, (300,) * 9, (70,) * 9) for n in range(1_000)]
    seen = {Day(20_000 + n): sites for n in range(5)}
    for parts in cut(OutcomeBundle(LEDGER, WATERMARK, seen=seen), 2, ANNOUNCED):
        assert max(len(msgspec.msgpack.encode(part)) for part in parts) < MOST_BYTES
        assert [one for part in parts for one in part.seen.items()] == list(seen.items())
        assert [part.watermark == WATERMARK for part in parts] == [
            *(False for _ in parts[1:]),
            True,
        ]
