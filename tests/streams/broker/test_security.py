import logging
import ssl
from collections.abc import Callable, Iterator
from pathlib import Path

import faust
import pytest
from faust.transport.drivers.aiokafka import credentials_to_aiokafka_auth
from hypothesis import given
from hypothesis import settings as quiet
from hypothesis import strategies as st

from detectors.basis.errors import InvalidSettings
from streams.broker.security import OPEN, BrokerSecurity
from streams.config.host import HostSettings, read_host_settings
from tests.brokers.wire_security import KEY_PASSWORD, Certificates, make_certificates

USER = {
    "SECURITY_PROTOCOL": "SASL_SSL",
    "SASL_MECHANISM": "SCRAM-SHA-256",
    "SASL_USERNAME": "alice",
    "SASL_PASSWORD": "s3cret-word",
}


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return make_certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(autouse=True)
def loggers_as_before() -> Iterator[None]:
    names = ("kafka.net.connection", "kafka.protocol", "aiokafka.conn", "kafka.net.sasl")
    levels = {name: logging.getLogger(name).level for name in names}
    yield
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)


def security_of(settings: dict[str, str]) -> BrokerSecurity:
    named = {f"ABOVEBOARD_{name}": value for name, value in settings.items()}
    return BrokerSecurity.of(read_host_settings(named))


def refusal_of(settings: dict[str, str]) -> str:
    with pytest.raises(InvalidSettings) as caught:
        security_of(settings)
    assert caught.value.__cause__ is None, "a cause may tell what the message does not"
    return str(caught.value)


def test_without_settings_nothing_is_asked_for() -> None:
    assert BrokerSecurity.of(HostSettings()) == OPEN
    assert OPEN.for_kafka_python() == OPEN.for_aiokafka() == {"security_protocol": "PLAINTEXT"}
    assert OPEN.for_faust() is None


def test_all_clients_are_told_the_same(certificates: Certificates) -> None:
    security = security_of(USER | {"SSL_CAFILE": str(certificates.authority)})
    arguments = security.for_kafka_python()
    assert arguments == {
        "security_protocol": "SASL_SSL",
        "ssl_context": security.context,
        "sasl_mechanism": "SCRAM-SHA-256",
        "sasl_plain_username": "alice",
        "sasl_plain_password": "s3cret-word",
    }
    assert security.for_aiokafka() == arguments
    of_faust = security.for_faust()
    assert of_faust is not None
    credentials = faust.SASLCredentials(**of_faust)
    assert credentials_to_aiokafka_auth(credentials) == arguments
    assert "s3cret-word" not in f"{security!r} {arguments!r} {of_faust!r} {credentials!r}"


def test_faust_is_told_of_tls_without_a_user(certificates: Certificates) -> None:
    security = security_of({"SECURITY_PROTOCOL": "SSL", "SSL_CAFILE": str(certificates.authority)})
    of_faust = security.for_faust()
    assert of_faust is not None
    told = credentials_to_aiokafka_auth(faust.SSLCredentials(**of_faust))
    assert told == security.for_aiokafka()


def test_tls_trusts_by_name_unless_told_otherwise() -> None:
    strict = security_of({"SECURITY_PROTOCOL": "SSL"}).context
    lax = security_of({"SECURITY_PROTOCOL": "SSL", "SSL_CHECK_HOSTNAME": "false"}).context
    assert strict is not None
    assert lax is not None
    assert strict.check_hostname
    assert not lax.check_hostname
    for context in (strict, lax):
        assert context.verify_mode is ssl.CERT_REQUIRED
        assert context.minimum_version >= ssl.TLSVersion.TLSv1_2


def test_our_certificate_may_be_one_file_or_two(certificates: Certificates) -> None:
    security_of({"SECURITY_PROTOCOL": "SSL", "SSL_CERTFILE": str(certificates.client)})
    security_of(
        {
            "SECURITY_PROTOCOL": "SSL",
            "SSL_CERTFILE": str(certificates.client_certificate),
            "SSL_KEYFILE": str(certificates.client_key),
            "SSL_KEY_PASSWORD": KEY_PASSWORD,
        }
    )


@pytest.mark.parametrize("password", ["", "wrong", "w" * 2_000])
def test_a_key_that_cannot_be_read_is_refused_without_asking_the_terminal(
    certificates: Certificates, password: str
) -> None:
    said = refusal_of(
        {
            "SECURITY_PROTOCOL": "SSL",
            "SSL_CERTFILE": str(certificates.client_certificate),
            "SSL_KEYFILE": str(certificates.client_key),
            "SSL_KEY_PASSWORD": password,
        }
    )
    assert "ABOVEBOARD_SSL_KEY_PASSWORD" in said


@pytest.mark.parametrize("end", ["", "\n", "\r\n"])
def test_the_password_may_stand_in_a_file(tmp_path: Path, end: str) -> None:
    path = tmp_path / "password"
    path.write_bytes(f" pass wörd {end}".encode())
    without = {name: value for name, value in USER.items() if name != "SASL_PASSWORD"}
    security = security_of(without | {"SASL_PASSWORD_FILE": str(path)})
    assert security.password.reveal() == " pass wörd "


@pytest.mark.parametrize("content", [b"", b"\n", b"one\ntwo\n", b"one\0two", b"\xff\xfe"])
def test_a_file_that_is_no_password_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "password"
    path.write_bytes(content)
    said = refusal_of(USER | {"SASL_PASSWORD": "", "SASL_PASSWORD_FILE": str(path)})
    assert said.startswith("ABOVEBOARD_SASL_PASSWORD_FILE: ")
    assert "one" not in said.replace("is not one line", "")


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"SASL_USERNAME": "alice"}, ["SASL_USERNAME", "SECURITY_PROTOCOL", "SASL_SSL"]),
        ({"SASL_PASSWORD": "x"}, ["SASL_PASSWORD", "SECURITY_PROTOCOL"]),
        ({"SSL_CAFILE": "x.pem"}, ["SSL_CAFILE", "SECURITY_PROTOCOL", "SSL or SASL_SSL"]),
        (
            USER | {"SECURITY_PROTOCOL": "SASL_PLAINTEXT", "SSL_CAFILE": "x.pem"},
            ["SSL_CAFILE", "SECURITY_PROTOCOL"],
        ),
        (
            USER | {"SECURITY_PROTOCOL": "SSL"},
            ["SASL_MECHANISM", "SECURITY_PROTOCOL", "SASL_SSL or SASL_PLAINTEXT"],
        ),
        (USER | {"SASL_MECHANISM": ""}, ["SASL_MECHANISM", "SCRAM-SHA-512"]),
        (USER | {"SASL_USERNAME": ""}, ["SASL_USERNAME"]),
        (USER | {"SASL_USERNAME": "a,b"}, ["SASL_USERNAME", "comma"]),
        (USER | {"SASL_PASSWORD": ""}, ["SASL_PASSWORD", "SASL_PASSWORD_FILE"]),
        (USER | {"SASL_PASSWORD_FILE": "x"}, ["twice", "SASL_PASSWORD", "SASL_PASSWORD_FILE"]),
        (
            USER | {"SASL_PASSWORD": "", "SASL_PASSWORD_FILE": "/nowhere/x"},
            ["SASL_PASSWORD_FILE: /nowhere/x: No such file"],
        ),
        (USER | {"SSL_CAFILE": "/nowhere/x"}, ["SSL_CAFILE: /nowhere/x: No such file"]),
        (USER | {"SSL_CAFILE": __file__}, ["SSL_CAFILE", "holds no certificate"]),
        (USER | {"SSL_CERTFILE": __file__}, ["SSL_CERTFILE", "SSL_KEYFILE"]),
        (USER | {"SSL_KEYFILE": __file__}, ["SSL_KEYFILE is set without", "SSL_CERTFILE"]),
        (USER | {"SSL_KEY_PASSWORD": "x"}, ["SSL_KEY_PASSWORD is set without", "SSL_CERTFILE"]),
    ],
)
def test_settings_that_do_not_fit_are_refused(settings: dict[str, str], named: list[str]) -> None:
    said = refusal_of(settings)
    for name in named:
        assert name in said


def test_plain_in_clear_text_is_warned_of_once(caplog: pytest.LogCaptureFixture) -> None:
    clear = USER | {"SECURITY_PROTOCOL": "SASL_PLAINTEXT"}
    assert security_of(clear | {"SASL_MECHANISM": "PLAIN"}).uses_sasl
    (record,) = caplog.records
    assert record.levelno == logging.WARNING
    assert "clear text" in record.getMessage()
    assert "s3cret-word" not in record.getMessage()
    caplog.clear()
    assert not security_of(clear).uses_tls
    assert caplog.records == []


SECRETS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1)


def assert_says_the_same(refuse: Callable[[str], str], one: str, other: str) -> None:
    assert refuse(one) == refuse(other)


# No deadline: the authorities of the system are read from disk.
@quiet(deadline=None, max_examples=30)
@given(
    settings=st.sampled_from(
        [
            {"SECURITY_PROTOCOL": "PLAINTEXT"},
            {"SECURITY_PROTOCOL": "SSL"},
            USER | {"SASL_MECHANISM": ""},
            USER | {"SASL_USERNAME": ""},
            USER | {"SASL_USERNAME": "a=b"},
            USER | {"SASL_PASSWORD_FILE": "x"},
            USER | {"SSL_CERTFILE": __file__},
            USER | {"SSL_KEYFILE": __file__},
            USER | {"SSL_CAFILE": __file__},
        ]
    ),
    one=SECRETS,
    other=SECRETS,
)
def test_what_a_refusal_says_does_not_depend_on_the_secrets(
    settings: dict[str, str], one: str, other: str
) -> None:
    def refuse(secret: str) -> str:
        return refusal_of(settings | {"SASL_PASSWORD": secret, "SSL_KEY_PASSWORD": secret})

    assert_says_the_same(refuse, one, other)


def test_the_law_bites_a_refusal_that_shows_how_a_secret_begins() -> None:
    with pytest.raises(AssertionError):
        assert_says_the_same(lambda secret: f"{secret[:1]}... is no password", "one", "two")
