"""How many messages an officer gets is counted as the shipped Alertmanager sends them."""

from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
import yaml

from tests.install.machine import ROOT
from tests.streams.notify.sample_alerts import LONG_AGO, alert
from tools.messages import REMINDS, main, messages

DAY = timedelta(days=1)


def test_news_are_what_opens_turns_critical_or_ends_and_no_new_revision() -> None:
    told = messages(
        [
            alert("mild", 1, "info"),
            alert("a", 1),
            alert("b", 1),  # of the same agent at the same moment: one message
            alert("a", 2),
            alert("a", 3, "critical"),
            alert("a", 4, "critical", "resolved"),
            alert("b", 4, "warning", "withdrawn"),
        ],
        LONG_AGO + 5 * DAY,
    )
    assert told.news == [LONG_AGO + day * DAY for day in (1, 3, 4, 4)]
    assert told.reminders == 0


def test_what_stays_open_is_told_again(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    opened = [alert("a", 1, "critical")]
    assert messages(opened, LONG_AGO + DAY + 3 * REMINDS).reminders == 3
    ended = [*opened, alert("a", 10, "critical", "resolved")]
    assert messages(ended, LONG_AGO + 90 * DAY).reminders == 2
    path = tmp_path / "alerts.jsonl"
    path.write_bytes(b"\n".join(map(msgspec.json.encode, ended)))
    span = ["--since", "2025-03-01T00:00:00Z", "--until", "2025-03-29T00:00:00Z"]
    assert main([str(path), *span]) == 0
    assert capsys.readouterr().out.startswith("2 messages of news in 4 weeks, 0.50 a week")


def test_the_shipped_file_reminds_as_often() -> None:
    path = ROOT / "deploy" / "alertmanager" / "alertmanager.yml"
    routes = yaml.safe_load(path.read_text(encoding="utf-8"))["route"]["routes"]
    (ours,) = (one for one in routes if one["matchers"] == ['source="aboveboard"'])
    assert ours["repeat_interval"] == f"{REMINDS.days}d"
