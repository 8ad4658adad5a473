"""What the summary says of good sales, and what `detect --commendations` writes."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from msgspec import structs

from detectors.alerts.commendation import Commendation, commendation_sentence
from streams.contract.examples import examples
from streams.files.commended_lines import MOST_NAMED, commended_lines
from tests.streams.hostile_corpus import sale
from tests.streams.small_centre import run, write_lines


def commendation(agent: str = "agent 10", value: float = 20.0) -> Commendation:
    """Return an open one."""
    shown = msgspec.convert(examples()["Commendation"][0].payload, Commendation)
    return structs.replace(shown, commendation_id=agent, agent_id=agent, value=value)


def test_without_commendations_nothing_is_told() -> None:
    ended = structs.replace(commendation(), status="ended", revision=2)
    assert [*commended_lines([])] == [*commended_lines([commendation(), ended])] == []


def test_the_surest_are_told_in_a_sentence_each() -> None:
    (head, line) = commended_lines([commendation()])
    assert head == (
        "Good sales: 1 agent is commended, whose sales are kept and used more than peers'"
    )
    assert line == f"  {commendation().summary}"
    many = [commendation(f"{n}\x1b", 20.0 + n) for n in range(MOST_NAMED + 2)]
    many = [structs.replace(one, summary=f"about {one.agent_id}") for one in many]
    assert [*commended_lines(many)] == [
        "Good sales: 5 agents are commended, whose sales are kept and used more than peers'",
        *(f"  about {n}\ufffd" for n in (4, 3, 2)),
        "  and 2 more: --commendations FILE names them",
    ]


def test_a_sentence_can_be_read_aloud() -> None:
    one = commendation()
    ground = structs.replace(
        one.grounds[0],
        matured=1_214,
        observed=3,
        expected=12.34,
        since="2025-01-03",
        rate_ratio=0.62,
        rate_ratio_low=0.41,
        rate_ratio_high=0.9,
    )
    assert commendation_sentence(one.agent_id, [ground], "ended") == (
        "Agent agent 10: of 1,214 sales since 2025-01-03, 3 were cancelled within 10 days, where "
        "peers with the same sales would have 12.3. Allowing for chance, and for how much agents "
        "differ, the best estimate is 0.62 times (90 % interval 0.41 to 0.90) as often as among "
        "peers. Ended: this does not stand any more."
    )


def good_sales() -> list[bytes]:
    """Return the sales of eight agents, of whom one has no cancellations."""
    begin = datetime(2025, 3, 3, 8, tzinfo=UTC)
    lines: list[tuple[datetime, bytes]] = []
    for number in range(45 * 24):
        day, place = divmod(number, 24)
        at, agent = begin + timedelta(days=day, minutes=place), place % 8
        name, stamp = f"{day}-{place}", "%Y-%m-%dT%H:%M:%SZ"
        own = {
            "event_id": f"e{name}",
            "account_id": f"a{name}",
            "sale_id": f"s{name}",
            "agent_id": f"agent {agent}",
            "customer_id": f"c{name}",
            "occurred_at": at.strftime(stamp),
        }
        lines.append((at, sale(**{key: f'"{value}"' for key, value in own.items()})))
        if agent and number * 7 % 5 == 0:
            ended = at + timedelta(days=3)
            gone = {
                "type": "cancellation",
                "event_id": f"x{name}",
                "account_id": f"a{name}",
                "sale_id": f"s{name}",
                "occurred_at": ended.strftime(stamp),
                "reason": "customer_request",
                "initiated_by": "customer",
            }
            lines.append((ended, msgspec.json.encode(gone)))
    return [line for _, line in sorted(lines)]


def test_detect_writes_and_tells_them(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config, out = tmp_path / "settings.toml", tmp_path / "commendations.jsonl"
    budget = "[commendations]\nat_most_per_1000_agent_years = 500\nleast_matured = 20\n"
    config.write_text(budget, encoding="utf-8")
    path = write_lines(tmp_path / "events.jsonl", good_sales())
    assert run("detect", path, "--config", config, "--commendations", out) == 0
    told = [msgspec.json.decode(line, type=Commendation) for line in out.read_bytes().splitlines()]
    assert {one.agent_id for one in told} == {"agent 0"}
    captured = capsys.readouterr()
    assert "Good sales: 1 agent is commended" in captured.err
    assert run("detect", path, "--config", config, "--commendations", "-", "--out", out) == 0
    lines = [one for one in capsys.readouterr().out.splitlines() if "commendation_id" in one]
    assert [msgspec.json.decode(line, type=Commendation) for line in lines] == told
