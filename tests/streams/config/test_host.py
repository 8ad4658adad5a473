import ipaddress
from pathlib import Path

import pytest

from detectors.basis.errors import InvalidSettings
from streams.config.host import HostSettings, read_host_settings
from streams.config.secret import Secret


def test_nothing_is_needed() -> None:
    assert read_host_settings({}) == HostSettings()


def test_variables_of_others_are_left_alone() -> None:
    found = read_host_settings({"ABOVEBOARD_TEST_BROKER": "x", "STORE": "x", "BROKER": "x"})
    assert found == HostSettings()


def test_every_kind_of_value_is_read() -> None:
    found = read_host_settings(
        {
            "ABOVEBOARD_SSL_CAFILE": "some/where.pem",
            "ABOVEBOARD_SSL_CHECK_HOSTNAME": "false",
            "ABOVEBOARD_SASL_MECHANISM": "SCRAM-SHA-512",
            "ABOVEBOARD_SASL_PASSWORD": "null",
            "ABOVEBOARD_METRICS_PORT": "0",
            "ABOVEBOARD_STALL_AFTER": "0.5",
        }
    )
    assert found == HostSettings(
        ssl_cafile=Path("some/where.pem"),
        ssl_check_hostname=False,
        sasl_mechanism="SCRAM-SHA-512",
        sasl_password=Secret("null"),
        metrics_port=0,
        stall_after=0.5,
    )


@pytest.mark.parametrize(
    "name", ["SSL_CAFILE", "SASL_MECHANISM", "SASL_PASSWORD", "STATE_FOLDER", "SASL_USERNAME"]
)
def test_an_empty_variable_counts_as_none(name: str) -> None:
    assert read_host_settings({f"ABOVEBOARD_{name}": ""}) == HostSettings()


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("SECURITY_PROTOCOL", "SASL-SSL", "nearest is SASL_SSL"),
        ("SECURITY_PROTOCOL", "tls", "nearest is SSL"),
        ("SECURITY_PROTOCOL", "", "not one of PLAINTEXT, SSL, SASL_PLAINTEXT, SASL_SSL"),
        ("SASL_MECHANISM", "scram-sha256", "nearest is SCRAM-SHA-256"),
        ("SASL_MECHANISM", "SHA512", "nearest is SCRAM-SHA-512"),
        ("STORE", "rocks", "nearest is rocksdb"),
        ("SSL_CHECK_HOSTNAME", "maybe", "Expected `bool`"),
        ("METRICS_PORT", "65536", "<= 65535"),
        ("STALL_AFTER", "0", "> 0"),
        ("SESSION_TIMEOUT", "91", "<= 90"),
    ],
)
def test_a_value_of_no_use_is_refused_by_name(name: str, value: str, said: str) -> None:
    with pytest.raises(InvalidSettings) as caught:
        read_host_settings({f"ABOVEBOARD_{name}": value})
    assert f"ABOVEBOARD_{name}" in str(caught.value)
    assert said in str(caught.value)


def test_a_store_on_disk_needs_a_folder() -> None:
    with pytest.raises(InvalidSettings, match="ABOVEBOARD_STATE_FOLDER"):
        read_host_settings({"ABOVEBOARD_STORE": "rocksdb"})
    with_folder = {"ABOVEBOARD_STORE": "rocksdb", "ABOVEBOARD_STATE_FOLDER": "state"}
    assert read_host_settings(with_folder).state_folder == Path("state")


def test_nobody_else_is_served_unless_told_otherwise() -> None:
    assert ipaddress.ip_address(HostSettings().metrics_host).is_loopback
