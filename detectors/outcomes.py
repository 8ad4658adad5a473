"""Outcomes, and the messages in which the three stages hand facts to each other.

Every message is idempotent for its receiver: told twice, it changes nothing the second time.
"""

from msgspec import Struct, field

from detectors.account import Verdict

PatternName = str
Cell = str
AgentId = str


class Outcome(Struct, frozen=True, array_like=True, gc=False):
    """A fact that became known about one sale, attributed to the agent who sold it.

    ``matured_at`` (seconds of event time) is when the sale's window ended, ``known_at`` when the
    verdict became known: the same, but for a verdict that a late event brought or changed.
    ``before`` is what was told of the sale earlier; a second outcome corrects the first, and
    `Verdict.EXCLUDED` then takes it back. ``event_ids`` are given for bad outcomes only.
    """

    pattern: PatternName
    sale_id: str
    agent_id: AgentId | None
    cell: Cell
    matured_at: float
    known_at: float
    verdict: Verdict
    event_ids: tuple[str, ...] = ()
    before: Verdict = Verdict.PENDING
    account_id: str = ""


class OutcomeBundle(Struct, frozen=True, array_like=True):
    """What one ledger partition tells one agents partition.

    ``watermark``: no outcome that matured before it will follow, but corrections and outcomes of
    sales that arrived too late. ``sales``: how many sales each agent made per day, of the days that
    the watermark has passed and that were not told yet; a sale that arrived after its day was told
    is not among them.
    """

    ledger_partition: int
    watermark: float
    outcomes: list[Outcome] = field(default_factory=list)
    sales: dict[AgentId, dict[int, int]] = field(default_factory=dict)


class Totals(Struct, array_like=True, gc=False):
    """Matured outcomes and bad ones among them."""

    matured: int = 0
    bad: int = 0


class DayReport(Struct, frozen=True, array_like=True):
    """What one agents partition saw mature on one day, for the peers stage.

    ``evidence`` is given on the day after a review day: the e-values, at the end of that day, of
    all (agent, pattern) pairs large enough to matter to e-BH, largest first, and ``hypotheses``
    the number of pairs under watch.
    """

    agents_partition: int
    day: int
    totals: dict[PatternName, dict[Cell, Totals]]
    hypotheses: int = 0
    evidence: tuple[float, ...] = ()


class DayReview(Struct, frozen=True, array_like=True):
    """What the peers stage answers for one day, the same to every agents partition.

    ``totals`` are cumulative up to and including the day. ``discovery_threshold`` is the e-value
    from which on a pair is among the discoveries of the last review (infinite if there are none).
    """

    day: int
    totals: dict[PatternName, dict[Cell, Totals]]
    discovery_threshold: float
