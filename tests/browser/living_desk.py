"""A desk with the keeper of cases behind it: what people decide counts at once, or is refused."""

from collections.abc import Iterable
from threading import Lock
from typing import Final

from detectors.alerts.alert import Alert
from detectors.cases.book import CaseBook
from detectors.cases.case import Case
from detectors.events.decision import Decision
from detectors.settings import CaseSettings
from streams.access.person import Door
from streams.access.proxy import ProxyDoor, trusted_networks
from streams.access.roles import role_map
from streams.desk.model.intake import Told
from streams.stages.actors.alert_records import alert_records
from streams.wire.case_record import case_record
from streams.wire.topics import Topic
from tests.streams.desk.desk_at_hand import DeskAtHand

LOGIN: Final = "X-Forwarded-Email"
GROUPS: Final = "X-Forwarded-Groups"

_SHOWN: Final = (Topic.ALERTS, Topic.ALERTS_CURRENT)


def behind_a_proxy() -> Door:
    """Return a door that believes the headers of this machine."""
    return ProxyDoor(trusted_networks("127.0.0.1/32"), LOGIN, GROUPS, role_map(""))


class LivingDesk(DeskAtHand):
    """A desk, what detectors tell it, and the fold of what people decide over it.

    Parameters
    ----------
    door
        Who is let in as whom.
    alerts
        Revisions of alerts, in their order.
    decisions
        What people had decided before.
    events
        Events of sources.
    """

    def __init__(
        self,
        door: Door,
        alerts: Iterable[Alert],
        decisions: Iterable[Decision] = (),
        events: Iterable[Told] = (),
    ) -> None:
        self._book: Final = CaseBook(CaseSettings())
        self._folding: Final = Lock()
        super().__init__(door, told=[*events, *self._told(alerts), *self._folded(decisions)])

    def tell(self, alerts: Iterable[Alert]) -> None:
        """Let detectors tell these revisions now."""
        with self._folding:
            self._take([*self._told(alerts), *self._folded(())])

    def decide(self, decisions: Iterable[Decision]) -> None:
        """Let people decide this now, by another program than the desk."""
        with self._folding:
            self._take(self._folded(decisions))

    def take_back(self, records: Iterable[Told]) -> None:
        """Let the topics tell something else."""
        with self._folding:
            self._take(records)

    def case(self, case_id: str) -> Case:
        """Return how a case stands."""
        return next(case for case in self._book.cases() if case.case_id == case_id)

    def _decide(self, decision: Decision) -> str:
        place = super()._decide(decision)
        self.decide([decision])
        return place

    def _take(self, records: Iterable[Told]) -> None:
        self.live.tell(self.model.take_in(records))

    def _told(self, alerts: Iterable[Alert]) -> list[Told]:
        found = []
        for alert in alerts:
            self._book.add_alert(alert)
            arrived = int(alert.updated_at.timestamp() * 1_000)
            found += [
                Told(record.topic, record.key, record.value, arrived)
                for record in alert_records(alert)
                if record.topic in _SHOWN
            ]
        return found

    def _folded(self, decisions: Iterable[Decision]) -> list[Told]:
        for decision in decisions:
            self._book.add_decision(decision)
        records = map(case_record, self._book.changed())
        return [Told(Topic.CASES_CURRENT, record.key, record.value) for record in records]
