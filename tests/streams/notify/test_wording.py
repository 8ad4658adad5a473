"""What stands in the message that a person gets."""

from datetime import UTC, datetime, timedelta

from msgspec import UNSET, structs

from detectors.alerts.alert import Alert
from detectors.alerts.at_stake import AtStake
from streams.config.secret import Secret
from streams.notify.deliveries import Key, Message
from streams.notify.wording import FIELD_LABELS, Labels, body_of
from tests.streams.notify.sample_alerts import AGENT, alert

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def annotations(told: Alert) -> dict[str, str]:
    key = Key(told.alert_id, "warning")
    found: dict[str, str] = body_of(Message(key, {}, NOW, NOW + timedelta(1), told), "")[
        "annotations"
    ]
    return found


def test_the_next_step_is_told() -> None:
    told = alert("a")
    assert annotations(told)["next_step"] == told.next_step


def test_an_alert_that_says_no_next_step_has_no_annotation_for_it() -> None:
    told = structs.replace(alert("a"), next_step=UNSET)
    assert "next_step" not in annotations(told)


def test_a_next_step_is_plain_text_that_a_chat_can_show() -> None:
    told = structs.replace(alert("a"), next_step="\x1b[2J\n" + "x" * 5_000)
    shown = annotations(told)["next_step"]
    assert shown.isprintable()
    assert len(shown) == 1_000


def test_what_is_at_stake_is_told_with_site_and_team() -> None:
    stake = AtStake(sales=9, amount=450.0, amount_unknown=1, customers=8)
    shown = annotations(structs.replace(alert("a"), site="Leeds", team="\x1bnorth", at_stake=stake))
    assert shown["at_stake"].startswith("450.00 in the 9 sales named, of 8 known customers; 1 of")
    assert (shown["site"], shown["team"]) == ("Leeds", "\ufffdnorth")
    assert not annotations(alert("a")).keys() & {"at_stake", "site", "team"}


def labels(told: Alert, *fields: str, **fixed: str) -> dict[str, str]:
    given = Labels(Secret("key"), fixed, fields)(told, "warning")
    return {name: value for name, value in given.items() if name in FIELD_LABELS}


def test_site_and_team_are_labels_where_they_are_known_and_asked_for() -> None:
    told = structs.replace(alert("a"), site="Leeds", team=None)
    assert labels(told, "site", "team") == {"site": "Leeds"}
    assert labels(told, "team") == {}
    assert labels(told, "site", "team", site="all", team="ours") == {"site": "all", "team": "ours"}


def test_a_label_is_short_and_plain_and_leads_to_no_agent() -> None:
    told = structs.replace(alert("a"), site="x\n" * 200, team=f"Team of {AGENT.upper()}")
    assert labels(told, "site", "team") == {"site": "x\ufffd" * 32}
