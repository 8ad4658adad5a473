import pytest

from detectors.basis.errors import InvalidSettings
from detectors.settings import Settings, read_settings
from streams.broker.retention import read_retention, timed_topics, variable_of
from streams.wire.topics import CATALOGUE, EVENT_TOPICS, Topic

DAY = 86_400_000


def test_what_is_not_set_stays_as_it_is() -> None:
    assert read_retention(Settings(), {"ABOVEBOARD_RETENTION_SALES": "", "RETENTION": "1d"}) == {}


@pytest.mark.parametrize("topic", timed_topics())
def test_every_topic_that_is_cleaned_up_by_time_has_a_variable(topic: Topic) -> None:
    assert read_retention(Settings(), {variable_of(topic): "400d"}) == {topic: str(400 * DAY)}
    assert read_retention(Settings(), {variable_of(topic): "forever"}) == {topic: "-1"}


def test_a_topic_is_cleaned_up_by_time_or_by_key() -> None:
    by_key = {plan.topic for plan in CATALOGUE if plan.settings["cleanup.policy"] == "compact"}
    assert set(timed_topics()) == set(Topic) - by_key


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("ALERT", "400d", "the nearest is ABOVEBOARD_RETENTION_ALERTS"),
        ("LEDGER_STATE", "400d", "no topic that is cleaned up by time"),
        ("ALERTS", "400", "'400' is not a duration"),
        ("ALERTS", "-1", "'-1' is not a duration"),
        ("ALERTS", "23h", "shorter than the 1 days"),
        ("DEAD_LETTERS", "0d", "shorter"),
        ("OUTCOMES", "1m", "shorter"),
    ],
)
def test_what_cannot_be_obeyed_is_refused_by_name(name: str, value: str, said: str) -> None:
    with pytest.raises(InvalidSettings, match=said) as refusal:
        read_retention(Settings(), {f"ABOVEBOARD_RETENTION_{name}": value})
    assert f"ABOVEBOARD_RETENTION_{name}: " in str(refusal.value)


@pytest.mark.parametrize("topic", EVENT_TOPICS)
def test_events_are_kept_as_long_as_they_can_change_anything(topic: Topic) -> None:
    settings = read_settings(
        {
            "time": {"corrections_for": "3d", "allowed_lateness": "1d"},
            "patterns": {
                "unused_account": {"window": "20d"},
                "quick_cancellation": {"window": "5d"},
            },
        }
    )
    assert read_retention(settings, {variable_of(topic): "24d"}) == {topic: str(24 * DAY)}
    with pytest.raises(InvalidSettings, match="the 24 days"):
        read_retention(settings, {variable_of(topic): "23d"})
