"""Every command speaks TLS and names its user as it is told to, and shows no secret."""

import signal
import socket
import subprocess
from collections.abc import Mapping
from pathlib import Path
from uuid import uuid4

import msgspec
import pytest

from streams.config.host import PREFIX
from streams.demo.ports import LOOPBACK, free_port
from streams.wire.topics import CATALOGUE, Topic
from tests.brokers.secured_kafka import SecuredKafka
from tests.brokers.selection import AvailableBroker
from tests.brokers.wire_security import (
    KEY_PASSWORD,
    MECHANISMS,
    OTHER_PASSWORD,
    OTHER_USER,
    PASSWORD,
    USER,
)
from tests.integration.busy_month import (
    UNTIL,
    assert_alerts_are_those_of_the_pipeline,
    event_lines,
    send_everything,
    write_settings,
)
from tests.integration.installation import COMMAND, Installation, install
from tests.integration.secured_commands import COMMANDS, SECRETS, run, user_of
from tests.integration.test_worker_health import is_ready
from tests.streams.alerts_at_hand import agent_alert
from tests.streams.hostile_corpus import sale

pytestmark = pytest.mark.integration

OTHER_MECHANISMS = [one for one in MECHANISMS if one != "SCRAM-SHA-512"]
"""All but that of `user_of`."""

EVERYWHERE = "0.0.0.0"  # noqa: S104 - what one test is about


@pytest.mark.parametrize("mechanism", MECHANISMS)
def test_a_user_may_make_topics_send_events_and_read_alerts(
    secured: SecuredKafka, tmp_path: Path, mechanism: str
) -> None:
    settings = user_of(secured, mechanism)
    made = run(settings | {"topic_prefix": f"made-{uuid4()}-"}, "topics")
    assert made.code == 0, made.log
    assert made.log.count("created  ") == len(CATALOGUE)

    installation = Installation(secured.plain, 2)
    settings["topic_prefix"] = installation.prefix
    events = tmp_path / "events.jsonl"
    events.write_bytes(sale() + b"\n")
    sent = run(settings, "replay", str(events))
    assert sent.code == 0, sent.log
    assert [record.value for record in installation.records(Topic.SALES)] == [sale()]

    alert = agent_alert("agent-seen")
    installation.send_as_ours(
        Topic.ALERTS_CURRENT, alert.alert_id.encode(), msgspec.json.encode(alert)
    )
    read = run(settings, "alerts")
    assert read.code == 0, read.log
    assert "agent-seen" in read.log


def test_the_password_may_come_from_a_file(secured: SecuredKafka, tmp_path: Path) -> None:
    path = tmp_path / "password"
    path.write_text(OTHER_PASSWORD + "\n", encoding="utf-8")
    settings = user_of(
        secured, sasl_username=OTHER_USER, sasl_password="", sasl_password_file=str(path)
    )
    assert run(settings, "topics", "--dry-run").code == 0


def test_a_client_may_show_a_certificate_instead(secured: SecuredKafka) -> None:
    settings = {
        "broker": secured.mutual,
        "security_protocol": "SSL",
        "ssl_cafile": str(secured.certificates.authority),
        "ssl_certfile": str(secured.certificates.client_certificate),
        "ssl_keyfile": str(secured.certificates.client_key),
        "ssl_key_password": KEY_PASSWORD,
    }
    assert run(settings, "topics", "--dry-run").code == 0


def test_clear_text_is_warned_of_and_works(secured: SecuredKafka) -> None:
    settings = {
        "broker": secured.sasl_plaintext,
        "security_protocol": "SASL_PLAINTEXT",
        "sasl_mechanism": "PLAIN",
        "sasl_username": USER,
        "sasl_password": PASSWORD,
    }
    ending = run(settings, "topics", "--dry-run")
    assert ending.code == 0
    assert ending.log.count("clear text") == 1


def test_no_command_takes_a_secret_as_an_argument() -> None:
    for name, *_ in COMMANDS:
        ending = run({}, name, "--help")
        assert ending.code == 0
        for word in ("password", "secret", "key"):
            assert f"--{word}" not in ending.log


def test_requests_with_a_password_stay_out_of_the_log_at_its_most_talkative(
    secured: SecuredKafka, tmp_path: Path
) -> None:
    """A program that imports us may log everything there is."""
    program = tmp_path / "program.py"
    program.write_text(
        "import logging\n"
        "from streams.cli.main import main\n"
        "logging.basicConfig(level=logging.DEBUG)\n"
        "raise SystemExit(main(['topics', '--dry-run']))\n",
        encoding="utf-8",
    )
    settings = user_of(secured, "PLAIN")
    answer = subprocess.run(
        [COMMAND.with_name("python"), program],
        env={PREFIX + name.upper(): value for name, value in settings.items()},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert answer.returncode == 0, answer.stderr
    assert "DEBUG:kafka" in answer.stderr
    assert PASSWORD not in answer.stdout + answer.stderr


def run_worker(installation: Installation, folder: Path, settings: Mapping[str, str]) -> None:
    """Run a worker over the busy month: it tells what the pipeline tells, and no secret."""
    words = ("--config", str(write_settings(folder)), "--until", UNTIL.isoformat())
    send_everything(installation)
    with installation.worker(*words, **settings) as worker:
        ending = worker.ending()
    assert ending.code == 0, ending.log
    assert_no_secret(ending.log)
    assert_alerts_are_those_of_the_pipeline(installation)


def begin_worker(installation: Installation, settings: Mapping[str, str]) -> None:
    """Run a worker until each of its clients has read, written and committed something."""
    lines = event_lines()[:1_000]
    installation.send_events(lines)
    with installation.worker(**settings) as worker:
        worker.wait_for(lambda it: it.sum_of("aboveboard_events_total") == len(lines))
        worker.wait_for(is_ready)
        ending = worker.end(signal.SIGTERM)
    assert ending.code == 0, ending.log
    assert_no_secret(ending.log)
    committed = installation.committed(Topic.SALES).values()
    assert sum(offset or 0 for offset in committed) == len(installation.records(Topic.SALES))
    assert installation.records(Topic.LEDGER_STATE)


def assert_no_secret(log: str) -> None:
    for secret in SECRETS:
        assert secret not in log


# What a worker judges is the same for all users: one of them sees the whole month.
def test_a_worker_that_is_a_user_judges(secured: SecuredKafka, tmp_path: Path) -> None:
    run_worker(Installation(secured.plain, 2), tmp_path, user_of(secured))


@pytest.mark.parametrize("mechanism", OTHER_MECHANISMS)
def test_a_worker_may_be_a_user(secured: SecuredKafka, mechanism: str) -> None:
    begin_worker(Installation(secured.plain, 2), user_of(secured, mechanism))


def test_a_worker_may_show_a_certificate(secured: SecuredKafka) -> None:
    settings = {
        "broker": secured.mutual,
        "security_protocol": "SSL",
        "ssl_cafile": str(secured.certificates.authority),
        "ssl_certfile": str(secured.certificates.client),
    }
    begin_worker(Installation(secured.plain, 2), settings)


def is_served(host: str, port: int) -> bool:
    try:
        with socket.create_connection((host, port), 5):
            return True
    except ConnectionRefusedError:
        return False


@pytest.mark.parametrize(
    ("settings", "others"), [({}, False), ({"metrics_host": EVERYWHERE}, True)]
)
def test_a_worker_serves_its_own_machine_only_unless_told_otherwise(
    broker: AvailableBroker,
    settings: dict[str, str],
    others: bool,  # noqa: FBT001 - of the table
) -> None:
    """127.0.0.2 is an address that only a server of every address listens on."""
    port = free_port()
    installation = install(broker, 1)
    with installation.worker("--metrics-port", str(port), **settings) as worker:
        worker.wait_for(lambda _: is_served(LOOPBACK, port))
        assert is_served("127.0.0.2", port) is others
