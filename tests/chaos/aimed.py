"""A worker as it is shipped, but that it can be killed at the moment at which most is at stake.

Its outputs and its state are with the broker then, and its offsets are not: what it has counted
will be delivered again. A kill at random hits those milliseconds once in hundreds of times.

``python -m tests.chaos.aimed worker ...`` runs one.
"""

import sys
from typing import Final

from streams.cli.main import main
from streams.worker.faust_host import FaustHost
from tests.chaos.order import die_if_told

AIMED: Final = (sys.executable, "-m", "tests.chaos.aimed", "worker")
"""The command of such a worker."""


def obey() -> None:
    """Die by SIGKILL before the next commit, if the order was given."""
    honest = FaustHost._commit  # noqa: SLF001 - no public place lies between the two writes

    async def commit(self: FaustHost) -> None:
        die_if_told()
        await honest(self)

    FaustHost._commit = commit  # type: ignore[method-assign]  # noqa: SLF001 - as above


if __name__ == "__main__":
    obey()
    sys.exit(main())
