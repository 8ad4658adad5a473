"""An explanation of an alert that does not say what the outcomes give disagrees."""

import io

import pytest
from msgspec import UNSET, structs
from rich.console import Console

from detectors.alerts.alert import Alert, evidence_of
from detectors.alerts.evidence import AgainstPeers
from detectors.basis.event_time import Day, day_name, moment, start_of_day
from detectors.basis.identifiers import Cell, SaleId
from detectors.evidence.rate_ratio import shrunk_rate_ratio
from detectors.settings import read_settings
from streams.explain.agent import AgentExplanation
from streams.explain.course import Course, Rules
from streams.explain.evidence import Judged
from streams.explain.tables import SHOWN_CELLS, CellCount, Headings, cell_table
from streams.explain.words import peers_in_words, shadow_in_words, spread_in_words
from tests.streams.alerts_at_hand import agent_alert

FIRST = Day(20_000)
OUTCOMES = [
    Judged(
        Day(FIRST + n // 2),
        SaleId(f"s-{n}"),
        0.05,
        bad=n % 2 == 0,
        cell=Cell(("card/phone", "card/web")[(FIRST + n // 2) % 2]),
    )
    for n in range(20)
]
SETTINGS = read_settings({"evidence": {"between_agent_sd": 0.25, "tempering": 1.0}})
LAST = OUTCOMES[-1].day
RULES = Rules(0.25, 73_000.0, 730.0, 14.0, 90.0, 365)


def honest_alert() -> Alert:
    """Return the alert that these outcomes make."""
    alert, effect = agent_alert(), shrunk_rate_ratio(10, 1.0, 0.25)
    return structs.replace(
        alert,
        opened_at=moment(start_of_day(LAST + 1)),
        updated_at=moment(start_of_day(LAST + 1)),
        evidence=structs.replace(
            alert.evidence,
            value=Course(OUTCOMES, [], RULES, LAST, ()).days[-1].evidence,
            matured=20,
            observed=10,
            expected=1.0,
            likely_start=day_name(FIRST),
            between_agent_sd=0.25,
            rate_ratio=effect.estimate,
            rate_ratio_low=effect.lower,
            rate_ratio_high=effect.upper,
        ),
    )


def agrees(alert: Alert) -> bool:
    return explained(alert).agrees()


def explained(*revisions: Alert) -> AgentExplanation:
    return AgentExplanation(SETTINGS, revisions, OUTCOMES, [], LAST + 5, {LAST})


def said_of(alert: Alert, width: int = 100) -> str:
    console = Console(file=io.StringIO(), width=width)
    explained(alert).print(console)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_what_the_outcomes_give_agrees() -> None:
    assert agrees(honest_alert())


def test_any_other_figure_disagrees() -> None:
    alert = honest_alert()
    evidence = evidence_of(alert, AgainstPeers)
    for changes in (
        {"value": evidence.value * (1 + 2e-5)},
        {"matured": 21},
        {"observed": 11},
        {"expected": 1.0001},
        {"likely_start": day_name(Day(FIRST + 1))},
        {"rate_ratio": evidence.rate_ratio * 1.01},
        {"rate_ratio_low": evidence.rate_ratio_low * 0.99},
        {"rate_ratio_high": evidence.rate_ratio_high * 1.01},
    ):
        assert not agrees(structs.replace(alert, evidence=structs.replace(evidence, **changes)))


def ended_alert() -> tuple[AgentExplanation, Alert]:
    """Return the alert as it ended in silence, four days after the last outcome, and why."""
    settings = read_settings(
        {"evidence": {"between_agent_sd": 0.25, "tempering": 1.0, "silent_after": "4d"}}
    )
    opened = honest_alert()
    resolved = structs.replace(
        opened,
        revision=2,
        status="resolved",
        updated_at=moment(start_of_day(Day(LAST + 5))),
        ending="silent",
        evidence=structs.replace(
            opened.evidence, value=Course(OUTCOMES, [], RULES, LAST, ()).standing()
        ),
    )
    return (
        AgentExplanation(settings, [opened, resolved], OUTCOMES, [], LAST + 5, {LAST}),
        resolved,
    )


def test_another_state_disagrees() -> None:
    explanation, resolved = ended_alert()
    assert explanation.agrees()
    opened = explanation.comparisons[0].alert
    for changes in (
        {"ending": UNSET},
        {"ending": "evidence_fell"},
        {"status": "open", "ending": UNSET},
        {"status": "open", "ending": UNSET, "quiet_since": day_name(LAST)},
    ):
        comparison = explanation.comparisons[1]
        assert comparison.agrees()
        assert not comparison._replace(alert=structs.replace(resolved, **changes)).agrees()
    quiet = structs.replace(opened, quiet_since=day_name(LAST))
    assert not explanation.comparisons[0]._replace(alert=quiet).agrees()


def test_an_alert_that_was_not_due_disagrees() -> None:
    weak = structs.replace(honest_alert(), opened_at=moment(start_of_day(Day(FIRST + 1))))
    explanation = AgentExplanation(SETTINGS, [weak], OUTCOMES, [], LAST + 5, {FIRST})
    assert all(comparison.agrees() for comparison in explanation.comparisons)
    assert not explanation.agrees()


def test_another_day_disagrees() -> None:
    later = structs.replace(honest_alert(), updated_at=moment(start_of_day(LAST)))
    assert not agrees(later)


def test_it_says_what_was_expected_in_each_peer_cell() -> None:
    said = [line.replace("\u2502", "|").split("|") for line in said_of(honest_alert()).splitlines()]
    rows = {cells[1].strip(): [cell.strip() for cell in cells[2:6]] for cells in said if cells[5:]}
    assert rows["card/phone"] == ["10", "5", "0.50", "5.00%"]
    assert rows["card/web"] == ["10", "5", "0.50", "5.00%"]
    assert rows["all"] == ["20", "10", "1.00", "5.00%"]


def test_cells_that_nobody_told_stand_as_unknown_and_a_great_many_as_one() -> None:
    counts = [
        CellCount(Cell(f"cell-{number}" if number else ""), 2, 1, 0.5) for number in range(20)
    ]
    console = Console(file=io.StringIO(), width=100)
    console.print(cell_table(counts, Headings("day", "sales", "product"), day_name(FIRST)))
    assert isinstance(console.file, io.StringIO)
    said = console.file.getvalue()
    assert " ? " in said
    assert f"{20 - SHOWN_CELLS} other cells" in said


def test_it_says_who_the_peers_are_and_how_much_honest_agents_differ() -> None:
    said = " ".join(said_of(honest_alert()).split())
    assert "all other sellers, by product and channel" in said
    assert "worth 100 outcomes" in said
    assert "agents under an open alert" in said
    assert "level of the market (half-life 3 days)" in said


def test_what_was_estimated_is_told_from_what_was_set() -> None:
    alert = honest_alert()
    evidence = structs.replace(
        alert.evidence, between_agent_sd=0.35, tempering=0.875, null_alarms=2, null_agent_years=150
    )
    told = structs.replace(alert, evidence=evidence)
    auto = read_settings({"evidence": {"between_agent_sd": "auto", "tempering": "auto"}})
    assert "standard deviation of 0.35 (estimated)" in spread_in_words(auto, told)
    assert "power of 0.875 (estimated)" in spread_in_words(auto, told)
    assert "standard deviation of 0.25 (estimated)" in spread_in_words(auto, alert)
    fixed = read_settings({"evidence": {"between_agent_sd": 0.4, "tempering": 1.0}})
    assert "standard deviation of 0.4 (set)" in spread_in_words(fixed, told)
    assert "2 warnings of this pattern in 150.0 agent-years" in shadow_in_words(told)
    assert shadow_in_words(alert) == ""


def test_a_single_field_makes_cells_too() -> None:
    settings = read_settings({"peers": {"cell": ["product"]}})
    assert "all other sellers, by product. " in peers_in_words(settings, settings.peers.cell)


@pytest.mark.parametrize("width", [1, 5, 20, 40, 79])
def test_a_narrow_terminal_is_no_reason_to_fail(width: int) -> None:
    said = said_of(honest_alert(), width)
    assert all(len(line) <= width for line in said.splitlines())
