"""What becomes of the commission of a sale, as ledgers tell it, and who is under suspicion."""

from typing import Literal

from msgspec import Struct

from detectors.basis.event_time import Day, Seconds
from detectors.basis.identifiers import AccountId, AgentId, SaleId
from detectors.facts.account import Verdict

Phase = Literal["made", "due"]
"""That a sale was made, and what became of it by the end of the window of its commission."""


class CommissionFact(Struct, frozen=True, array_like=True, gc=False):
    """What one ledger knows of a sale at a moment (``known_at``, seconds of event time).

    ``verdict``, of a sale that was ``made``: good, or excluded where it is no sale of this agent
    any more. Of one that is ``due``: good where the product was kept, bad where it came back
    within the window, excluded where nobody can tell. Of two facts of one sale and phase the one
    that became known later holds, at one moment that of the greater ``revision``. ``amount`` is the
    commission that the sale names, None where it names none; ``due_at`` is when the window ends.
    """

    account_id: AccountId
    sale_id: SaleId
    phase: Phase
    revision: int
    known_at: Seconds
    agent_id: AgentId
    sold_at: Seconds
    due_at: Seconds
    verdict: Verdict
    amount: float | None = None
    site: str | None = None


class OpenCritical(Struct, frozen=True, array_like=True, gc=False, order=True):
    """A *critical* alert about an agent that was open at the end of a day.

    ``since`` is the first day of the episode that it covers: its most likely start.
    """

    agent_id: AgentId
    since: Day
    alert_id: str
