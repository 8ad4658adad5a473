"""The rights that ``aboveboard topics --acl`` prints are enough, and each of them is needed."""

import json
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from kafka import KafkaConsumer, KafkaProducer
from kafka.errors import TopicAuthorizationFailedError

from streams.broker.rights_check import require_rights
from streams.broker.security import BrokerSecurity
from streams.cli.tables.access_table import command_lines, table_lines
from streams.config.secret import Secret
from streams.demo.ports import LOOPBACK, free_port
from streams.errors import BrokerNotStarted, MissingRights
from streams.wire.rights import ACCESS, ROLES, SOURCES, Role, rights_of
from streams.wire.topics import CATALOGUE, EVENT_TOPICS, Topic, topic_name
from tests.brokers.fixtures import do_without_kafka
from tests.brokers.guarded_kafka import GuardedKafka, guarded_kafka, rights_in
from tests.integration.busy_month import (
    UNTIL,
    assert_alerts_are_those_of_the_pipeline,
    send_everything,
    write_settings,
)
from tests.integration.cases.desk_work import alerts, expected, send_alerts
from tests.integration.delivery.notifiers import NotifierProcess
from tests.integration.installation import Installation
from tests.integration.secured_commands import run
from tests.logged_process import Ending
from tests.streams.desk.desk_at_hand import ask
from tests.streams.hostile_corpus import sale

PASSWORD = "0pen-7c1"  # noqa: S105 - of a broker that lives for seconds
GROUP = "aboveboard"
COMMANDS = {
    Role.WORKER: ["worker", "--metrics-port", "0"],
    Role.TOPICS: ["topics"],
    Role.REPLAY: ["replay", "/dev/null"],
    Role.COPY_EVENTS: ["copy-events", "--from", "", "--dry-run"],
    Role.ALERTS: ["alerts", "list"],
    Role.ALERTS_DECIDE: ["alerts", "decide", "no-such-alert", "note", "words"],
    Role.DESK: ["desk", "--port", "0", "--metrics-port", "0"],
    Role.NOTIFY: ["notify", "--alertmanager", "http://127.0.0.1:9", "--metrics-port", "0"],
    Role.DEAD_LETTERS: ["dead-letters", "list"],
    Role.DEAD_LETTERS_REPLAY: ["dead-letters", "replay", "--all"],
    Role.FORGET: ["forget", "e-1", "--yes"],  # stands in a record that is refused
}


@pytest.fixture(scope="module")
def guarded() -> Iterator[GuardedKafka]:
    try:
        with guarded_kafka(dict.fromkeys(Role, PASSWORD)) as kafka:
            yield kafka
    except BrokerNotStarted as reason:
        do_without_kafka(reason)


@pytest.fixture(scope="module")
def installation(guarded: GuardedKafka) -> Installation:
    """Make topics, and grant every role its rights on them."""
    found = Installation(guarded.open, 2)
    guarded.grant(printed(found.prefix))
    return found


def printed(prefix: str, *roles: Role) -> list[str]:
    lines = command_lines(roles or Role, prefix, GROUP, "localhost:9092", "User:{role}")
    return [line.replace('"${SUBSCRIBER_GROUP:?', f"{prefix}theirs #") for line in lines]


def settings_of(guarded: GuardedKafka, role: Role, prefix: str) -> dict[str, str]:
    return {
        "broker": guarded.users,
        "topic_prefix": prefix,
        "security_protocol": "SASL_PLAINTEXT",
        "sasl_mechanism": "PLAIN",
        "sasl_username": role,
        "sasl_password": PASSWORD,
        "notify_pseudonym_key": "key",
    }


def client_of(role: Role) -> BrokerSecurity:
    return BrokerSecurity(
        protocol="SASL_PLAINTEXT", mechanism="PLAIN", username=role, password=Secret(PASSWORD)
    )


def test_every_topic_of_the_catalogue_has_its_line() -> None:
    assert list(ACCESS) == [plan.topic for plan in CATALOGUE]
    assert set(ROLES) == set(Role)
    assert all(access.readers and access.writers for access in ACCESS.values())
    assert {
        topic: set(ACCESS[topic].writers) & set(SOURCES.values()) for topic in EVENT_TOPICS
    } == {topic: {role} for topic, role in SOURCES.items()}


def test_the_table_and_the_commands_say_the_same() -> None:
    for role in Role:
        rows = [line.split() for line in table_lines([role], "p-", GROUP)][1:]
        commands = [line for line in printed("p-", role) if "kafka-acls.sh" in line]
        assert len(rows) == len(commands)
        for row, command in zip(rows, commands, strict=True):
            (first, *_) = rights_in(command.partition(": ")[2] if command[0] == "#" else command)
            assert first.resource_pattern.resource_type.name.lower() == row[0]


def test_a_worker_judges_with_its_rights_alone(
    guarded: GuardedKafka, installation: Installation, tmp_path: Path
) -> None:
    send_everything(installation)
    words = ("--config", str(write_settings(tmp_path)), "--until", UNTIL.isoformat())
    settings = settings_of(guarded, Role.WORKER, installation.prefix)
    with installation.worker(*words, **settings) as worker:
        ending = worker.ending()
    assert ending.code == 0, ending.log
    assert_alerts_are_those_of_the_pipeline(installation)
    for role in (Role.ALERTS, Role.DEAD_LETTERS, Role.DEAD_LETTERS_REPLAY, Role.FORGET):
        ending = command(guarded, role, installation.prefix)
        assert ending.code in (0, 1), ending.log  # 1: a record of which only the beginning was kept
        assert "does not grant" not in ending.log
        assert len(ending.log.splitlines()) > 1
    assert "erased" in ending.log
    assert " 0 records in dead-letters" not in ending.log
    listed = command(
        guarded, Role.ALERTS, installation.prefix, "alerts", "list", "--format", "json"
    )
    alert = next(json.loads(line) for line in listed.log.splitlines() if line[:1] == "{")
    decide = ("alerts", "decide", alert["alert_id"], "note", "words")
    ending = command(guarded, Role.ALERTS_DECIDE, installation.prefix, *decide)
    assert ending.code == 0, ending.log
    ending = command(guarded, Role.ALERTS, installation.prefix, *decide)
    assert ending.code == 2, ending.log
    assert "Write on topic" in ending.log


def command(guarded: GuardedKafka, role: Role, prefix: str, *words: str) -> Ending:
    return run(settings_of(guarded, role, prefix), *(words or COMMANDS[role]))


def test_a_notifier_tells_with_its_rights_alone(
    guarded: GuardedKafka, installation: Installation
) -> None:
    settings = settings_of(guarded, Role.NOTIFY, installation.prefix)
    settings["notify_alertmanagers"] = "http://127.0.0.1:9"
    with NotifierProcess(installation, [], **settings) as notifier:
        notifier.wait_until_it_tells()
        ending = notifier.ended()
    assert ending.code == 0, ending.log


def test_a_desk_shows_with_its_rights_alone(
    guarded: GuardedKafka, installation: Installation
) -> None:
    settings = settings_of(guarded, Role.DESK, installation.prefix)
    del settings["notify_pseudonym_key"]
    told = alerts()[:4]
    send_alerts(installation, told)
    with installation.producer() as producer:
        for key, value in expected(told, ()).items():
            producer.send(installation.name(Topic.CASES_CURRENT), value, key=key)
    port = free_port()
    with installation.service(
        "desk", "--port", str(port), desk_role="reviewer", **settings
    ) as desk:
        desk.wait_for(lambda it: it.sum_of("aboveboard_desk_ready") == 1)
        shown = ask(f"http://{LOOPBACK}:{port}", "/api/cases").json()
        assert shown
        note = {"kind": "note", "words": "Seen.", "seen": {told[0].alert_id: 1}}
        answer = ask(
            f"http://{LOOPBACK}:{port}",
            f"/api/cases/{shown[0]['case_id']}/decisions",
            [("Content-Type", "application/json")],
            body=json.dumps(note).encode(),
        )
        assert answer.status == 202, answer.body
    assert installation.records(Topic.LOOKUPS)


def test_topics_are_made_with_the_rights_for_that(guarded: GuardedKafka) -> None:
    prefix = f"made-{uuid4()}-"
    refused = command(guarded, Role.TOPICS, prefix)
    assert refused.code == 2, refused.log
    assert "aboveboard topics --acl --role topics" in refused.log
    guarded.grant(printed(prefix, Role.TOPICS))
    ending = command(guarded, Role.TOPICS, prefix)
    assert ending.code == 0, ending.log


def test_events_are_sent_by_those_who_may(
    guarded: GuardedKafka, installation: Installation, tmp_path: Path
) -> None:
    events = tmp_path / "events.jsonl"
    events.write_bytes(sale() + b"\nno event\n")
    ending = command(guarded, Role.REPLAY, installation.prefix, "replay", str(events))
    assert ending.code == 1, ending.log  # one of two lines went to the dead letters
    for topic, role in SOURCES.items():
        producer = KafkaProducer(
            bootstrap_servers=guarded.users, **client_of(role).for_kafka_python()
        )
        stored = producer.send(installation.name(topic), sale(), key=b"a").get(timeout=20)
        assert stored.topic == installation.name(topic)
        with pytest.raises(TopicAuthorizationFailedError):
            producer.send(installation.name(Topic.ALERTS), b"{}").get(timeout=20)
        producer.close()


def test_a_subscriber_reads_alerts_in_a_group_of_its_own(
    guarded: GuardedKafka, installation: Installation
) -> None:
    installation.send(Topic.ALERTS, [b"{}"])
    consumer = KafkaConsumer(
        installation.name(Topic.ALERTS),
        bootstrap_servers=guarded.users,
        group_id=f"{installation.prefix}theirs",
        auto_offset_reset="earliest",
        consumer_timeout_ms=20_000,
        **client_of(Role.SUBSCRIBER).for_kafka_python(),
    )
    assert next(consumer).topic == installation.name(Topic.ALERTS)
    consumer.commit()
    consumer.close()


# Not of `forget`: it reads all topics, and each right that is taken back costs time.
@pytest.mark.parametrize("role", [one for one in COMMANDS if one not in (Role.TOPICS, Role.FORGET)])
def test_each_right_that_is_missing_is_named(
    guarded: GuardedKafka, installation: Installation, role: Role
) -> None:
    security = client_of(role)
    require_rights(guarded.users, role, installation.prefix, security, group=GROUP)
    for line in printed(installation.prefix, role):
        for right in rights_in(line):
            guarded.revoke(right)
            operation = "".join(map(str.capitalize, right.operation.name.split("_")))
            name = right.resource_pattern.resource_name
            with pytest.raises(MissingRights, match=f"{operation}.* on (topic|group) {name}"):
                refused(guarded, role, installation.prefix)
        guarded.grant([line])


def refused(guarded: GuardedKafka, role: Role, prefix: str) -> None:
    """Ask until the broker has heard that a right was taken back."""
    for _ in range(1_000):
        require_rights(guarded.users, role, prefix, client_of(role), group=GROUP)


@pytest.mark.parametrize("role", [Role.WORKER, Role.ALERTS, Role.NOTIFY])
def test_a_command_without_any_right_says_which_it_needs(guarded: GuardedKafka, role: Role) -> None:
    prefix = Installation(guarded.open, 1).prefix
    ending = command(guarded, role, prefix)
    assert ending.code == 2, ending.log
    last = ending.log.splitlines()[-1]
    assert "Traceback" not in ending.log
    assert "aboveboard topics --acl" in last
    for right in rights_of(role, prefix, GROUP):
        assert right.when or f"on {right.resource} {right.name}" in last


def test_the_topic_of_each_right_is_one_of_the_installation() -> None:
    names = {topic_name("p-", topic) for topic in Topic}
    for role in Role:
        for right in rights_of(role, "p-", GROUP):
            assert right.resource != "topic" or right.name in names
