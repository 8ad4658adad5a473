"""All faults there are."""

from collections.abc import Sequence
from typing import Final

from bench.edges.claims import CLAIMS
from bench.edges.clocks import CLOCKS
from bench.edges.delivery import DELIVERY
from bench.edges.fault import Fault, Planted
from bench.edges.feeds import FEEDS
from bench.edges.fields import FIELDS
from bench.edges.happenings import HAPPENINGS
from bench.edges.world import Arrival


def _nothing(arrivals: Sequence[Arrival], draw: object) -> Planted:
    del draw
    return Planted(list(arrivals), "nothing")


NOTHING: Final = Fault("nothing", _nothing, ())
"""To compare with."""

CATALOGUE: Final[dict[str, Fault]] = {
    fault.name: fault
    for fault in (NOTHING, *HAPPENINGS, *FEEDS, *CLOCKS, *DELIVERY, *FIELDS, *CLAIMS)
}
