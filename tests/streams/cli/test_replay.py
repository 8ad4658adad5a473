import gzip
from pathlib import Path
from uuid import uuid4

import pytest

from streams.broker.admin import create_topics
from streams.cli.main import main
from tests.brokers.selection import AvailableBroker
from tests.streams.broker.sending.sent_events import PARTITIONS, event, stored

pytestmark = pytest.mark.integration


@pytest.fixture
def prefix(any_broker: AvailableBroker) -> str:
    prefix = f"replay-{uuid4()}-"
    create_topics(any_broker.bootstrap, prefix, PARTITIONS)
    return prefix


def test_the_command_merges_files_and_says_what_it_sent(
    any_broker: AvailableBroker,
    prefix: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    lines = [event(number, "sale") for number in range(10)]
    (tmp_path / "even.jsonl").write_bytes(b"\n".join(lines[::2]))
    (tmp_path / "odd.jsonl.gz").write_bytes(gzip.compress(b"\n".join(lines[1::2])))
    paths = [str(tmp_path / name) for name in ("even.jsonl", "odd.jsonl.gz")]
    place = ["--broker", any_broker.bootstrap, "--topic-prefix", prefix]
    assert main(["replay", *paths, *place, "--limit", "7"]) == 0
    assert "7 events sent" in capsys.readouterr().err
    records = stored(any_broker.bootstrap, prefix, 7)
    assert [record.value for record in records] == lines[:7]


def test_a_path_that_is_not_there_is_named(
    any_broker: AvailableBroker, prefix: str, capsys: pytest.CaptureFixture[str]
) -> None:
    place = ["--broker", any_broker.bootstrap, "--topic-prefix", prefix]
    assert main(["replay", "nowhere.jsonl", *place]) == 2
    assert "nowhere.jsonl" in capsys.readouterr().err
