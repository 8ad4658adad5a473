"""Outcomes, and the messages in which the stages hand facts to each other.

Every message is idempotent for its receiver: sent twice, it changes nothing the second time.
"""

from typing import Final

from msgspec import Struct, field

from detectors.basis.event_time import Day, Seconds
from detectors.basis.identifiers import AccountId, AgentId, Cell, GroupKind, PatternName, SaleId
from detectors.events.decision import Decision
from detectors.facts.account import Verdict
from detectors.facts.staff.started import StartedAgent
from detectors.messages.candidates import Candidate
from detectors.messages.cell_columns import CellTable, DayTotals, KnownTotals
from detectors.messages.commissions import CommissionFact, OpenCritical
from detectors.messages.contested import ContestedSale
from detectors.messages.disputes import Dispute
from detectors.messages.findings import AccountFinding
from detectors.messages.holes import Hole
from detectors.messages.newcomers import Newcomers, Places
from detectors.messages.seen import Seen
from detectors.messages.sold import DaySold
from detectors.messages.stake import Stake
from detectors.messages.within import GroupDay, GroupRows

NO_ACCOUNT: Final = AccountId("")
"""The account of an outcome that is about none, but about a day of an agent."""

NOT_ENDED: Final = Seconds(0.0)
"""When a sale ended that did not go bad."""


class Outcome(Struct, frozen=True, array_like=True, gc=False):
    """A fact that became known about one sale, attributed to the agent who sold it.

    ``matured_at`` (seconds of event time) is when the sale's window ended, ``known_at`` when the
    verdict became known: the same, but for a verdict that a late event brought or changed.
    ``before`` is the verdict that was emitted earlier; a second outcome corrects the first, and
    `Verdict.EXCLUDED` then withdraws it. ``batch`` is equal for sales that were identical when they
    were made (customer, product and price); 0 is identical to nothing. For bad outcomes only:
    ``event_ids``, ``ended_at`` (when the sale went bad), and ``stakes`` of the sales among those
    events. ``site`` and ``team`` are those of the sale, None where it names none. An outcome that
    is judged for one of these groups has the name of the group in the place of the ``agent_id``.
    """

    pattern: PatternName
    sale_id: SaleId
    agent_id: AgentId | None
    cell: Cell
    matured_at: Seconds
    known_at: Seconds
    verdict: Verdict
    event_ids: tuple[str, ...] = ()
    before: Verdict = Verdict.PENDING
    account_id: AccountId = NO_ACCOUNT
    batch: int = 0
    ended_at: Seconds = NOT_ENDED
    stakes: tuple[Stake, ...] = ()
    site: str | None = None
    team: str | None = None


class SaleMade(Struct, frozen=True, array_like=True, gc=False):
    """A sale of a complete day; ``sale_hash`` stands for its id.

    ``log_amount`` is the logarithm of one more than its price, in thousandths; -1 where nobody
    knows the price. ``candidate`` says more of a sale that may be asked for: see there.
    """

    agent_id: AgentId
    cell: Cell
    sale_hash: int
    batch: int
    log_amount: int = 0
    candidate: Candidate | None = None


class SaleEnded(Struct, frozen=True, array_like=True, gc=False):
    """A sale ended within its window on a complete day.

    It went ``bad``, or (excluded) it only can no longer go bad. ``sold_on`` is the day of the sale.
    """

    agent_id: AgentId
    sold_on: Day
    sale_hash: int
    bad: bool


class SalesDay(Struct, frozen=True, array_like=True):
    """What one ledger partition knows of one complete day: sales made, and sales ended.

    ``groups`` counts the sales made by the agents of each group that is judged.
    """

    made: list[SaleMade] = field(default_factory=list)
    ended: dict[PatternName, list[SaleEnded]] = field(default_factory=dict)
    groups: dict[GroupKind, dict[str, int]] = field(default_factory=dict)


class OutcomeBundle(Struct, frozen=True, array_like=True):
    """What one ledger partition sends to one agents partition.

    ``watermark``: no outcome that matured before it will follow, but corrections and outcomes of
    sales that arrived too late. ``days``: the days that the watermark has passed and that were not
    sent yet; what arrives after its day was sent is not among them. ``empty`` says instead that the
    partition has no time of its own yet and nothing left to read: until now nothing happened there.
    ``holes`` are all that the partition has ever met: alerts that rest on their time name them.
    ``groups`` are the outcomes once more, for the groups of those who sold. ``seen`` is what the
    ledger saw by the end of the days that its watermark has passed since; it goes to all partitions
    alike. ``findings`` are about accounts: all about one go to one partition. ``contested`` are
    sales about which claims contradict each other, for every agent whom one of them names, and
    ``disputes`` say the same of accounts; all about one account go to one partition. So do
    ``commissions``, where the settings ask for them. ``started`` says since when agents sell.
    """

    ledger_partition: int
    watermark: Seconds
    outcomes: list[Outcome] = field(default_factory=list)
    days: dict[Day, SalesDay] = field(default_factory=dict)
    empty: bool = False
    holes: tuple[Hole, ...] = ()
    groups: dict[GroupKind, list[Outcome]] = field(default_factory=dict)
    contested: list[ContestedSale] = field(default_factory=list)
    seen: dict[Day, list[Seen]] = field(default_factory=dict)
    findings: list[AccountFinding] = field(default_factory=list)
    disputes: list[Dispute] = field(default_factory=list)
    commissions: list[CommissionFact] = field(default_factory=list)
    started: list[StartedAgent] = field(default_factory=list)


class Dispersion(Struct, frozen=True, array_like=True, gc=False):
    """Additive sums, in millionths, from which the spread of honest agents is estimated.

    Integers, so that the sum over partitions does not depend on how agents are assigned to them.
    Over agents (`docs/statistics.md`, section 6): ``agents``, ``squares``, ``noise``, ``weight``.
    Over the agent-days since the last report (section 8): ``day_squares`` and ``day_variance``.
    """

    agents: int = 0
    squares: int = 0
    noise: int = 0
    weight: int = 0
    day_squares: int = 0
    day_variance: int = 0


class ShadowCount(Struct, frozen=True, array_like=True, gc=False):
    """How often labels dealt at random were accused, in how many agent-days, until now."""

    alarms: int = 0
    agent_days: int = 0


OpenIds = dict[str, dict[PatternName, str]]
"""By group the ids of its open alerts, each under its pattern."""


class DayReport(Struct, frozen=True, array_like=True):
    """What one agents partition saw mature on one day, for the peers stage.

    ``totals`` are of all agents, with the part of those under an open alert. ``forgotten``, on the
    day after a review day, is all that such agents had added before, and that makes nobody's
    baseline any more. The rest is given on the day after a review day, as of that day's end:
    ``evidence``, the largest e-value of each agent that is large enough to matter to e-BH, largest
    first, ``hypotheses``, the number of all (agent, pattern) pairs, ``dispersion``, and ``shadow``,
    counted since the beginning. ``sold`` is what its agents sold on the day.

    ``groups`` are such reports about the groups of each kind. They say, too, how many ``subjects``
    had outcomes until the end of the day and, on the day after a review day, which groups had open
    alerts at that day's end: the ids by the group (None on all other days). ``within`` is what the
    members of each group did, as each tier of agents counts it. ``newcomers`` are the agents whom
    the partition met for the first time. ``outweighed``: of the agents who leave the baselines, one
    outweighed all others in a cell.

    ``critical`` are the *critical* alerts about its agents as of the end of the day before, where
    the settings ask for commissions.
    """

    agents_partition: int
    day: Day
    totals: dict[PatternName, DayTotals]
    forgotten: dict[PatternName, CellTable] = field(default_factory=dict)
    hypotheses: int = 0
    evidence: tuple[float, ...] = ()
    dispersion: dict[PatternName, Dispersion] = field(default_factory=dict)
    shadow: dict[PatternName, ShadowCount] = field(default_factory=dict)
    sold: DaySold = field(default_factory=DaySold)
    groups: dict[GroupKind, "DayReport"] = field(default_factory=dict)
    subjects: int = 0
    open_alerts: OpenIds | None = None
    within: dict[PatternName, dict[GroupKind, GroupRows]] = field(default_factory=dict)
    newcomers: Newcomers = Newcomers()
    outweighed: bool = False
    critical: list[OpenCritical] = field(default_factory=list)


class Spread(Struct, frozen=True, array_like=True, gc=False):
    """How much honest agents differ, and how far an outcome counts as independent.

    ``between_agent_sd`` is on the logit; ``tempering`` is the exponent of every likelihood.
    """

    between_agent_sd: float
    tempering: float


class DayReview(Struct, frozen=True, array_like=True):
    """The review of one day by the peers stage, the same for every agents partition.

    ``known`` are the totals without agents under an open alert and all they had before and, for the
    shadow null, those with what they had before. ``discovery_threshold`` is the e-value from which
    on a pair is among the discoveries of the last review (infinite if there are none). ``spread``
    and ``shadow`` are as of the last review. ``sold`` is what was sold that day. ``decisions`` are
    those of people that count from this day on, in the order of their log.

    ``groups`` are such reviews about the groups of each kind, with how many there are
    (``subjects``), and the ids of their ``open_alerts`` as of the last review, by the group.
    ``within`` is what the members of each group did on the day, by tier and kind. ``places`` say
    which agents who were new on the day are judged.

    ``calmed``: what was recent before this day is forgotten, by all, of every pattern. Rates by
    which it was expected were those of an agent who leaves the baselines, and outweighed the rest.

    ``critical`` are all such alerts of the reports, in order.
    """

    day: Day
    known: dict[PatternName, KnownTotals]
    discovery_threshold: float
    spread: dict[PatternName, Spread] = field(default_factory=dict)
    shadow: dict[PatternName, ShadowCount] = field(default_factory=dict)
    sold: DaySold = field(default_factory=DaySold)
    decisions: tuple[Decision, ...] = ()
    groups: dict[GroupKind, "DayReview"] = field(default_factory=dict)
    subjects: int = 0
    open_alerts: OpenIds = field(default_factory=dict)
    within: dict[PatternName, dict[GroupKind, dict[str, GroupDay]]] = field(default_factory=dict)
    places: Places = Places()
    calmed: bool = False
    critical: list[OpenCritical] = field(default_factory=list)
