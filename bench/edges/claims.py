"""Forged claims: somebody who may write sales claims those of an agent for another one."""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Final

from msgspec import structs

from bench.edges.fault import Draw, Fault, Planted, with_fields
from bench.edges.world import HOUR, Arrival, stamp


def _claimed(dated: float, *, all_sales: bool) -> Callable[[Sequence[Arrival], Draw], Planted]:
    def plant(arrivals: Sequence[Arrival], draw: Draw) -> Planted:
        """Claim sales of one agent for another, dated some seconds later, told soon after them."""
        since = draw.moment()
        sold = Counter(
            one.agent for one in arrivals if one.kind == "sale" and one.agent is not None
        )
        (whose, _), *others = sold.most_common()
        framed, _ = draw.random.choice(others)
        cancelled = {one.record["sale_id"] for one in arrivals if one.kind == "cancellation"}
        forged = []
        for one in arrivals:
            if one.kind != "sale" or one.agent != whose or one.happened < since:
                continue
            if all_sales or one.record["sale_id"] in cancelled:
                claim = with_fields(
                    one,
                    agent_id=framed,
                    event_id=f"forged {one.record['event_id']}",
                    occurred_at=stamp(one.happened + dated),
                )
                forged.append(structs.replace(claim, at=one.at + HOUR / 4))
        kind = "all" if all_sales else "the cancelled"
        return Planted(
            [*arrivals, *forged], f"{kind} sales of {whose} claimed for {framed}, {dated:+.0f} s"
        )

    return plant


CLAIMS: Final = (
    Fault("earlier claims for a colleague", _claimed(-9.0, all_sales=False), ("contested",)),
    Fault("later claims for a colleague", _claimed(120.0, all_sales=True), ("contested",)),
)
