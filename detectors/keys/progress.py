"""How far the ledgers of accounts have come, by what each of them sent."""

from msgspec import Struct, field

from detectors.basis.event_time import BEGINNING, Seconds


class Progress(Struct):
    """The watermark of each ledger partition.

    ``idle_until``: of a ledger that was empty, the watermark of the others when it last said so. It
    is not waited for up to there.
    """

    watermarks: list[Seconds]
    idle_until: dict[int, Seconds] = field(default_factory=dict)

    def advance(self, ledger: int, watermark: Seconds) -> None:
        """Note the watermark of a ledger."""
        self.watermarks[ledger] = max(self.watermarks[ledger], watermark)

    def is_empty(self, ledger: int) -> None:
        """Stop waiting for a ledger without events, up to the watermark of the others until now."""
        others = [until for until in self.watermarks if until > BEGINNING]
        if others:
            known = self.idle_until.get(ledger, BEGINNING)
            self.idle_until[ledger] = max(known, min(others))

    def complete_until(self) -> Seconds:
        """Return the event time (seconds) before which every ledger has sent everything."""
        watermarks = enumerate(self.watermarks)
        return min(max(at, self.idle_until.get(ledger, BEGINNING)) for ledger, at in watermarks)
