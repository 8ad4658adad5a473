"""Accounts and agents who get another id, and a source that says so.

They are not in the catalogue: nobody believes such records by default, and its worlds are judged
with every setting at its default.
"""

from collections.abc import Sequence
from typing import Final

from bench.edges.fault import Draw, Fault, Planted, days_since, some, with_fields
from bench.edges.world import DAY, UNUSED_WINDOW, Arrival, Record, arrival_of, stamp
from detectors.correction_settings import CorrectionSettings
from detectors.settings import Settings

BELIEVED: Final = Settings(corrections=CorrectionSettings(merges=True, agents=True))


def accounts(arrivals: Sequence[Arrival], draw: Draw) -> Planted:
    """Let accounts become part of others, within a month of their sale, and go on under these."""
    share = round(draw.random.uniform(0.05, 0.3), 2)
    hit, merged_at = some(draw, share), dict[str, float]()
    merges: list[Arrival] = []
    for one in arrivals:
        if one.kind == "sale" and one.account not in merged_at and hit(one.account):
            at = one.happened + draw.random.uniform(0.0, UNUSED_WINDOW)
            merged_at[one.account] = at
            record: Record = {
                "type": "account_merged",
                "event_id": f"merged {one.account}",
                "account_id": one.account,
                "occurred_at": stamp(at),
                "into_account_id": f"{one.account} of old",
            }
            merges.append(arrival_of(record, one.record))
    moved = [
        with_fields(one, account_id=f"{one.account} of old")
        if one.happened > merged_at.get(one.account, one.happened)
        else one
        for one in arrivals
    ]
    return Planted([*moved, *merges], f"{share:.0%} of accounts become part of others")


def agents(arrivals: Sequence[Arrival], draw: Draw) -> Planted:
    """Let some agents sell under another id from some day on."""
    since, share = draw.moment(), round(draw.random.uniform(0.2, 1.0), 2)
    hit = some(draw, share)
    sellers = {one.agent: one for one in arrivals if one.kind == "sale" and one.agent is not None}
    renamed = {agent: f"{agent} anew" for agent in sorted(sellers) if hit(agent)}
    merges: list[Arrival] = []
    for old, new in renamed.items():
        record: Record = {
            "type": "agent_merged",
            "event_id": f"merged {old}",
            "account_id": old,
            "occurred_at": stamp(since - DAY / 2),
            "agent_id": old,
            "into_agent_id": new,
        }
        merges.append(arrival_of(record, sellers[old].record))
    moved = [
        with_fields(one, agent_id=renamed[one.agent])
        if one.kind == "sale" and one.agent in renamed and one.happened >= since
        else one
        for one in arrivals
    ]
    day = days_since(draw.world, since)
    return Planted([*moved, *merges], f"{share:.0%} of agents get another id on day {day}")


MERGES: Final = (
    Fault("accounts that become part of others", accounts, ("merged",)),
    Fault("agents who get another id", agents, ("merged_agents",)),
)
