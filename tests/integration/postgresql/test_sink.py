"""The sink as a process between a real Kafka and a real PostgreSQL, killed in its transactions."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from random import Random
from typing import Any, Final

import msgspec
import psycopg
import pytest
from psycopg.sql import SQL, Identifier

from detectors.alerts.alert import Alert
from detectors.cases.case import SEVERITIES
from examples.postgresql import sink
from streams.wire.topics import Topic
from tests.brokers.selection import AvailableBroker
from tests.deploy.dashboards import CASES, load, panels
from tests.examples.test_subscribers import OF_A_LATER_RELEASE
from tests.install.machine import ROOT
from tests.integration.cases.desk_work import alerts, decisions, send_alerts
from tests.integration.installation import COMMAND, PATIENCE, Installation, install
from tests.integration.postgresql.topic_records import (
    Held,
    Read,
    Told,
    alert,
    case,
    rows_of,
    versions,
)
from tests.logged_process import LoggedProcess
from tests.postgresql import Database, PostgresqlServer

pytestmark = pytest.mark.integration

SINK: Final = ROOT / "examples" / "postgresql" / "sink.py"
TABLES: Final = {Topic.ALERTS_CURRENT: "alerts", Topic.CASES_CURRENT: "cases"}
PIECES: Final = 2
OPENED: Final = "2025-01-12T00:00:00Z"
FOREVER: Final = "2999-01-01T00:00:00Z"

HOLD: Final = """
    INSERT INTO aboveboard.{} AS kept (key, value, partition, "offset") VALUES (%s, %s, 0, 0)
    ON CONFLICT (key) DO UPDATE SET partition = kept.partition
"""
STUCK: Final = """
    SELECT 1 FROM pg_stat_activity
    WHERE datname = current_database() AND usename = 'aboveboard_sink'
    AND wait_event = 'transactionid'
"""

WAITING: Final = """
    SELECT 1 FROM pg_stat_activity
    WHERE datname = current_database() AND usename = 'aboveboard_sink' AND wait_event = 'advisory'
"""

TOLD: Final = tuple(one for one in alerts() if one.subject.id[-1] in "02468")
DECIDED: Final = tuple(decisions(TOLD))


class SinkProcess(LoggedProcess):
    """The sink, from its start until it is gone."""

    def __init__(self, installation: Installation, database: Database, *words: str) -> None:
        broker = ["--broker", installation.bootstrap, "--prefix", installation.prefix]
        environment = dict(os.environ) | database.environment("aboveboard_sink")
        super().__init__([sys.executable, str(SINK), *broker, *words], environment)

    def wait_for(self, condition: Callable[[], bool]) -> None:
        """Return when the condition holds; fail if the sink ends first, or after long."""
        deadline = time.monotonic() + PATIENCE
        while not condition():
            assert self._process.poll() is None, f"the sink ended:\n{self.log()}"
            assert time.monotonic() < deadline, f"waited for long:\n{self.log()}"
            time.sleep(0.05)  # to look is a connection of its own

    def ending(self) -> str:
        """Wait for its end, which must be a good one; return what it wrote."""
        assert self._process.wait(PATIENCE) == 0, self.log()
        return self.log()


class Place:
    """An installation beside a database."""

    def __init__(self, broker: AvailableBroker, postgresql: PostgresqlServer) -> None:
        self.installation: Final = install(broker, 2)
        self.database: Final = postgresql.database()

    def sink(self, *words: str) -> SinkProcess:
        return SinkProcess(self.installation, self.database, *words)

    def once(self, *words: str) -> str:
        """Bring the tables to the present end of the topics; return what the sink wrote."""
        with self.sink("--once", *words) as sink:
            return sink.ending()

    def send(self, topic: Topic, told: Sequence[tuple[bytes | None, bytes | None]]) -> None:
        with self.installation.producer() as producer:
            for key, value in told:
                producer.send(self.installation.name(topic), value, key)
            producer.flush()

    def rows(self, table: str) -> Held:
        query = 'SELECT key, value, partition, "offset" FROM aboveboard.'
        found = self.database.asked(query + table)
        return {key: (value, number, place) for key, value, number, place in found}

    def expected(self, topic: Topic) -> Held:
        read = (
            Read(r.topic, r.partition, r.offset, r.key, r.value)
            for r in self.installation.records(topic)
        )
        return rows_of(read, TABLES[topic])

    @contextmanager
    def occupied(self, table: str, key: str) -> Iterator[None]:
        """Hold a row, or the place of one that is not there: whoever would write it waits."""
        with self.database.connect() as connection, connection.transaction(force_rollback=True):
            made = (alert if table == "alerts" else case)(key, 0)
            connection.execute(
                SQL(HOLD).format(Identifier(table)), [key, msgspec.json.encode(made).decode()]
            )
            yield

    def is_stuck(self) -> bool:
        """Return whether a sink is in the middle of a transaction, at a row that is held."""
        return bool(self.database.asked(STUCK))

    def killed_at(self, table: str, key: str, *words: str) -> None:
        """Kill a sink at the moment in which it writes this row; see what it left behind."""
        before = self.rows("alerts"), self.rows("cases")
        with self.occupied(table, key), self.sink(*words) as sink:
            sink.wait_for(self.is_stuck)
            sink.stop()
            assert (self.rows("alerts"), self.rows("cases")) == before


def piece(number: int) -> tuple[tuple[Alert, ...], list[Told]]:
    """Return one of the parts in which things are told."""
    cases = versions(TOLD, DECIDED)
    return TOLD[number::PIECES], cases[
        len(cases) * number // PIECES : len(cases) * (number + 1) // PIECES
    ]


@pytest.fixture(scope="module")
def survived(broker: AvailableBroker, postgresql: PostgresqlServer) -> Place:
    """Return tables whose sink was killed again and again while people decided."""
    place, chance = Place(broker, postgresql), Random(5)  # noqa: S311 - keeps no secret
    for number in range(PIECES):
        told, cases = piece(number)
        send_alerts(place.installation, told)
        place.send(Topic.CASES_CURRENT, cases)
        place.send(Topic.ALERTS_CURRENT, [(b"stray", b"no alert"), (b"x", b"{}")])
        if number % 2:
            place.killed_at("cases", chance.choice(cases).key.decode())
            erased = chance.choice(told).alert_id
            place.send(Topic.ALERTS_CURRENT, [(erased.encode(), None)])
            place.send(Topic.CASES_CURRENT, [(chance.choice(cases).key, None)])
            place.killed_at("alerts", erased, "--anew")
        else:
            place.killed_at("alerts", chance.choice(told).alert_id)
            place.once()
    put_off = [
        case(f"{state} until {until}", 1, state=state, until=until)
        for state in ("acknowledged", "snoozed")
        for until in (OPENED, FOREVER)
    ]
    waiting = [(str(one["case_id"]).encode(), msgspec.json.encode(one)) for one in put_off]
    place.send(Topic.CASES_CURRENT, waiting)
    later = OF_A_LATER_RELEASE | {"opened_at": OPENED, "updated_at": OPENED}
    place.send(Topic.ALERTS_CURRENT, [(b"of a later release", msgspec.json.encode(later))])
    written = place.once()
    assert written.count("which is no record of ours") == 2
    return place


def test_the_rows_are_those_of_the_topics(survived: Place) -> None:
    for topic, table in TABLES.items():
        expected = survived.expected(topic)
        assert len(expected) > 25
        assert survived.rows(table) == expected


def test_the_view_of_open_alerts_is_the_list_of_open_alerts(survived: Place) -> None:
    where = ["--broker", survived.installation.bootstrap]
    where += ["--topic-prefix", survived.installation.prefix]
    command = [
        str(COMMAND),
        "alerts",
        "list",
        *where,
        "--status",
        "open",
        "--format",
        "json",
    ]
    answer = subprocess.run(command, capture_output=True, check=True)
    listed = [msgspec.json.decode(line, type=Alert) for line in answer.stdout.splitlines()]
    assert len(listed) > 15
    found = survived.database.asked(
        "SELECT alert_id, revision, pattern, severity, severity_rank, subject_type, subject_id, "
        "agent_id, opened_at, updated_at, summary, next_step FROM aboveboard.open_alerts "
        "WHERE subject_type <> 'team' ORDER BY updated_at, alert_id",
        "grafana",
    )
    assert found == [
        (
            one.alert_id,
            one.revision,
            one.pattern,
            one.severity,
            SEVERITIES.index(one.severity) + 1,
            one.subject.type,
            one.subject.id,
            one.agent_id,
            one.opened_at,
            one.updated_at,
            one.summary,
            one.next_step or None,
        )
        for one in listed
    ]


def test_the_view_of_open_cases_has_what_somebody_should_look_at(survived: Place) -> None:
    held = [content for content, _, _ in survived.expected(Topic.CASES_CURRENT).values()]
    waiting = {"open", "acknowledged", "snoozed", "proposed"}
    expected = {
        one["case_id"]: (
            "open"
            if one["state"] in {"acknowledged", "snoozed"} and one["until"] != FOREVER
            else one["state"],
            one["severity"],
            ", ".join(sorted({a["pattern"] for a in one["alerts"] if a["status"] == "open"}))
            or None,
            one.get("assignee"),
            one["proposal"]["who"] if one.get("proposal") else None,
        )
        for one in held
        if one["state"] in waiting
    }
    assert {one["state"] for one in held} >= waiting | {"closed", "withdrawn"}
    found = survived.database.asked(
        "SELECT case_id, state, severity, patterns, assignee, proposed_by "
        "FROM aboveboard.open_cases WHERE (summary IS NULL) = (alerts = 0)",
        "grafana",
    )
    assert {case_id: tuple(rest) for case_id, *rest in found} == expected
    assert survived.database.asked(
        "SELECT count(*) FROM aboveboard.open_alerts JOIN aboveboard.open_cases "
        "USING (case_id, subject_type, subject_id)"
    ) != [(0,)]


def test_the_view_of_decisions_has_all_and_why_some_do_not_count(survived: Place) -> None:
    held = [content for content, _, _ in survived.expected(Topic.CASES_CURRENT).values()]
    expected = {
        (one["case_id"], entry["decision_id"], entry["what"], entry["who"], entry.get("refused"))
        for one in held
        for entry in one["history"]
        if "decision_id" in entry
    }
    assert {refused for *_, refused in expected} > {None, "same_person"}
    found = survived.database.asked(
        "SELECT case_id, decision_id, kind, who, refused FROM aboveboard.decisions_made "
        "WHERE decided_at > '2020-01-01'",
        "grafana",
    )
    assert set(found) == expected


@pytest.mark.parametrize("panel", panels(load(CASES)), ids=lambda panel: str(panel["title"]))
def test_every_panel_of_the_dashboard_has_rows(survived: Place, panel: dict[str, Any]) -> None:
    (target,) = panel["targets"]
    # as Grafana writes the time shown
    sql = re.sub(
        r"\$__timeFilter\((\w+)\)",
        r"\1 BETWEEN '2020-01-01T00:00:00Z' AND '2030-01-01T00:00:00Z'",
        target["rawSql"],
    )
    with survived.database.connect("grafana") as connection:
        cursor = connection.execute(sql.encode())
        found = [column.name for column in cursor.description or ()]
        assert cursor.fetchone() is not None
    assert {"Case", "Whom"} <= {*found}
    named = [one["matcher"]["options"] for one in panel["fieldConfig"]["overrides"]]
    assert "Case" in named


@pytest.mark.parametrize(
    ("happened", "words", "left"),
    [
        ("SELECT 1", (), {"gone"}),
        ("UPDATE aboveboard.places SET read_at = now() - interval '13 hours'", (), set()),
        ("UPDATE aboveboard.places SET next_offset = 1000000 WHERE partition = 1", (), set()),
        ("DELETE FROM aboveboard.places WHERE partition = 1", (), set()),
        ("SELECT 1", ("--anew",), set()),
    ],
    ids=["nothing", "it slept too long", "a topic was made anew", "more partitions", "its order"],
)
def test_everything_is_read_anew_where_a_tombstone_may_be_missed(
    survived: Place,
    monkeypatch: pytest.MonkeyPatch,
    happened: str,
    words: tuple[str, ...],
    left: set[str],
) -> None:
    for name, value in survived.database.environment("aboveboard_sink").items():
        monkeypatch.setenv(name, value)
    before = survived.rows("alerts")
    stray = msgspec.json.encode(alert("gone", 1)).decode()
    with survived.database.connect() as connection:
        connection.execute(SQL(HOLD).format(Identifier("alerts")), ["gone", stray])
        connection.execute(happened.encode())
        where = ["--broker", survived.installation.bootstrap]
        sink.main([*where, "--prefix", survived.installation.prefix, "--once", *words])
        after = survived.rows("alerts")
        connection.execute("DELETE FROM aboveboard.alerts WHERE key = 'gone'")
    assert after.keys() - before.keys() == left
    assert survived.rows("alerts") == before


def test_a_second_sink_waits_and_goes_on_when_the_first_is_killed(survived: Place) -> None:
    def told(key: str) -> None:
        value = msgspec.json.encode(alert(key, 1, status="resolved"))
        survived.send(Topic.ALERTS_CURRENT, [(key.encode(), value)])

    with survived.sink() as first, survived.sink() as second:
        told("one")
        first.wait_for(lambda: "one" in survived.rows("alerts"))
        first.wait_for(lambda: bool(survived.database.asked(WAITING)))
        first.stop()
        told("two")
        second.wait_for(lambda: "two" in survived.rows("alerts"))


ROLES: Final = [
    "SELECT * FROM aboveboard.alerts",
    "SELECT value FROM aboveboard.cases",
    "SELECT * FROM aboveboard.places",
    "DELETE FROM aboveboard.alerts",
    "UPDATE aboveboard.cases SET partition = 1",
    "INSERT INTO aboveboard.places VALUES ('a', 0, 0)",
    "CREATE TABLE aboveboard.mine ()",
    "CREATE TABLE public.mine ()",
    "DROP VIEW aboveboard.open_cases",
]
"""What Grafana must not be able to do."""


@pytest.mark.parametrize("statement", ROLES)
def test_grafana_reads_the_views_and_nothing_else(survived: Place, statement: str) -> None:
    with survived.database.connect("grafana") as connection:
        connection.execute("SET default_transaction_read_only = off")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(statement.encode())


def test_the_sink_may_not_change_the_schema(survived: Place) -> None:
    with (
        survived.database.connect("aboveboard_sink") as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute("DROP TABLE aboveboard.alerts")
