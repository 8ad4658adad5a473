"""The keys of an issuer: fetched when needed, seldom, and not believed for ever."""

import asyncio
import ssl
from collections.abc import Iterator
from typing import Any

import pytest

from streams.access.issuer import BETWEEN_FETCHES, Issuer, is_private_way, usable_keys
from streams.errors import AccessRefused
from tests.streams.access.issuer_at_hand import IssuerAtHand, ec_key, rsa_key


class Clock:
    """Seconds that pass when somebody says so."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def at_hand() -> Iterator[IssuerAtHand]:
    with IssuerAtHand() as found:
        yield found


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def issuer(at_hand: IssuerAtHand, clock: Clock) -> Issuer:
    return Issuer(at_hand.address, ssl.create_default_context(), 5.0, clock)


def ids_known(issuer: Issuer, *key_ids: str | None) -> list[int]:
    """Return 200 for each key that is found, else the status of the refusal."""

    async def ask() -> list[int]:
        found = []
        for key_id in key_ids:
            try:
                assert (await issuer.key(key_id)).kid in (key_id, key_id or "rsa-1")
                found.append(200)
            except AccessRefused as error:
                found.append(error.status)
        return found

    return asyncio.run(ask())


def test_a_flood_of_unknown_keys_costs_the_issuer_one_question_a_minute(
    at_hand: IssuerAtHand, issuer: Issuer, clock: Clock
) -> None:
    assert ids_known(issuer, "rsa-1", "ec-1") == [200, 200]
    for _ in range(50):
        assert ids_known(issuer, "unknown") == [401]
    assert at_hand.asked == 1
    clock.now += BETWEEN_FETCHES
    assert ids_known(issuer, *["unknown"] * 50) == [401] * 50
    assert at_hand.asked == 2


def test_a_new_key_is_known_after_a_minute_at_most_and_an_old_one_is_forgotten(
    at_hand: IssuerAtHand, issuer: Issuer, clock: Clock
) -> None:
    assert ids_known(issuer, "rsa-1") == [200]
    at_hand.keys = [rsa_key("rsa-2")]
    assert ids_known(issuer, "rsa-2") == [401]
    clock.now += BETWEEN_FETCHES
    assert ids_known(issuer, "rsa-2", "rsa-1") == [200, 401]


def test_a_key_that_was_taken_back_is_believed_for_ten_minutes_more(
    at_hand: IssuerAtHand, issuer: Issuer, clock: Clock
) -> None:
    assert ids_known(issuer, "rsa-1") == [200]
    at_hand.keys = [ec_key()]
    clock.now += 590
    assert ids_known(issuer, "rsa-1") == [200]
    clock.now += 20
    assert ids_known(issuer, "rsa-1", "ec-1") == [401, 200]


def test_an_issuer_that_is_away_is_forgiven_for_an_hour(
    at_hand: IssuerAtHand, issuer: Issuer, clock: Clock
) -> None:
    at_hand.keys = None
    assert ids_known(issuer, "rsa-1") == [503]
    at_hand.keys = [rsa_key()]
    assert ids_known(issuer, "rsa-1") == [503]  # asked again only after a while
    clock.now += 6
    assert ids_known(issuer, "rsa-1") == [200]
    at_hand.keys = None
    clock.now += 3_590
    assert ids_known(issuer, "rsa-1") == [200]
    clock.now += 20
    assert ids_known(issuer, "rsa-1") == [503]


def test_an_issuer_that_calls_itself_otherwise_gives_no_keys(
    at_hand: IssuerAtHand, issuer: Issuer
) -> None:
    at_hand.named = "https://other.example"
    assert ids_known(issuer, "rsa-1") == [503]


def test_a_token_without_a_key_id_needs_that_there_is_one_key(
    at_hand: IssuerAtHand, issuer: Issuer
) -> None:
    at_hand.keys = [rsa_key()]
    assert ids_known(issuer, None) == [200]


@pytest.mark.parametrize(
    ("address", "private"),
    [
        ("https://id.example/realms/x", True),
        ("http://127.0.0.1:8080/realms/x", True),
        ("http://localhost", True),
        ("http://[::1]:8080", True),
        ("http://id.example", False),
        ("http://localhost.example", False),
        ("https://", False),
        ("file:///keys", False),
        ("//id.example", False),
        ("http://[", False),
    ],
)
def test_keys_come_by_a_way_that_nobody_else_can_answer(address: str, *, private: bool) -> None:
    assert is_private_way(address) == private


def test_keys_that_may_not_sign_are_passed_over() -> None:
    rsa: dict[str, Any] = {**rsa_key().as_dict(private=False)}
    strange = [
        {"kty": "oct", "kid": "secret", "k": "c2VjcmV0"},
        {**rsa, "kid": "enc", "use": "enc"},
        {"kty": "RSA", "kid": "torn"},
        {"kty": "XYZ", "kid": "new"},
        {"kty": "EC", "crv": "P-384", "kid": "curve", "x": "AA", "y": "AA"},
    ]
    assert list(usable_keys([*strange, rsa])) == ["rsa-1"]
    with pytest.raises(ValueError, match="no key"):
        usable_keys(strange)
