import copy
import pickle
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.config.host import HostSettings
from streams.config.secret import Secret

TEXTS = st.text(min_size=1)


def shown(secret: Secret) -> str:
    """Return all that is shown of a secret and of what holds it, where it is not asked for."""
    settings = HostSettings(sasl_password=secret, ssl_key_password=secret)
    return f"{secret} {secret!r} {settings} {settings!r} {[secret]} {secret.reveal()!r}"


def assert_nothing_depends_on_it(make: Callable[[str], Secret], one: str, other: str) -> None:
    assert shown(make(one)) == shown(make(other))


@given(TEXTS, TEXTS)
def test_what_is_shown_does_not_depend_on_it(one: str, other: str) -> None:
    assert_nothing_depends_on_it(Secret, one, other)


def test_the_law_bites_a_secret_that_shows_how_long_it_is() -> None:
    class Careless(Secret):
        __slots__ = ()

        def __repr__(self) -> str:
            return "*" * len(self.reveal())

    with pytest.raises(AssertionError):
        assert_nothing_depends_on_it(Careless, "one", "other")


@given(TEXTS)
def test_it_is_given_to_who_asks(text: str) -> None:
    assert Secret(text).reveal() == text
    assert "".join(["<", Secret(text).reveal(), ">"]).encode("utf-8", "surrogatepass") == (
        f"<{text}>".encode("utf-8", "surrogatepass")
    )
    assert Secret(text) == Secret(text)
    assert hash(Secret(text)) == hash(Secret(text))
    assert Secret(text) != Secret(text + "x")
    assert Secret(text)


def test_an_empty_one_counts_as_none() -> None:
    assert not Secret()


@pytest.mark.parametrize("write", [pickle.dumps, copy.copy, copy.deepcopy])
def test_it_is_not_written_anywhere(write: Callable[[Secret], object]) -> None:
    with pytest.raises(TypeError, match="not written"):
        write(Secret("x"))
