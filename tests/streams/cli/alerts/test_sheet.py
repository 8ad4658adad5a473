import shlex

import msgspec
import pytest

from detectors.alerts.alert import Alert, Subject
from detectors.alerts.at_stake import AtStake
from detectors.alerts.evidence import FactEvidence
from detectors.cases.case import Case
from streams.cli.alerts.case_alerts import CaseAlerts
from streams.cli.alerts.sheet import Sheet
from streams.errors import AlertNotFound
from tests.streams.alerts_at_hand import agent_alert
from tests.streams.cli.alerts.cases_at_hand import case_of, closed, proposed
from tests.streams.cli.alerts.test_deciding import decision_of


def lines_of(alert: Alert, *others: Alert, case: Case | None = None) -> list[str]:
    return list(Sheet(CaseAlerts.of(alert.alert_id, [alert, *others]), [alert], case).lines())


def commands(lines: list[str]) -> list[list[str]]:
    """Return what a person would copy into a shell, as the shell reads it."""
    found = [line.partition("aboveboard ")[2] for line in lines if ":  " in line]
    return [shlex.split(words) for words in found if words]


def test_the_sheet_begins_with_the_sentence_and_ends_with_what_to_do() -> None:
    alert = agent_alert()
    lines = lines_of(alert)
    assert lines[0] == alert.summary
    text = "\n".join(lines)
    for told in ("likely start     2025-03-01", "2.1 (1.6 to 2.9)", "e-1", "80,000", "73,000"):
        assert told in text
    explain, decide = commands(lines)
    assert explain[:2] == ["explain", alert.alert_id]
    assert decide == [
        "alerts", "decide", alert.alert_id, "acknowledge", "--until", "4h",
        "--seen", f"{alert.alert_id}=1",
    ]  # fmt: skip


def test_the_figures_say_what_is_at_stake_and_where() -> None:
    stake = AtStake(sales=2, amount=30.5, amount_unknown=0, customers=2)
    alert = msgspec.structs.replace(agent_alert(), at_stake=stake, team="north", site="Leeds")
    lines = lines_of(alert)
    assert "  at stake         30.50 in the 2 sales named, of 2 known customers" in lines
    assert "  team             north" in lines
    assert "  site             Leeds" in lines
    assert not any("at stake" in line for line in lines_of(agent_alert()))


def test_what_to_do_first_stands_before_the_figures() -> None:
    alert = agent_alert()
    text = "\n".join(lines_of(alert))
    advice = [
        *("What to do first", alert.next_step, "What would clear it", alert.would_clear),
        *("nobody has checked", *(alert.explanations_unchecked or ())),
        *("Counted against nobody", *(alert.explanations_checked or ()), "Figures"),
    ]
    places = [text.index(str(words)) for words in advice]
    assert places == sorted(places)


def test_an_alert_without_advice_has_no_heading_for_it() -> None:
    fields = ("next_step", "would_clear", "explanations_checked", "explanations_unchecked")
    bare = msgspec.structs.replace(agent_alert(), **dict.fromkeys(fields, msgspec.UNSET))
    lines = lines_of(bare)
    assert lines[lines.index("Figures") - 2].startswith(f"alert {bare.alert_id}")
    assert "UNSET" not in "\n".join(lines)


def test_what_is_not_known_is_not_shown() -> None:
    bare = msgspec.structs.replace(
        agent_alert(),
        evidence=FactEvidence(window="5d", observed=1),
        event_ids=(),
        agent_id=None,
        subject=Subject("account", "a-1"),
    )
    text = "\n".join(lines_of(bare))
    assert "None" not in text
    assert "expected" not in text


def test_few_of_many_events_are_named() -> None:
    many = msgspec.structs.replace(agent_alert(), event_ids=tuple(f"e-{n}" for n in range(1_000)))
    lines = lines_of(many)
    assert "  and 980 more: aboveboard alerts list --format json has all of them" in lines
    assert sum(line.startswith("  e-") for line in lines) == 20


def test_open_alerts_of_the_same_subject_are_shown_and_seen() -> None:
    alert = agent_alert()
    other = msgspec.structs.replace(alert, alert_id="other", revision=4)
    done = msgspec.structs.replace(alert, alert_id="done", status="resolved")
    stranger = agent_alert("agent-2", alert_id="stranger")
    lines = lines_of(alert, other, done, stranger)
    (_, decide) = commands(lines)
    assert sorted(decide[-3::2]) == sorted([f"{alert.alert_id}=1", "other=4"])
    text = "\n".join(lines)
    assert "  done  revision 1" in text
    assert "stranger" not in text


def test_how_a_case_stands_decides_what_is_next() -> None:
    alert = agent_alert()
    proposal = decision_of(kind="propose", outcome="honest", explanation="returns", words="w")
    for case, told, next_step in (
        (case_of(alert), "acknowledged until", "acknowledge"),
        (proposed(alert, proposal), "anna proposes honest (returns): w", "approve"),
        (closed(alert), "closed as honest (returns_desk) by anna and bert", "reopen"),
    ):
        lines = lines_of(alert, case=case)
        assert any(told in line for line in lines), lines
        assert commands(lines)[1][3] == next_step
        assert any("refused (not_permitted) only a reviewer may" in line for line in lines)
    assert proposal.decision_id in commands(lines_of(alert, case=proposed(alert, proposal)))[1]
    withdrawn = agent_alert(status="withdrawn")
    assert any("does not hold" in line for line in lines_of(withdrawn))


def test_an_id_is_one_word_of_the_commands() -> None:
    hostile = agent_alert(alert_id="$(reboot); 'x\n\x1b[2J\u202e")
    shown = "$(reboot); 'x\ufffd\ufffd[2J\ufffd"
    explain, decide = commands(lines_of(hostile))
    assert explain == ["explain", shown, "EVENTS", "--config", "SETTINGS"]
    assert decide[2] == shown
    assert decide[-1] == f"{shown}=1"


def test_neither_alert_nor_case_of_this_id() -> None:
    with pytest.raises(AlertNotFound, match="aboveboard alerts list"):
        CaseAlerts.of("nothing", [agent_alert()])
