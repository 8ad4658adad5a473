"""What rides beside an alert says whom it is about, and commands nobody."""

from urllib.parse import unquote

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.alerts.alert import Subject
from streams.stages.actors.alert_records import cloud_event_headers
from tests.streams.alerts_at_hand import agent_alert

IDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


def subject_of(name: str) -> str:
    alert = msgspec.structs.replace(agent_alert("x"), subject=Subject(type="agent", id=name))
    return dict(cloud_event_headers(alert))["ce_subject"].decode("ascii")


@pytest.mark.parametrize("name", ["agent-1", "a.b@example.com", "Zoe_(North)", "a:b;c=d", "~!*'"])
def test_a_usual_id_stands_as_it_is(name: str) -> None:
    assert subject_of(name) == f"agent/{name}"


@pytest.mark.parametrize(
    ("name", "encoded"),
    [
        ("\x1b]0;pwn\x07", "%1B]0;pwn%07"),
        ("\u202egnp", "%E2%80%AEgnp"),
        ("a\x9bb", "a%C2%9Bb"),
        ("line\nbreak", "line%0Abreak"),
        ("a/b", "a%2Fb"),
        ("100%", "100%25"),
        ('"x" y', "%22x%22%20y"),
        ("Zoë", "Zo%C3%AB"),
    ],
)
def test_what_does_not_print_is_encoded(name: str, encoded: str) -> None:
    assert subject_of(name) == f"agent/{encoded}"


@given(name=IDS)
def test_an_encoded_id_prints_and_comes_back(name: str) -> None:
    subject = subject_of(name)
    kind, _, encoded = subject.partition("/")
    assert (kind, unquote(encoded)) == ("agent", name)
    assert all("!" <= character <= "~" for character in subject)


@given(one=IDS, other=IDS)
def test_different_ids_stay_different(one: str, other: str) -> None:
    assert (subject_of(one) == subject_of(other)) is (one == other)
