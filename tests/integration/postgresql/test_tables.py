"""The tables hold what the topics say, wherever the sink dies; and who may read what."""

import importlib.util
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any, Final, NamedTuple

import msgspec
import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from kafka import TopicPartition
from psycopg.sql import SQL, Identifier

from examples.postgresql import sink
from tests.detectors.refutation import refuted
from tests.integration.postgresql.topic_records import Held, Read, alert, case, rows_of
from tests.postgresql import Database, PostgresqlServer

SINK: Final = "aboveboard_sink"
KINDS: Final = (("alerts-current", "alerts", alert), ("cases-current", "cases", case))
PLACES: Final = [TopicPartition(topic, 0) for topic, _, _ in KINDS]

CRASH: Final = """
    CREATE FUNCTION crash() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE writes integer := coalesce(nullif(current_setting('test.writes', true), ''), '-1');
    BEGIN
        IF writes = 0 THEN PERFORM pg_terminate_backend(pg_backend_pid()); END IF;
        PERFORM set_config('test.writes', (writes - 1)::text, false);
        RETURN coalesce(new, old);
    END $$;
    CREATE TRIGGER crash BEFORE INSERT OR DELETE ON aboveboard.alerts
        FOR EACH ROW EXECUTE FUNCTION crash();
    CREATE TRIGGER crash BEFORE INSERT OR DELETE ON aboveboard.cases
        FOR EACH ROW EXECUTE FUNCTION crash();
    CREATE TRIGGER crash BEFORE INSERT ON aboveboard.places
        FOR EACH ROW EXECUTE FUNCTION crash()
"""
"""Ends the session of a sink after `test.writes` rows more."""


@pytest.fixture(scope="module")
def database(postgresql: PostgresqlServer) -> Database:
    return postgresql.database()


class Crashing(NamedTuple):
    """A database in which sinks die, and somebody who looks on."""

    database: Database
    watching: psycopg.Connection[Any]

    def clear(self) -> None:
        for table in ("alerts", "cases", "places"):
            self.watching.execute(SQL("DELETE FROM aboveboard.{}").format(Identifier(table)))

    def held(self, table: str) -> Held:
        query = SQL('SELECT key, value, partition, "offset" FROM aboveboard.{}')
        found = self.watching.execute(query.format(Identifier(table)))
        return {key: (value, number, place) for key, value, number, place in found}


@pytest.fixture(scope="module")
def crashing(database: Database) -> Iterator[Crashing]:
    with database.connect() as watching:
        watching.execute(CRASH.encode())
        yield Crashing(database, watching)


STRANGERS: Final = (b"no JSON", b'{"alert_id":"a"}')


@st.composite
def logs(draw: st.DrawFn) -> list[Read]:
    """Draw what stands in two topics, in the order in which a sink may read it."""
    log: list[Read] = []
    for number, kind, key, version in draw(
        st.lists(
            st.tuples(
                st.sampled_from((0, 1)),
                st.sampled_from(("said", "said", "said", "taken away", "strange")),
                st.sampled_from("ab"),
                st.integers(1, 3),
            ),
            max_size=12,
        )
    ):
        topic, _, made = KINDS[number]
        offset = sum(record.topic == topic for record in log)
        values = {
            "said": msgspec.json.encode(made(key, version, note=offset)),
            "taken away": None,
            "strange": STRANGERS[version % 2],
        }
        log.append(Read(topic, 0, offset, key.encode(), values[kind]))
    return log


def wanted(log: list[Read], topic: str, table: str) -> Held:
    ours = (r for r in log if r.topic == topic and r.value not in STRANGERS)
    return rows_of(ours, table)


def run_to_the_end(module: Any, crashing: Crashing, log: list[Read], plan: st.DataObject) -> None:  # noqa: ANN401 - a sink
    """Let sinks read a log, the first ones of which die; at each start, rows and places fit."""
    crashes = plan.draw(st.lists(st.integers(0, 8), max_size=3))
    size = plan.draw(st.integers(1, 6))
    while True:
        with crashing.database.connect(SINK) as connection:
            rows = module.Rows(connection, "")
            places = dict.fromkeys(PLACES, 0) | rows.places()
            read = [r for r in log if r.offset < places[TopicPartition(r.topic, 0)]]
            for topic, table, _ in KINDS:
                assert crashing.held(table) == wanted(read, topic, table)
            left = [r for r in log if r.offset >= places[TopicPartition(r.topic, 0)]]
            writes = crashes.pop() if crashes else -1
            connection.execute("SELECT set_config('test.writes', %s::text, false)", [writes])
            try:
                while left:
                    for record in left[:size]:
                        places[TopicPartition(record.topic, 0)] = record.offset + 1
                    rows.keep(left[:size], places)
                    left = left[size:]
            except psycopg.OperationalError:
                continue
        break
    for topic, table, _ in KINDS:
        assert crashing.held(table) == wanted(log, topic, table)


@given(log=logs(), plan=st.data())
@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_wherever_it_dies_nothing_is_lost_nor_old(
    crashing: Crashing, log: list[Read], plan: st.DataObject
) -> None:
    crashing.clear()
    run_to_the_end(sink, crashing, log, plan)


BEGUN: Final = "with self._connection.transaction():\n            try:"
MOVED: Final = "[(*place, offset) for place, offset in places.items()]"
BROKEN: Final = {
    "an older version replaces a newer one": ("WHERE excluded.version >= kept.version", ""),
    "what is told again is not taken": (">= kept.version", "> kept.version"),
    "what is erased stays": (" WHERE key = %(key)s", " WHERE key = %(key)s || '?'"),
    "a stranger takes others with him": ("self._one_by_one(records)", "pass"),
    "the place is ahead of the rows": (
        BEGUN,
        f"self._connection.cursor().executemany(MOVE, {MOVED})\n        {BEGUN}",
    ),
    "the rows are ahead of the place": (
        BEGUN,
        BEGUN.replace("self._connection.transaction()", "contextlib.nullcontext()"),
    ),
}
"""What is wrong, and how the source of the sink is changed for it."""


def changed(right: str, wrong: str, folder: Path) -> ModuleType:
    source = Path(sink.__file__).read_text(encoding="utf-8")
    assert source.count(right) == 1
    path = folder / "broken.py"
    path.write_text(f"import contextlib\n{source.replace(right, wrong)}", encoding="utf-8")
    spec = importlib.util.spec_from_file_location("broken", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_sink_is_caught(crashing: Crashing, tmp_path: Path, name: str) -> None:
    def law(module: ModuleType, data: st.DataObject) -> None:
        crashing.clear()
        run_to_the_end(module, crashing, data.draw(logs()), data)

    assert refuted(law, changed(*BROKEN[name], tmp_path), examples=200)
