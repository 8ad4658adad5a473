"""What is remembered of the commission of a sale."""

from msgspec import Struct, field

from detectors.basis.identifiers import AgentId
from detectors.commission.action import Action, Because
from detectors.messages.commissions import CommissionFact, OpenCritical
from detectors.sight.stretch import Stretch


class Told(Struct, frozen=True, array_like=True):
    """What was told last of a sale."""

    revision: int
    action: Action
    because: Because
    agent_id: AgentId | None
    alert_id: str | None
    amount: float | None

    @property
    def says(self) -> tuple[Action, Because, AgentId | None, str | None, float | None]:
        """What is in it but for its revision."""
        return self.action, self.because, self.agent_id, self.alert_id, self.amount


class Course(Struct, array_like=True):
    """What is known of a sale, and what was told of its commission."""

    made: CommissionFact | None = None
    due: CommissionFact | None = None
    told: Told | None = None

    def facts(self) -> list[CommissionFact]:
        """Return what is known of it."""
        return [fact for fact in (self.made, self.due) if fact is not None]


class BookState(Struct):
    """All that a `CommissionBook` remembers.

    ``blind`` is when cancellations could not be seen, as of the day decided last, and ``critical``
    the alerts that were open at its end.
    """

    courses: list[Course] = field(default_factory=list)
    critical: list[OpenCritical] = field(default_factory=list)
    blind: tuple[Stretch, ...] = ()
