"""Sights that each break the law."""

from collections.abc import Mapping, Sequence

from detectors.basis.event_time import Day
from detectors.messages.seen import Seen
from detectors.sight.losses import LossesState
from detectors.sight.sight import Sight, SightState


class CountsWhatIsToldAgain(Sight):
    """Adds up whatever it is told."""

    def receive(
        self, ledger: int, seen: Mapping[Day, Sequence[Seen]], first_open: Day | None
    ) -> None:
        for day, some in seen.items():
            if first_open is None or day >= first_open:
                self.state.told.setdefault(day, {}).setdefault(ledger, []).extend(some)


class BelievesTheLastLedger(Sight):
    """Takes what one ledger saw for all there was."""

    def receive(
        self, ledger: int, seen: Mapping[Day, Sequence[Seen]], first_open: Day | None
    ) -> None:
        del ledger
        super().receive(0, seen, first_open)


class ForgetsWhatIsUsual(Sight):
    """Does not keep which share is usually seen in use before a restart."""

    def restore(self, state: SightState) -> None:
        state.losses = LossesState()
        super().restore(state)


class ForgetsTheRun(Sight):
    """Does not keep what a source was like before a restart."""

    def restore(self, state: SightState) -> None:
        state.sources = {}
        super().restore(state)
