"""One outcome as it was judged, for those who want to see the arithmetic."""

from msgspec import Struct

from detectors.basis.event_time import Day
from detectors.basis.identifiers import AgentId, Cell, PatternName, SaleId, SubjectKind


class Judgement(Struct, frozen=True):
    """An outcome with the probability it had among peers, and the evidence right after it.

    A mature sale is one trial (and so is a day of the pattern ``burst``), which may be
    ``bad``. In the early tier a judgement is about all sales of one cell that an agent had at risk
    on a day: ``sale_id`` is then empty, ``trials`` is their number, ``expected`` the probability of
    each, ``bad_ones`` how many of those that ended badly count (``bad`` if there are any), and
    ``evidence`` is that at the end of the day. ``tempering`` is the exponent of its likelihood;
    with 0 it was not applied. Where the ``kind`` is one of groups, ``agent_id`` is the name of the
    group.

    With ``corrects`` it is another verdict on what was judged on that day, from the beginning of
    ``day`` on, and says nothing of evidence; ``trials`` is 0 if it is no trial any more.
    """

    pattern: PatternName
    agent_id: AgentId
    day: Day
    sale_id: SaleId
    cell: Cell
    expected: float
    bad: bool
    evidence: float
    between_agent_sd: float
    tempering: float
    trials: int = 1
    bad_ones: int = 1
    kind: SubjectKind = "agent"
    corrects: Day | None = None
