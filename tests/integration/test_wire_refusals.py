"""What does not fit between a broker and the settings is told at once, in one sentence."""

import pytest

from tests.brokers.secured_kafka import SecuredKafka
from tests.brokers.wire_security import MECHANISMS
from tests.integration.secured_commands import (
    COMMANDS,
    WRONG_PASSWORD,
    assert_refused,
    run,
    user_of,
)

pytestmark = pytest.mark.integration


def test_the_name_in_the_certificate_may_be_let_pass(secured: SecuredKafka) -> None:
    settings = {
        "broker": secured.elsewhere,
        "security_protocol": "SSL",
        "ssl_cafile": str(secured.certificates.authority),
    }
    assert_refused(settings, "certificate", "ABOVEBOARD_SSL_CHECK_HOSTNAME")
    assert run(settings | {"ssl_check_hostname": "false"}, "topics", "--dry-run").code == 0


@pytest.mark.parametrize("mechanism", MECHANISMS)
def test_a_wrong_password_is_told_at_once(secured: SecuredKafka, mechanism: str) -> None:
    settings = user_of(secured, mechanism, sasl_password=WRONG_PASSWORD)
    said = ("refuses user or password", "ABOVEBOARD_SASL_PASSWORD")
    assert_refused(settings, *said, commands=COMMANDS)


def test_a_user_nobody_knows_is_told_at_once(secured: SecuredKafka) -> None:
    assert_refused(user_of(secured, sasl_username="mallory"), "refuses user or password")


def test_an_authority_nobody_trusts_is_told_at_once(secured: SecuredKafka) -> None:
    said = ("cannot be trusted", "ABOVEBOARD_SSL_CAFILE")
    assert_refused(user_of(secured, ssl_cafile=str(secured.certificates.stranger)), *said)
    assert_refused(user_of(secured, ssl_cafile=""), *said, commands=COMMANDS)


def test_a_missing_or_strange_certificate_of_ours_is_told_at_once(secured: SecuredKafka) -> None:
    settings = {
        "broker": secured.mutual,
        "security_protocol": "SSL",
        "ssl_cafile": str(secured.certificates.authority),
    }
    said = ("a certificate of ours", "ABOVEBOARD_SSL_CERTFILE")
    assert_refused(settings, *said)
    assert_refused(settings | {"ssl_certfile": str(secured.certificates.client_of_stranger)}, *said)


def test_a_client_in_clear_text_on_a_port_of_tls_is_told_at_once(secured: SecuredKafka) -> None:
    said = "ABOVEBOARD_SECURITY_PROTOCOL=SSL"
    assert_refused({"broker": secured.sasl_ssl}, said, commands=COMMANDS)
    clear = user_of(secured, "PLAIN", ssl_cafile="", security_protocol="SASL_PLAINTEXT")
    assert_refused(clear, "ABOVEBOARD_SECURITY_PROTOCOL=SASL_SSL")


def test_tls_on_a_port_in_clear_text_is_told_at_once(secured: SecuredKafka) -> None:
    assert_refused(user_of(secured, broker=secured.plain), "does not speak TLS", "SASL_PLAINTEXT")


def test_a_client_without_a_user_is_told_at_once(secured: SecuredKafka) -> None:
    tls = {
        "broker": secured.sasl_ssl,
        "security_protocol": "SSL",
        "ssl_cafile": str(secured.certificates.authority),
    }
    assert_refused(tls, "name no user", "ABOVEBOARD_SECURITY_PROTOCOL=SASL_SSL")
    clear = {"broker": secured.sasl_plaintext}
    assert_refused(clear, "name no user", "ABOVEBOARD_SECURITY_PROTOCOL=SASL_PLAINTEXT")


def test_a_user_where_none_is_asked_for_is_told_at_once(secured: SecuredKafka) -> None:
    settings = user_of(
        secured, broker=secured.plain, security_protocol="SASL_PLAINTEXT", ssl_cafile=""
    )
    assert_refused(settings, "does not ask for a user", "ABOVEBOARD_SECURITY_PROTOCOL=PLAINTEXT")


def test_a_mechanism_that_is_not_offered_is_told_with_those_that_are(
    secured: SecuredKafka,
) -> None:
    settings = user_of(
        secured, broker=secured.sasl_plaintext, security_protocol="SASL_PLAINTEXT", ssl_cafile=""
    )
    assert_refused(settings, "it offers PLAIN", "ABOVEBOARD_SASL_MECHANISM")
