"""What a ledger tells under an id of an agent that became part of another one, under that one."""

from collections.abc import Iterable, Iterator

from msgspec import structs

from detectors.basis.event_time import Day, Seconds, day_of
from detectors.basis.identifiers import AgentId
from detectors.basis.text_hash import sale_hash
from detectors.messages.contested import ContestedSale
from detectors.messages.good_outcomes import GoodOutcomes
from detectors.messages.merging.agents import MergedAgents
from detectors.messages.outcomes import Outcome, OutcomeBundle, SaleEnded, SaleMade, SalesDay

Renamed = tuple[OutcomeBundle, tuple[GoodOutcomes, ...]]

_Told = dict[tuple[AgentId, int, str, Day], ContestedSale]
"""What is told of a sale on a day, once: of several patterns a note each, if their days differ, for
nobody knows how much of it is told together."""


def renamed(bundle: OutcomeBundle, good: tuple[GoodOutcomes, ...], merged: MergedAgents) -> Renamed:
    """Return what a ledger tells, each outcome and sale for whom it counts; and who hears of that.

    An outcome counts for whom the id stands on the day on which it matured, a sale made or ended
    for whom it stands on the day on which it was made: whatever comes later says the same of both.
    Each of ``good`` is of one day.
    """
    if not merged.matter:  # nearly always
        return bundle, good
    told: _Told = {}
    outcomes = [_outcome(outcome, merged, told) for outcome in bundle.outcomes]
    columns = tuple(_columns(one, merged, told) for one in good)
    days = {day: _sales(day, sales, merged) for day, sales in bundle.days.items()}
    contested = [*bundle.contested, *told.values()]
    return structs.replace(bundle, outcomes=outcomes, days=days, contested=contested), columns


def _outcome(
    outcome: Outcome,
    merged: MergedAgents,
    told: _Told,
) -> Outcome:
    agent_id = outcome.agent_id
    if agent_id is None:
        return outcome
    counts_for = merged.counts_for(agent_id, day_of(outcome.matured_at))
    if counts_for == agent_id:
        return outcome
    _tell(told, _notes(outcome, agent_id, counts_for))
    return structs.replace(outcome, agent_id=counts_for)


def _columns(
    good: GoodOutcomes,
    merged: MergedAgents,
    told: _Told,
) -> GoodOutcomes:
    if not len(good):
        return good
    day, agents = day_of(Seconds(float(good.matured_at[0]))), good.agents.copy()
    for place, agent_id in enumerate(good.agents.tolist()):
        if agent_id is not None:
            agents[place] = merged.counts_for(agent_id, day)
            if agents[place] != agent_id:
                _tell(told, _notes(good.outcome(place), agent_id, agents[place]))
    return structs.replace(good, agents=agents)


def _sales(day: Day, sales: SalesDay, merged: MergedAgents) -> SalesDay:
    def made(one: SaleMade) -> SaleMade:
        counts_for = merged.counts_for(one.agent_id, day)
        return one if counts_for == one.agent_id else structs.replace(one, agent_id=counts_for)

    def ended(one: SaleEnded) -> SaleEnded:
        counts_for = merged.counts_for(one.agent_id, one.sold_on)
        return one if counts_for == one.agent_id else structs.replace(one, agent_id=counts_for)

    return SalesDay(
        [made(one) for one in sales.made],
        {name: [ended(one) for one in some] for name, some in sales.ended.items()},
        sales.groups,
    )


def _notes(outcome: Outcome, old: AgentId, new: AgentId) -> Iterator[ContestedSale]:
    """Yield what both ids are told of an outcome that counts for the new one."""
    hashed = sale_hash(outcome.sale_id, outcome.account_id)
    yield ContestedSale(old, hashed, outcome.known_at, "handed_over")
    yield ContestedSale(new, hashed, outcome.known_at, "taken_over")


def _tell(told: _Told, notes: Iterable[ContestedSale]) -> None:
    for note in notes:
        day = day_of(note.known_at)
        told.setdefault((note.agent_id, note.sale_hash, note.about, day), note)
