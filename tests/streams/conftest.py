"""What several tests of the commands start from."""

import pytest

from tests.streams.small_centre import fewer_lines, run, write_lines


@pytest.fixture(scope="session")
def log_in_time_order(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Return the log of alerts of a small centre, its events in the order of time."""
    folder = tmp_path_factory.mktemp("in-time-order")
    out = folder / "alerts.jsonl"
    assert run("detect", write_lines(folder / "events.jsonl", fewer_lines()), "--out", out) == 0
    return out.read_bytes()
