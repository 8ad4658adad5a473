"""What several tests of the commands start from."""

import pytest

from tests.streams.small_centre import event_lines, run, write_lines


@pytest.fixture(scope="session")
def log_in_time_order(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Return the log of alerts of the small centre, its events in the order of time."""
    folder = tmp_path_factory.mktemp("in-time-order")
    out = folder / "alerts.jsonl"
    assert run("detect", write_lines(folder / "events.jsonl", event_lines()), "--out", out) == 0
    return out.read_bytes()
