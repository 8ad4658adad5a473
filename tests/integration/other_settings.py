"""State that was made under other settings than those of the worker that finds it."""

import signal
from pathlib import Path

from tests.brokers.selection import AvailableBroker
from tests.integration.busy_month import event_lines
from tests.integration.installation import WorkerProcess, install


def worker_under_other_settings(broker: AvailableBroker, folder: Path) -> WorkerProcess:
    """Let a worker leave its state; start another one, with settings in `folder` that differ."""
    installation = install(broker, 1)
    installation.send_events(event_lines()[:200])
    with installation.worker() as worker:
        worker.wait_for(lambda it: it.sum_of("aboveboard_events_total") == 200)
        assert worker.end(signal.SIGTERM).code == 0
    config = folder / "settings.toml"
    config.write_text('[patterns.unused_account]\nwindow = "20d"\n', encoding="utf-8")
    return installation.worker("--config", str(config))
