"""Settings that would let somebody in whom nobody knows are refused before anything listens."""

from pathlib import Path

import pytest
import trustme

from detectors.basis.errors import InvalidSettings
from streams.access.doors import door_of, server_context
from streams.access.local import LocalDoor
from streams.access.roles import role_map, role_of
from streams.access.session_door import SessionDoor
from streams.cli.main import main
from streams.config.desk import DeskSettings, read_desk_settings
from streams.errors import AccessRefused

NOWHERE = ["desk", "--broker", "127.0.0.1:9", "--port", "0", "--metrics-port", "0"]
OIDC = {"mode": "oidc", "oidc_issuer": "https://id.example", "oidc_audience": "aboveboard"}
LOGIN = {**OIDC, "oidc_client_id": "desk", "oidc_address": "https://desk.example"}
PROXY = {"mode": "proxy", "proxy_networks": "10.1.2.3"}


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"host": "0.0.0.0"}, "Set ABOVEBOARD_DESK_MODE to oidc, proxy or mtls"),  # noqa: S104 - what must be refused
        ({"host": "::"}, "Set ABOVEBOARD_DESK_MODE to oidc, proxy or mtls"),
        ({"host": "192.0.2.1"}, "Set ABOVEBOARD_DESK_MODE to oidc, proxy or mtls"),
        ({"host": "no such name"}, "ABOVEBOARD_DESK_HOST"),
        ({"mode": "open"}, "ABOVEBOARD_DESK_MODE"),
        ({"role": "emperor"}, "ABOVEBOARD_DESK_ROLE"),
        ({"oidc_issuer": "https://id.example"}, "set ABOVEBOARD_DESK_MODE=oidc, or unset it"),
        (
            {**OIDC, "proxy_networks": "10.1.2.3"},
            "ABOVEBOARD_DESK_PROXY_NETWORKS is set and has no",
        ),
        ({**OIDC, "role": "admin"}, "ABOVEBOARD_DESK_ROLE is set and has no effect"),
        ({"roles": "team=approver"}, "set another mode"),
        ({**OIDC, "oidc_issuer": ""}, "ABOVEBOARD_DESK_OIDC_ISSUER is not set"),
        ({**OIDC, "oidc_audience": ""}, "ABOVEBOARD_DESK_OIDC_AUDIENCE is not set"),
        ({**OIDC, "oidc_issuer": "http://id.example"}, "no address that can be believed"),
        ({**OIDC, "oidc_cafile": "nowhere.pem"}, "ABOVEBOARD_DESK_OIDC_CAFILE: nowhere.pem"),
        ({**OIDC, "oidc_client_id": "desk"}, "ABOVEBOARD_DESK_OIDC_ADDRESS is not set"),
        ({**OIDC, "oidc_address": "https://desk.example"}, "ABOVEBOARD_DESK_OIDC_CLIENT_ID is not"),
        ({**OIDC, "oidc_idle": "60"}, "ABOVEBOARD_DESK_OIDC_CLIENT_ID is not set"),
        ({**LOGIN, "oidc_address": "http://desk.example"}, "is not where browsers reach the desk"),
        ({**LOGIN, "oidc_address": "https://desk.example/a"}, "https://HOST, without a path"),
        ({**LOGIN, "oidc_scopes": "profile"}, "ABOVEBOARD_DESK_OIDC_SCOPES lacks openid"),
        ({**LOGIN, "oidc_longest": "0"}, "ABOVEBOARD_DESK_OIDC_LONGEST"),
        ({**LOGIN, "oidc_client_secret_file": "nowhere"}, "_SECRET_FILE: nowhere cannot be used"),
        ({**LOGIN, "oidc_client_secret_file": "/dev/null"}, "(it is empty)"),
        (LOGIN, "no Kafka broker answers"),
        ({**OIDC, "roles": "team"}, "'team' is not GROUP=ROLE"),
        ({**OIDC, "roles": "team=emperor"}, "'team=emperor' is not GROUP=ROLE"),
        ({**OIDC, "roles": "a=viewer,a=admin"}, "a is there twice"),
        ({**OIDC, "tls_keyfile": "key.pem"}, "ABOVEBOARD_DESK_TLS_CERTFILE is not set"),
        ({**OIDC, "tls_certfile": "nowhere.pem"}, "ABOVEBOARD_DESK_TLS_CERTFILE: nowhere.pem"),
        ({"mode": "proxy"}, "ABOVEBOARD_DESK_PROXY_NETWORKS is not set"),
        ({**PROXY, "proxy_networks": "0.0.0.0/0"}, "trusts everybody"),
        ({**PROXY, "proxy_networks": "10.1.2.3, ::/0"}, "trusts everybody"),
        ({**PROXY, "proxy_networks": "10.1.2.3/16"}, "has host bits set"),
        ({"mode": "mtls"}, "ABOVEBOARD_DESK_ROLES is not set"),
        ({"mode": "mtls", "roles": "ann=viewer"}, "ABOVEBOARD_DESK_TLS_CERTFILE is not set"),
        (OIDC, "no Kafka broker answers"),
        (PROXY, "no Kafka broker answers"),
        ({"host": "localhost"}, "no Kafka broker answers"),
    ],
)
def test_what_cannot_be_used_is_named(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    settings: dict[str, str],
    said: str,
) -> None:
    for name, value in settings.items():
        monkeypatch.setenv(f"ABOVEBOARD_DESK_{name.upper()}", value)
    assert main(NOWHERE) == 2
    assert said in capsys.readouterr().err


def test_without_any_setting_it_is_this_machine_alone() -> None:
    settings = read_desk_settings({})
    assert settings == DeskSettings()
    assert isinstance(door_of(settings), LocalDoor)
    assert server_context(settings) is None


@pytest.mark.parametrize(
    ("address", "cookie"),
    [("https://desk.example/", "__Host-aboveboard"), ("http://localhost:8464", "aboveboard")],
)
def test_people_log_in_where_browsers_reach_the_desk(
    tmp_path: Path, address: str, cookie: str
) -> None:
    secret = tmp_path / "secret"
    secret.write_text("of the client\n")
    settings = DeskSettings(
        desk_mode="oidc",
        desk_oidc_issuer="https://id.example",
        desk_oidc_audience="aboveboard",
        desk_oidc_client_id="desk",
        desk_oidc_client_secret_file=secret,
        desk_oidc_address=address,
    )
    door = door_of(settings)
    assert isinstance(door, SessionDoor)
    assert (door.cookie, door.secure) == (cookie, cookie.startswith("__Host-"))


def test_mutual_tls_asks_for_the_authority_of_people(tmp_path: Path) -> None:
    authority = trustme.CA()
    pem = tmp_path / "desk.pem"
    authority.issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(pem)
    settings = DeskSettings(desk_mode="mtls", desk_roles="ann=viewer", desk_tls_certfile=pem)
    with pytest.raises(InvalidSettings, match="ABOVEBOARD_DESK_MTLS_CAFILE is not set"):
        server_context(settings)


@pytest.mark.parametrize(
    ("groups", "role"),
    [
        (["viewer", "reviewer"], "reviewer"),
        (["auditor", "approver", "reviewer"], "approver"),
        (["approver", "admin"], "admin"),
        (["viewer", "auditor"], "auditor"),
        (["strangers", "viewer"], "viewer"),
    ],
)
def test_of_several_roles_the_strongest_counts_and_an_administrator_decides_nothing(
    groups: list[str], role: str
) -> None:
    assert role_of(groups, role_map("")) == role


def test_groups_are_those_of_the_settings_and_no_others() -> None:
    roles = role_map("CN=fraud\u00a0team=reviewer, heads = approver")
    assert role_of(["heads"], roles) == "approver"
    assert role_of(["CN=fraud\u00a0team"], roles) == "reviewer"
    with pytest.raises(AccessRefused, match="no role here"):
        role_of(["approver"], roles)
