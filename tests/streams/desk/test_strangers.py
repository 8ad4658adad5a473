"""Nobody is shown a name for a forged credential, whatever the mode; and the law bites."""

import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Final

import pytest
import trustme
from joserfc.jwk import RSAKey

from detectors.events.decision import Role
from streams.access.certificates import CertificateDoor
from streams.access.issuer import Issuer
from streams.access.local import LocalDoor
from streams.access.person import Caller, Person
from streams.access.proxy import ProxyDoor, trusted_networks
from streams.access.roles import role_map
from streams.access.tokens import TokenDoor
from streams.config.desk import DeskSettings
from tests.streams.access.issuer_at_hand import (
    ANN,
    AUDIENCE,
    IssuerAtHand,
    ec_key,
    rsa_key,
    signed_by_hand,
    signed_by_the_public_key,
    unsigned,
    with_claims,
)
from tests.streams.desk.desk_at_hand import PLACES, DeskAtHand, Headers, ask, leaks
from tests.streams.desk.test_pages import PAGES

MIXED: Final = "аnn.lee@bank.example"  # noqa: RUF001 - a Cyrillic first letter is the point
ROLES: Final[Mapping[str, Role]] = role_map("")
BROWSER: Final = ("Accept", "text/html,application/xhtml+xml,*/*;q=0.8")


def seen(
    desk: DeskAtHand,
    headers: Headers,
    *,
    source: str = "127.0.0.1",
    context: ssl.SSLContext | None = None,
) -> list[str]:
    """Return what whoever brings these headers sees as a program, and on pages as a browser."""
    asking = partial(ask, desk.address, source=source, context=context)
    as_page = partial(asking, headers=[*headers, BROWSER])
    return [*leaks(desk, partial(asking, headers=headers)), *leaks(desk, as_page, ("/", *PAGES))]


# ------------------------------------------------------------------------------------------ oidc


def bearer(token: str) -> Headers:
    return [("Authorization", f"Bearer {token}")]


FORGED_TOKENS: Final[Mapping[str, Callable[[IssuerAtHand], Headers]]] = {
    "none at all": lambda _: [],
    "no bearer": lambda it: [("Authorization", f"Basic {it.token()}")],
    "no token": lambda _: bearer("a.b.c"),
    "nothing in it": lambda _: bearer(""),
    "expired": lambda it: bearer(it.token(exp=time.time() - 60)),
    "without an end": lambda it: bearer(it.token(exp=None)),
    "an end in words": lambda it: bearer(it.token(exp="tomorrow")),
    "not valid yet": lambda it: bearer(it.token(nbf=time.time() + 60)),
    "wrong issuer": lambda it: bearer(it.token(iss="https://other.example")),
    "no issuer": lambda it: bearer(it.token(iss=None)),
    "wrong audience": lambda it: bearer(it.token(aud="crm")),
    "wrong audiences": lambda it: bearer(it.token(aud=["crm", "mail"])),
    "no audience": lambda it: bearer(it.token(aud=None)),
    "alg none": lambda it: bearer(unsigned(it.token())),
    "HS256 with the public key": lambda it: bearer(signed_by_the_public_key(it.token())),
    "other key of the same id": lambda it: bearer(
        it.token(RSAKey.import_key(other_key().as_dict(private=True) | {"kid": "rsa-1"}))
    ),
    "other key of another id": lambda it: bearer(it.token(other_key())),
    "key in the header": lambda it: bearer(
        it.token(other_key(), {"jwk": other_key().as_dict(private=False)})
    ),
    "RS256 under the id of an elliptic key": lambda it: bearer(
        it.token(rsa_key(), {"kid": "ec-1"})
    ),
    "ES256 under the id of an RSA key": lambda it: bearer(it.token(ec_key(), {"kid": "rsa-1"})),
    "no id where there are several keys": lambda it: bearer(it.token(header={"kid": None})),
    "claims changed": lambda it: bearer(with_claims(it.token(), roles=["approver", "admin"])),
    "a token of another kind": lambda it: bearer(it.token(header={"typ": "logout+jwt"})),
    "a critical header": lambda it: bearer(signed_by_hand(it.token(), crit=["exp"], exp=1)),
    "role unknown": lambda it: bearer(it.token(roles=["emperor"])),
    "no role": lambda it: bearer(it.token(roles=None)),
    "roles that are none": lambda it: bearer(it.token(roles={"approver": True})),
    "no login": lambda it: bearer(it.token(preferred_username=None)),
    "a login that is none": lambda it: bearer(it.token(preferred_username=["ann"])),
    "a login of two alphabets": lambda it: bearer(it.token(preferred_username=MIXED)),
    "a login with what nobody sees": lambda it: bearer(it.token(preferred_username="an\u200bn")),
    "twice": lambda it: [*bearer(it.token()), *bearer(it.token())],
    "the header of a proxy": lambda _: [
        ("X-Forwarded-Email", ANN),
        ("X-Forwarded-Groups", "approver"),
    ],
}


def other_key() -> RSAKey:
    return rsa_key("rsa-2")


@pytest.fixture(scope="module")
def issuer() -> Iterator[IssuerAtHand]:
    with IssuerAtHand() as found:
        yield found


def token_door(issuer: IssuerAtHand, kind: type[TokenDoor] = TokenDoor) -> TokenDoor:
    asked = Issuer(issuer.address, ssl.create_default_context(), 5.0)
    return kind(asked, AUDIENCE, "preferred_username", "roles", ROLES)


@pytest.fixture(scope="module")
def desk_by_token(issuer: IssuerAtHand) -> Iterator[DeskAtHand]:
    with DeskAtHand(token_door(issuer), challenge="Bearer") as desk:
        yield desk


@pytest.mark.parametrize("forged", FORGED_TOKENS)
def test_a_forged_token_shows_nothing(
    desk_by_token: DeskAtHand, issuer: IssuerAtHand, forged: str
) -> None:
    assert seen(desk_by_token, FORGED_TOKENS[forged](issuer)) == []


@pytest.mark.parametrize("key", [rsa_key(), ec_key()], ids=["RS256", "ES256"])
def test_a_token_of_the_issuer_opens(
    desk_by_token: DeskAtHand, issuer: IssuerAtHand, key: RSAKey
) -> None:
    for claims in ({}, {"aud": ["crm", AUDIENCE]}, {"exp": time.time() - 5}, {"roles": "viewer"}):
        for place in PLACES:
            headers = bearer(issuer.token(key, **claims))
            assert ask(desk_by_token.address, place, headers).status == 200
            assert desk_by_token.lookups[-1].who == ANN


def test_who_brings_nothing_is_told_what_to_bring(desk_by_token: DeskAtHand) -> None:
    answer = ask(desk_by_token.address, "/api/cases")
    assert answer.status == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert answer.headers["content-type"] == "application/problem+json"
    assert "Authorization: Bearer TOKEN" in answer.json()["detail"]


class _NoTimes(TokenDoor):
    def _require_valid(self, claims: object) -> None: ...


class _AnySignature(TokenDoor):
    """Believes what a token says, whoever has signed it."""

    async def person(self, caller: Caller) -> Person:
        token = (caller.header("Authorization") or "").removeprefix("Bearer ")
        return (
            Person(ANN, "approver", "oidc")
            if token.count(".") == 2
            else await super().person(caller)
        )


class _EverybodyIsAViewer(TokenDoor):
    async def person(self, caller: Caller) -> Person:
        try:
            return await super().person(caller)
        except Exception as error:
            if "no role" in str(error):
                return Person(ANN, "viewer", "oidc")
            raise


class _FirstHeader(TokenDoor):
    async def person(self, caller: Caller) -> Person:
        first = dict(reversed(caller.headers))
        return await super().person(caller._replace(headers=[*first.items()]))


@pytest.mark.parametrize(
    ("broken", "forged"),
    [
        (_NoTimes, {"expired", "not valid yet", "wrong issuer", "wrong audience"}),
        (_AnySignature, {"alg none", "HS256 with the public key", "other key of another id"}),
        (_EverybodyIsAViewer, {"role unknown", "no role"}),
        (_FirstHeader, {"twice"}),
    ],
)
def test_a_broken_reader_of_tokens_is_caught(
    issuer: IssuerAtHand, broken: type[TokenDoor], forged: set[str]
) -> None:
    with DeskAtHand(token_door(issuer, broken)) as desk:
        for name in forged:
            assert seen(desk, FORGED_TOKENS[name](issuer))


# ----------------------------------------------------------------------------------------- proxy

BY_PROXY: Final = [("X-Forwarded-Email", ANN), ("X-Forwarded-Groups", "fraud, approver")]
FORGED_HEADERS: Final[Mapping[str, Headers]] = {
    "none at all": [],
    "no login": [("X-Forwarded-Groups", "approver")],
    "an empty login": [("X-Forwarded-Email", " "), BY_PROXY[1]],
    "twice": [("X-Forwarded-Email", "bob@bank.example"), *BY_PROXY],
    "twice in small letters": [("x-forwarded-email", "bob@bank.example"), *BY_PROXY],
    "groups twice": [*BY_PROXY, ("X-Forwarded-Groups", "admin")],
    "two logins in one": [("X-Forwarded-Email", f"{ANN}, bob@bank.example"), BY_PROXY[1]],
    "no groups": [BY_PROXY[0]],
    "role unknown": [BY_PROXY[0], ("X-Forwarded-Groups", "emperor")],
    "a login of two alphabets": [("X-Forwarded-Email", MIXED), BY_PROXY[1]],
    "a login without letters": [("X-Forwarded-Email", "..."), BY_PROXY[1]],
    "a login that is too long": [("X-Forwarded-Email", "a" * 300), BY_PROXY[1]],
    "another header": [("X-Auth-Request-Email", ANN), BY_PROXY[1]],
}
ELSEWHERE: Final = "127.0.0.2"


def proxy_door(kind: type[ProxyDoor] = ProxyDoor) -> ProxyDoor:
    networks = trusted_networks("127.0.0.1,10.0.0.0/8")
    return kind(networks, "X-Forwarded-Email", "X-Forwarded-Groups", ROLES)


@pytest.fixture(scope="module")
def desk_by_proxy() -> Iterator[DeskAtHand]:
    with DeskAtHand(proxy_door()) as desk:
        yield desk


@pytest.mark.parametrize("forged", FORGED_HEADERS)
def test_a_forged_header_shows_nothing(desk_by_proxy: DeskAtHand, forged: str) -> None:
    assert seen(desk_by_proxy, FORGED_HEADERS[forged]) == []


def test_a_header_from_elsewhere_is_refused_and_not_ignored(desk_by_proxy: DeskAtHand) -> None:
    assert seen(desk_by_proxy, BY_PROXY, source=ELSEWHERE) == []
    answer = ask(desk_by_proxy.address, "/api/me", BY_PROXY, source=ELSEWHERE)
    assert answer.status == 403
    assert ELSEWHERE in answer.json()["detail"]


def test_a_header_of_the_proxy_opens(desk_by_proxy: DeskAtHand) -> None:
    for place in PLACES:
        assert ask(desk_by_proxy.address, place, BY_PROXY).status == 200
        assert desk_by_proxy.lookups[-1].who == ANN


class _TrustsEverybody(ProxyDoor):
    def _is_trusted(self, address: str) -> bool:
        return bool(address)


class _LastHeader(ProxyDoor):
    async def person(self, caller: Caller) -> Person:
        last = {name.lower(): value for name, value in caller.headers}
        return await super().person(caller._replace(headers=[*last.items()]))


def test_a_broken_reader_of_headers_is_caught() -> None:
    with DeskAtHand(proxy_door(_TrustsEverybody)) as desk:
        assert seen(desk, BY_PROXY, source=ELSEWHERE)
    with DeskAtHand(proxy_door(_LastHeader)) as desk:
        assert seen(desk, FORGED_HEADERS["twice"])


# ------------------------------------------------------------------------------------------ mtls

AUTHORITY: Final = trustme.CA()
FORGED_CERTIFICATES: Final[Mapping[str, Callable[[], trustme.LeafCert | None]]] = {
    "none at all": lambda: None,
    "of another authority": lambda: trustme.CA().issue_cert("a@b.example", common_name="ann"),
    "expired": lambda: AUTHORITY.issue_cert(
        "a@b.example", common_name="ann", not_after=datetime.now(UTC) - timedelta(days=1)
    ),
    "role unknown": lambda: AUTHORITY.issue_cert("a@b.example", common_name="mallory"),
    "no common name": lambda: AUTHORITY.issue_cert("a@b.example"),
    "a login of two alphabets": lambda: AUTHORITY.issue_cert("a@b.example", common_name=MIXED),
}
BY_LOGIN: Final = role_map(f"ann=approver,{MIXED}=approver")


def client(certificate: trustme.LeafCert | None) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    AUTHORITY.configure_trust(context)
    if certificate is not None:
        certificate.configure_cert(context)
    return context


@pytest.fixture(scope="module")
def mtls(tmp_path_factory: pytest.TempPathFactory) -> DeskSettings:
    folder = tmp_path_factory.mktemp("certificates")
    server = AUTHORITY.issue_cert("127.0.0.1")
    server.private_key_and_cert_chain_pem.write_to_path(folder / "desk.pem")
    AUTHORITY.cert_pem.write_to_path(folder / "authority.pem")
    return DeskSettings(
        desk_mode="mtls",
        desk_roles="ann=approver",
        desk_tls_certfile=folder / "desk.pem",
        desk_mtls_cafile=folder / "authority.pem",
    )


@pytest.fixture(scope="module")
def desk_by_certificate(mtls: DeskSettings) -> Iterator[DeskAtHand]:
    with DeskAtHand(CertificateDoor("cn", BY_LOGIN), mtls) as desk:
        yield desk


@pytest.mark.parametrize("forged", FORGED_CERTIFICATES)
def test_a_forged_certificate_shows_nothing(desk_by_certificate: DeskAtHand, forged: str) -> None:
    context = client(FORGED_CERTIFICATES[forged]())
    for headers in ([], BY_PROXY):
        assert seen(desk_by_certificate, headers, context=context) == []


def test_a_certificate_of_the_authority_opens(desk_by_certificate: DeskAtHand) -> None:
    context = client(AUTHORITY.issue_cert("ann.lee@bank.example", common_name="ann"))
    for place in PLACES:
        answer = ask(desk_by_certificate.address, place, context=context)
        assert answer.status == 200
        assert answer.headers["strict-transport-security"]
        assert desk_by_certificate.lookups[-1].who == "ann"


class _AnyCertificate(CertificateDoor):
    async def person(self, caller: Caller) -> Person:
        return (
            Person("ann", "viewer", "mtls") if caller.certificate else await super().person(caller)
        )


def test_a_broken_reader_of_certificates_is_caught(mtls: DeskSettings) -> None:
    with DeskAtHand(_AnyCertificate("cn", BY_LOGIN), mtls) as desk:
        for name in ("role unknown", "a login of two alphabets"):
            context = client(FORGED_CERTIFICATES[name]())
            assert seen(desk, [], context=context)


# ------------------------------------------------------------------------------------------ none

FORGED_PLACES: Final[Mapping[str, Headers]] = {
    "another name": [("Host", "desk.example")],
    "a name that begins as ours": [("Host", "localhost.example:80")],
    "an address that is not ours": [("Host", "10.0.0.1")],
    "no name": [("Host", "")],
    "two names": [("Host", "localhost"), ("Host", "localhost")],
    "through a proxy": [("X-Forwarded-For", "127.0.0.1")],
    "through another proxy": [("Forwarded", "for=127.0.0.1")],
    "a page of another site": [("Origin", "https://other.example")],
    "a page without a name": [("Origin", "null")],
    "a picture on another site": [("Sec-Fetch-Site", "cross-site")],
    "a page of a neighbour": [("Sec-Fetch-Site", "same-site")],
    "a frame on another site": [
        ("Sec-Fetch-Site", "cross-site"),
        ("Sec-Fetch-Mode", "navigate"),
        ("Sec-Fetch-Dest", "iframe"),
    ],
    "a script on another site": [
        ("Sec-Fetch-Site", "cross-site"),
        ("Sec-Fetch-Mode", "cors"),
        ("Sec-Fetch-Dest", "document"),
    ],
}


@pytest.fixture(scope="module")
def open_desk() -> Iterator[DeskAtHand]:
    with DeskAtHand(LocalDoor("viewer")) as desk:
        yield desk


@pytest.mark.parametrize("forged", FORGED_PLACES)
def test_who_is_not_on_this_machine_is_shown_nothing(open_desk: DeskAtHand, forged: str) -> None:
    assert seen(open_desk, FORGED_PLACES[forged]) == []


@pytest.mark.parametrize("host", ["localhost:9000", "127.0.0.1", "[::1]:8464", "LOCALHOST"])
def test_who_is_on_this_machine_is_one_person(open_desk: DeskAtHand, host: str) -> None:
    assert ask(open_desk.address, "/api/cases", [("Host", host)]).status == 200
    lookup = open_desk.lookups[-1]
    assert (lookup.who, lookup.role, lookup.mode) == ("local", "viewer", "none")


class _AnyHost(LocalDoor):
    async def person(self, caller: Caller) -> Person:
        return await super().person(caller._replace(headers=[("Host", "localhost")]))


def test_a_broken_look_at_the_host_is_caught() -> None:
    with DeskAtHand(_AnyHost("viewer")) as desk:
        for name in ("another name", "through a proxy"):
            assert seen(desk, FORGED_PLACES[name])
