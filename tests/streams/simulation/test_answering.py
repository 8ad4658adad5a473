"""The loop of verification: asked for, answered as the truth has it, and judged."""

from collections import Counter
from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import mean
from typing import Final

import msgspec
import pytest
from msgspec import structs

from detectors.alerts.verification_request import NotBy, VerificationRequest
from detectors.basis.identifiers import AccountId, AgentId, SaleId
from streams.simulation.answering import DAYS, HONEST_SHARE, REACHED_SHARE, answers
from streams.simulation.settings import SimulationSettings
from streams.simulation.truth import PlantedAgent, Truth
from tests.streams.small_centre import read_alerts, run

CONFIG: Final = """
[verification]
rate = 0.2
most = 0.8
key = "of a simulation, and no secret"
[patterns.failed_verification]
enabled = true
"""


def test_whoever_falsified_sales_is_found_by_what_customers_say(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Two agents whose sales look like all others but for the consent that nobody gave."""
    config, requests, said = (tmp_path / name for name in ("c.toml", "asked.jsonl", "said.jsonl"))
    config.write_text(CONFIG, encoding="utf-8")
    centre = "--agents 30 --days 150 --seed 3 --planted-share 0.1 --sales-per-day 8"
    assert run("simulate", *centre.split(), "--plant", "no_consent", "--out", tmp_path) == 0
    events, truth_file, out = (
        tmp_path / "events.jsonl",
        tmp_path / "truth.json",
        tmp_path / "alerts",
    )
    asked = ("--config", config, "--out", out, "--verifications", requests)
    assert run("detect", events, *asked) == 0
    assert not warned_by_verification(out), "before anybody has answered"
    assert run("answer", requests, "--truth", truth_file, "--out", said) == 0
    assert "customers were reached, and " in capsys.readouterr().err
    assert run("detect", events, said, *asked) == 0
    truth = msgspec.json.decode(truth_file.read_bytes(), type=Truth)
    planted = {one.agent_id: one.pattern for one in truth.planted}
    warned = warned_by_verification(out)
    assert warned <= planted.keys(), "an honest agent is accused by being asked for"
    assert {agent for agent, pattern in planted.items() if pattern == "no_consent"} <= warned
    times = [msgspec.json.decode(line)["occurred_at"] for line in said.read_bytes().splitlines()]
    assert times == sorted(times)
    seldom, often = mean_probabilities(requests, planted)
    assert often > 1.5 * seldom, "the suspected are not asked for more"


def warned_by_verification(out: Path) -> set[str]:
    """Return the agents of whom the pattern warns."""
    return {
        one.agent_id
        for one in read_alerts(out.read_bytes())
        if one.pattern == "failed_verification" and one.severity != "info" and one.agent_id
    }


def mean_probabilities(requests: Path, planted: Collection[str]) -> tuple[float, float]:
    """Return the mean probability of sales of honest agents, and of others, in the last month."""
    found = [
        msgspec.json.decode(line, type=VerificationRequest)
        for line in requests.read_bytes().splitlines()
    ]
    last = max(one.sold_at for one in found) - timedelta(days=30)
    late = [one for one in found if one.sold_at > last]
    seldom, often = (
        mean(one.probability for one in late if (one.agent_id in planted) is is_planted)
        for is_planted in (False, True)
    )
    return seldom, often


MIDNIGHT: Final = datetime(2025, 3, 4, tzinfo=UTC)
TRUTH: Final = Truth(
    seed=1,
    parameters=SimulationSettings(agents=2, days=90, seed=1),
    honest_agents=1,
    planted=(PlantedAgent("guilty", "no_consent", "2025-03-01T00:00:00Z", 0.4, 0, 0),),
    events={},
)


def request(number: int, agent: str = "honest", days: int = 20) -> VerificationRequest:
    """Return a request about a sale; an answer counts for so many days."""
    return VerificationRequest(
        request_id=f"request {number}",
        sale_id=SaleId(f"s {number}"),
        account_id=AccountId(f"a {number}"),
        agent_id=AgentId(agent),
        product="card",
        site=None,
        not_by=NotBy(AgentId(agent), None),
        sold_at=MIDNIGHT - timedelta(hours=9),
        asked_at=MIDNIGHT,
        answer_by=MIDNIGHT + timedelta(days=days),
        probability=0.1,
        config_hash="",
    )


def shares(agent: str) -> tuple[float, float]:
    """Return which share of 4,000 customers is reached, and of these does not confirm."""
    said = Counter(
        one["result"] for one in answers([request(n, agent) for n in range(4_000)], TRUTH)
    )
    return said.total() / 4_000, said["not_confirmed"] / said.total()


def test_as_many_deny_as_were_falsified() -> None:
    reached, denied = shares("guilty")
    assert reached == pytest.approx(REACHED_SHARE, abs=0.03)
    assert denied == pytest.approx(0.4, abs=0.04)
    assert shares("honest")[1] == pytest.approx(HONEST_SHARE, abs=0.015)


def test_sales_before_the_misconduct_are_honest() -> None:
    earlier = [
        structs.replace(request(number, "guilty"), sold_at=MIDNIGHT - timedelta(days=9))
        for number in range(2_000)
    ]
    said = Counter(one["result"] for one in answers(earlier, TRUTH))
    assert said["not_confirmed"] / said.total() == pytest.approx(HONEST_SHARE, abs=0.02)


def test_one_request_has_one_answer_wherever_it_stands() -> None:
    requests = [request(number) for number in range(50)]
    one_way = list(answers(requests, TRUTH))
    other_way = list(answers([*reversed(requests), *requests], TRUTH))
    assert sorted(one_way, key=str) == sorted(other_way, key=str)
    assert list(answers([], TRUTH)) == []


def test_somebody_else_calls_in_time_while_the_office_is_open() -> None:
    for one in answers([request(number, days=2) for number in range(400)], TRUTH):
        at = datetime.fromisoformat(one["occurred_at"])
        assert MIDNIGHT < at <= MIDNIGHT + timedelta(days=min(2, DAYS))
        assert 9 <= at.hour < 18
        assert one["agent_id"].startswith("verifier-")


def test_what_is_no_request_or_no_truth_is_told_by_its_place(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    requests, truth, out = (tmp_path / name for name in ("asked.jsonl", "truth.json", "said.jsonl"))
    requests.write_bytes(msgspec.json.encode(request(1)) + b'\n{"sale_id": 1}\n')
    truth.write_text("{}", encoding="utf-8")
    words = ("answer", requests, "--truth", truth, "--out", out)
    assert run(*words) == 2
    assert "truth.json is no truth of a simulation" in capsys.readouterr().err
    truth.write_bytes(msgspec.json.encode(TRUTH))
    assert run(*words) == 2
    assert f"line 2 of {requests} is no verification request" in capsys.readouterr().err
    assert not out.exists()
