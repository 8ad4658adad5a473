"""The order to die, which a process obeys at the moment at which most is at stake."""

import os
import signal
from pathlib import Path
from typing import Final

ORDER: Final = "ABOVEBOARD_CHAOS_ORDER"
"""Variable with the path of a file; once that is there, the process dies where it would go on."""


def die_if_told() -> None:
    """Die by SIGKILL, if the order was given."""
    if ORDER in os.environ and Path(os.environ[ORDER]).exists():
        os.kill(os.getpid(), signal.SIGKILL)
