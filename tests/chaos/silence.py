"""All sources are silent before a worker whose clock is ahead.

Time that it granted by its own clock would end every window, and could never be taken back.
"""

import signal
import time
from typing import Final

from tests.chaos.life import Life
from tests.chaos.supervisor import END_SECONDS, TOLD_TO_STOP

REST_SECONDS: Final = 15.0
"""How long all are silent once the worker has read what is left."""

READ_SECONDS: Final = 120.0


def rest(life: Life) -> Life:
    """Wait until a worker has read all there is, and for a while; then end it in order."""
    ends = time.monotonic() + READ_SECONDS
    while life.code is None and life.lag() != 0 and time.monotonic() < ends:
        life.poll()
        time.sleep(0.5)
    time.sleep(REST_SECONDS)
    life.blame(TOLD_TO_STOP)
    life.send(signal.SIGTERM)
    life.wait(END_SECONDS)
    return life
