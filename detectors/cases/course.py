"""How a case stands while it is folded."""

from collections.abc import Iterator
from datetime import datetime

from msgspec import Struct, field

from detectors.cases.case import CaseAlert, Closing, Proposal, State
from detectors.cases.waking import KnownFacts


class Course(Struct, kw_only=True):
    """What the revisions and decisions until now come to.

    ``aside`` is what people did last to put the case aside (``open`` if nothing), and ``known``
    what they knew then; ``until`` is when that ends by itself, None for a closing.
    """

    alerts: dict[str, CaseAlert] = field(default_factory=dict)
    opened_at: datetime | None = None
    aside: State = "open"
    known: KnownFacts | None = None
    until: datetime | None = None
    assignee: str | None = None
    acknowledged_at: datetime | None = None
    proposal: Proposal | None = None
    closing: Closing | None = None
    decision_ids: set[str] = field(default_factory=set)

    def is_withdrawn(self) -> bool:
        """Return whether nothing is left of what was told."""
        return all(alert.status == "withdrawn" for alert in self.alerts.values())

    def open_alerts(self) -> Iterator[CaseAlert]:
        """Yield the alerts that are open, the one that opened first before the others."""
        return (alert for alert in self.alerts.values() if alert.status == "open")

    def open_again(self) -> None:
        """Forget how the case was put aside; whose it is stays."""
        self.aside, self.known, self.until = "open", None, None
        self.proposal = self.closing = self.acknowledged_at = None

    def end_pause(self, at: datetime) -> None:
        """Let an acknowledgement or a snooze end by itself, if it has until then."""
        if self.until is not None and self.until <= at:
            self.aside, self.until = "open", None
            self.forget_known()

    def forget_known(self) -> None:
        """Let nothing be woken any more unless something is still put aside."""
        if self.aside == "open" and self.proposal is None:
            self.known = None

    def state(self) -> State:
        """Return how the case stands; what the engine took back beats what people said."""
        if self.is_withdrawn():
            return "withdrawn"
        if self.closing is not None:
            return "closed"
        if self.proposal is not None:
            return "proposed"
        if not any(self.open_alerts()):
            return "resolved"
        return self.aside
