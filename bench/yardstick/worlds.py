"""The worlds in which the product is measured: docs/statistics.md, section 2, and worse ones."""

from math import ceil
from typing import Final, Literal

from msgspec import Struct, structs

SALES_A_DAY: Final = 3
DAYS_A_YEAR: Final = 365
PRODUCTS: Final = ("basic", "plus", "premium", "bundle")
PRODUCT_RATES: Final = (0.02, 0.04, 0.06, 0.13)
PRODUCT_SHARES: Final = (0.36, 0.30, 0.20, 0.14)
MIX_CONCENTRATION: Final = 10.0
"""Of the Dirichlet distribution of an agent's own mix of products."""

FIRST_CHANGE: Final = 90
LAST_CHANGE: Final = 820
"""A bad agent turns bad with one of these sales of theirs, each as likely."""

BATCH: Final = 5
"""Sales in a batch. There are as many batches as make `SALES_A_DAY` on average."""

BAD_IN_A_TEAM: Final = 3

Percent = Literal[15, 25, 40]
PERCENTS: Final[tuple[Percent, ...]] = (15, 25, 40)


def odds_ratio(percent: Percent) -> float:
    """Return the factor on the odds that takes 5 % to `percent` %."""
    rate = percent / 100
    return rate / (1 - rate) / (0.05 / 0.95)


class Bad(Struct, frozen=True):
    """How many agents of a run turn bad, by the rate to which 5 % is taken."""

    at_15: int = 0
    at_25: int = 0
    at_40: int = 0

    def counts(self) -> dict[Percent, int]:
        """Return the numbers by rate."""
        return {15: self.at_15, 25: self.at_25, 40: self.at_40}


class World(Struct, frozen=True, kw_only=True):
    """A sales force, for some days and some independent runs.

    ``tails``: how honest agents differ on the logit, always with standard deviation ``sd``; with
    ``student`` as t with 3 degrees of freedom.
    ``season``: amplitude on the logit of a yearly wave. ``storm``: a factor on the odds of all
    sales of days 150 to 179. ``batches``: sales come in batches of `BATCH` on one day that share a
    N(0, 1) shock on the logit; ``identical`` ones are of one customer, product and price.
    ``team_size``: with it, peers are the team and product, and bad agents come three to a team and
    turn bad together. ``bar``: the most false alarms per 1,000 agent-years, None if not judged.
    """

    title: str
    agents: int = 2_000
    days: int = DAYS_A_YEAR
    runs: int = 1
    sd: float = 0.25
    tails: Literal["normal", "laplace", "student"] = "normal"
    season: float = 0.0
    storm: float = 1.0
    batches: Literal["none", "identical", "separate"] = "none"
    bad: Bad = Bad()
    team_size: int = 0
    bar: float | None = 15.0


STANDARD: Final = "standard"
PLANTED: Final = "planted"
DISCOVERY: Final = "discovery"

WORLDS: Final[dict[str, World]] = {
    STANDARD: World(title="the standard setting, everybody honest", runs=2, bar=10.0),
    "wide": World(title="honest agents differ twice as much (sigma .5)", sd=0.5),
    "laplace": World(title="heavy tails: Laplace, sd .25", tails="laplace"),
    "student": World(title="heavy tails: t with 3 degrees of freedom, sd .25", tails="student"),
    "season": World(title="a yearly season of ± .2 on the logit", season=0.2),
    "storm": World(title="all odds doubled for 30 days", storm=2.0),
    "identical": World(title="batches of 5 alike sales, shared shock", batches="identical"),
    "separate": World(title="batches of 5 customers, shared shock", batches="separate"),
    "corrupt": World(title="5 % of agents bad", bad=Bad(34, 33, 33)),
    "teams": World(
        title="peers are teams of 5; in 20 of 400 teams 3 are bad", bad=Bad(at_25=60), team_size=5
    ),
    PLANTED: World(
        title="12 % turn bad one after the other, followed for a year at least",
        agents=2_280,
        days=638,
        runs=3,
        bad=Bad(30, 170, 80),
        bar=None,
    ),
    DISCOVERY: World(title="1 % of agents bad, for a year", bad=Bad(7, 7, 6), runs=5, bar=None),
}


def smaller(world: World, agents: int) -> World:
    """Return a world of so many agents; of each kind of bad ones there were any of, one is left."""
    share = agents / world.agents
    numbers = [ceil(number * share) for number in world.bad.counts().values()]
    if world.team_size:
        numbers = [ceil(number / BAD_IN_A_TEAM) * BAD_IN_A_TEAM for number in numbers]
    return structs.replace(world, agents=agents, bad=Bad(*numbers))
