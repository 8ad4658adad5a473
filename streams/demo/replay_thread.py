"""The events of the demo, sent while its alerts are shown."""

import threading
from typing import Final

from detectors.basis.errors import AboveboardError
from streams.broker.sending.event_sender import ReplayCounts, replay


class ReplayThread:
    """Replays events in a thread of its own.

    Attributes
    ----------
    counts
        What was sent; None until all of it is.
    error
        What ended the sending too early; None so far.
    """

    def __init__(self, lines: list[bytes], bootstrap: str) -> None:
        self.counts: ReplayCounts | None = None
        self.error: BaseException | None = None
        self._lines: Final = lines
        self._bootstrap: Final = bootstrap
        threading.Thread(target=self._send, name="replay", daemon=True).start()

    def _send(self) -> None:
        try:
            self.counts = replay(self._lines, self._bootstrap)
        except AboveboardError as error:
            self.error = error
