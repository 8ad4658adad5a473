"""The alerts of one case, as they stand now, and which revisions of them a person saw."""

import shlex
from collections.abc import Iterable, Sequence
from typing import Self

from msgspec import Struct

from detectors.alerts.alert import Alert
from detectors.cases.case import case_id_of
from streams.errors import AlertNotFound
from streams.printable import printable


class CaseAlerts(Struct, frozen=True):
    """The newest revisions about one subject, those last changed first, and the one asked for.

    ``named`` is None where the id of the case was given instead of an alert's.
    """

    case_id: str
    alerts: Sequence[Alert]
    named: Alert | None

    @classmethod
    def of(cls, any_id: str, alerts: Iterable[Alert]) -> Self:
        """Return those that the id of an alert or of a case means.

        Raises
        ------
        AlertNotFound
            If there is neither.
        """
        known = list(alerts)
        named = next((alert for alert in known if alert.alert_id == any_id), None)
        case_id = any_id if named is None else case_id_of(named.subject)
        found = [alert for alert in known if case_id_of(alert.subject) == case_id]
        if not found:
            raise AlertNotFound(
                f"there is no alert and no case {any_id} in alerts-current; it may have been "
                "deleted. List the ids with: aboveboard alerts list"
            )
        return cls(case_id, sorted(found, key=_latest_first), named)

    def rests_on(self) -> list[Alert]:
        """Return the alerts that a decision rests on: all open ones, and the one asked for.

        Without any, it rests on the one that was changed last.
        """
        found = [alert for alert in self.alerts if alert.status == "open" or alert is self.named]
        return found or list(self.alerts[:1])


def seen_options(alerts: Iterable[Alert]) -> str:
    """Return the options that say which revisions were seen, for a shell."""
    return " ".join(f"--seen {shell_word(f'{one.alert_id}={one.revision}')}" for one in alerts)


def shell_word(text: str) -> str:
    """Return a text as one word of a command that a person may copy into a shell."""
    return shlex.quote(printable(text))


def _latest_first(alert: Alert) -> tuple[float, str]:
    return (-alert.updated_at.timestamp(), alert.alert_id)
