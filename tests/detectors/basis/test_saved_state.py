"""State of another version is refused by its name, and what is no state as such."""

import msgspec
import pytest
from msgspec import Struct

from detectors.basis.errors import IncompatibleSnapshot
from detectors.basis.saved_state import read_state


class Old(Struct, tag="thing-4"):
    """What a release before wrote."""

    count: int


class New(Struct, tag="thing-5"):
    """What this release writes."""

    counts: list[int]


class Other(Struct, tag="other-5"):
    """What something else wrote."""

    counts: list[int]


def test_state_of_this_version_is_read() -> None:
    saved = msgspec.msgpack.encode(New([1, 2]))
    assert read_state(saved, New, "a thing") == New([1, 2])


def test_state_of_an_earlier_version_is_refused_with_the_remedy() -> None:
    with pytest.raises(IncompatibleSnapshot) as caught:
        read_state(msgspec.msgpack.encode(Old(1)), New, "a thing")
    assert str(caught.value) == (
        "the state of a thing is of version 'thing-4', and this release reads 'thing-5': "
        "replay the source topics into fresh state"
    )


@pytest.mark.parametrize(
    "saved",
    [
        b"",
        b"\x80",
        b"nonsense",
        msgspec.msgpack.encode([1]),
        msgspec.msgpack.encode(Other([1])),
        msgspec.msgpack.encode({"type": "thing-5", "counts": "none"}),
    ],
)
def test_what_is_no_state_is_refused(saved: bytes) -> None:
    with pytest.raises(IncompatibleSnapshot, match="not a snapshot of a thing"):
        read_state(saved, New, "a thing")
