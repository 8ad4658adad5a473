"""Keepers and notifiers that are broken on purpose, to see that the harness notices.

``python -m tests.chaos.desk.broken NAME cases ...`` runs one, ``NAME notify ...`` the other.
"""

import sys
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Final

from detectors.alerts.alert import Alert
from detectors.cases.book import CaseBook
from detectors.cases.case import Case
from detectors.events.decision import Decision
from streams.cli.main import main
from streams.notify.deliveries import Change, Deliveries
from streams.notify.picture import Picture
from tests.chaos.desk.aimed import obey
from tests.chaos.desk.desk import Commands


def loses_decisions() -> None:
    """Leave out every third decision."""
    honest = CaseBook.add_decision
    number = 0

    def add_decision(self: CaseBook, decision: Decision) -> None:
        nonlocal number
        number += 1
        if number % 3:
            honest(self, decision)

    CaseBook.add_decision = add_decision  # type: ignore[method-assign]  # that makes it broken


def tells_no_end() -> None:
    """Say nothing of what has ended."""

    def endings(
        self: Deliveries, picture: Picture, to_tell: Mapping[str, Alert], now: datetime
    ) -> Iterator[Change]:
        del self, picture, to_tell, now
        yield from ()

    Deliveries._endings = endings  # type: ignore[method-assign]  # noqa: SLF001 - as above


def overlooks_cases() -> None:
    """Take no notice of what people decided."""

    def overlook(self: Picture, case: Case) -> None:
        del self, case

    Picture.case = overlook  # type: ignore[method-assign]  # as above


def silences_nobody() -> None:
    """Take no notice of what people set aside for a while."""

    def quiet(self: Picture, now: datetime) -> Mapping[str, datetime]:
        del self, now
        return {}

    Picture.quiet = quiet  # type: ignore[method-assign]  # as above


def tells_half() -> None:
    """Open every other alert only."""
    honest = Picture.alert

    def half(self: Picture, alert: Alert) -> None:
        if alert.alert_id.encode()[-1] % 2:
            honest(self, alert)

    Picture.alert = half  # type: ignore[method-assign]  # as above


BROKEN_DESKS: Final[dict[str, Callable[[], None]]] = {
    function.__name__.replace("_", "-"): function
    for function in (
        loses_decisions,
        overlooks_cases,
        silences_nobody,
        tells_half,
        tells_no_end,
    )
}


def broken_services(name: str) -> Commands:
    """Return the commands of a keeper and a notifier that are broken in the way of this name."""
    command = (sys.executable, "-m", "tests.chaos.desk.broken", name)
    return Commands((*command, "cases"), (*command, "notify"))


if __name__ == "__main__":
    BROKEN_DESKS[sys.argv[1]]()
    obey()
    sys.argv[1:2] = []
    sys.exit(main())
