"""An application of stock Faust on a broker, as a worker of it would be set up for a test."""

import logging
from pathlib import Path
from typing import Any

import faust


def quiet_stock_app(
    bootstrap: str,
    topic: str,
    folder: Path,
    **settings: Any,  # noqa: ANN401 - Faust's settings
) -> faust.App:
    """Return an application whose group is named after its topic, and silence what it would log."""
    for name in ("faust", "aiokafka", "mode"):
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    return faust.App(
        topic,
        broker=f"kafka://{bootstrap}",
        store="memory://",
        datadir=folder,
        web_enabled=False,
        topic_disable_leader=True,
        consumer_auto_offset_reset="earliest",
        broker_session_timeout=2,
        broker_heartbeat_interval=0.5,
        **settings,
    )
