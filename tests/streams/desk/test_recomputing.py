"""An alert recomputed over the desk: what `aboveboard explain` says, and of the alert as shown."""

import asyncio
import html
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import msgspec
import pytest
from aiohttp import web
from msgspec import structs

from detectors.alerts.alert import Alert
from detectors.cases.case import case_id_of
from detectors.events.decision import Approve, Decision, Propose
from detectors.settings import Settings
from streams.access.local import LocalDoor
from streams.desk.casefile.recomputer import Recomputer, Waiting
from streams.desk.casefile.recomputing import WIDTH, ModelEvents, line_of, recomputed
from streams.desk.model.intake import Told
from streams.desk.model.read_model import ReadModel
from streams.files.events import Block, Origin
from streams.wire.decision_record import decision_record
from streams.wire.topics import Topic
from tests.streams.desk.desk_at_hand import DeskAtHand, ask
from tests.streams.desk.month_at_hand import (
    alerts_of,
    event_records,
    told_of,
)
from tests.streams.small_centre import fewer_lines, run, write_lines

DAYS: Final = 40
_PER_DAY: Final = 107


@cache
def few_lines() -> tuple[bytes, ...]:
    """Return the events of some days: enough for accounts that were never used."""
    return fewer_lines()[: DAYS * _PER_DAY]


@cache
def few_alerts() -> tuple[Alert, ...]:
    return tuple(alerts_of(few_lines()))


@pytest.fixture(scope="module")
def few() -> Iterator[ReadModel]:
    with model_of(few_lines()) as found:
        yield found


@contextmanager
def model_of(lines: tuple[bytes, ...]) -> Iterator[ReadModel]:
    with TemporaryDirectory() as folder, ReadModel(Path(folder) / "model.sqlite") as model:
        model.take_in(event_records(lines))
        yield model


def explained(alert: Alert, capsys: pytest.CaptureFixture[str]) -> list[str]:
    """Return what the command says of an alert, given a file of the events."""
    capsys.readouterr()
    assert run("explain", alert.alert_id, write_lines(Path("e.jsonl"), few_lines())) == 0
    return words(capsys.readouterr().out)


def words(text: str) -> list[str]:
    """Return the words of an explanation, but for the places of records."""
    return re.sub(r"[^ -~]|\S+:\d+(?= )", " ", text).split()


def closed_as_honest(alerts: Sequence[Alert]) -> list[Decision]:
    """Return how two people close the case of alerts about an agent, after the last revision."""
    seen = {alert.alert_id: alert.revision for alert in alerts}
    at, case_id = alerts[-1].updated_at, case_id_of(alerts[-1].subject)
    return [
        Propose(
            decision_id="p",
            case_id=case_id,
            seen=seen,
            occurred_at=at + timedelta(hours=1),
            who="ann",
            role="reviewer",
            outcome="honest",
            explanation="campaign",
            words="A campaign.",
        ),
        Approve(
            decision_id="a",
            case_id=case_id,
            seen=seen,
            occurred_at=at + timedelta(hours=2),
            who="bob",
            role="approver",
            proposal="p",
        ),
    ]


def decision_records(decided: Iterable[Decision]) -> Iterator[Told]:
    for offset, one in enumerate(decided):
        record = decision_record(one)
        came = int(one.occurred_at.timestamp() * 1_000)
        yield Told(Topic.DECISIONS, record.key, record.value, came, 0, offset)


def test_an_alert_about_an_agent_agrees_with_what_people_decided_and_has_peers() -> None:
    lines = fewer_lines()[: 80 * _PER_DAY]
    told = alerts_of(lines)
    *_, last = (one for one in told if one.pattern == "quick_cancellation")
    decided = closed_as_honest([one for one in told if one.subject == last.subject])
    with_people = [*(msgspec.json.encode(one) for one in decided), *lines]
    *_, alert = (one for one in alerts_of(with_people) if one.alert_id == last.alert_id)
    assert alert.ending == "explained"
    with model_of(lines) as model:
        alone = recomputed(Settings(), ModelEvents(model.path, Settings()), alert)
        model.take_in(decision_records(decided))
        found = recomputed(Settings(), ModelEvents(model.path, Settings()), last)
    assert not alone.agrees, "without the decisions the alert would still be open"
    assert (found.agrees, found.explained, found.same_settings) == (True, True, True)
    assert "two people found an honest explanation on that day" in " ".join(found.text.split())
    assert found.events == len(lines)
    assert found.days[0].day < str(getattr(alert.evidence, "likely_start", "")) < found.days[-1].day
    assert found.funnel is not None
    counted = (found.funnel.bad, found.funnel.trials)
    assert counted == (last.evidence.observed, getattr(last.evidence, "matured", None))


class _InOrderOfPlace(ModelEvents):
    """Reads as the events stand in the table: one partition after the other."""

    @contextmanager
    def blocks(self, _title: str = "") -> Iterator[Iterator[Block]]:
        with self._reader() as reader:
            found = reader.execute("SELECT record FROM events ORDER BY place").fetchall()
        yield iter([Block([line for (line,) in found], lambda index: Origin("events", index + 1))])


@pytest.mark.parametrize("events", [ModelEvents, _InOrderOfPlace])
def test_it_says_what_explain_says_of_a_file_whatever_the_partitions(
    few: ReadModel,
    events: type[ModelEvents],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", str(WIDTH))
    alert = few_alerts()[-1]
    found = recomputed(Settings(), events(few.path, Settings()), alert)
    assert found.funnel is None
    same = words(found.text) == explained(alert, capsys)
    assert same == found.agrees == (events is ModelEvents)


def test_an_alert_that_is_shown_as_it_is_not_does_not_agree(few: ReadModel) -> None:
    alert = few_alerts()[0]
    events = ModelEvents(few.path, Settings())
    for tampered in (
        structs.replace(alert, summary=f"{alert.summary} They are a thief."),
        structs.replace(alert, severity="critical"),
        structs.replace(alert, revision=alert.revision + 1),
    ):
        found = recomputed(Settings(), events, tampered)
        assert (found.agrees, found.explained) == (False, True)
    unknown = structs.replace(alert, alert_id="0" * 24, config_hash="1" * 16)
    found = recomputed(Settings(), events, unknown)
    assert (found.agrees, found.text, found.same_settings) == (False, "", False)
    assert found.problem.startswith(f"no alert {'0' * 24} among the {len(few_alerts())}")


def test_what_comes_meanwhile_is_not_read() -> None:
    with model_of(few_lines()[:100]) as model:
        events = ModelEvents(model.path, Settings())
        model.take_in(event_records(few_lines()[100:200]))
        for _ in range(2):
            with events.blocks() as blocks:
                assert sum(len(block.lines) for block in blocks) == events.count == 100
        assert ModelEvents(model.path, Settings()).count == 200


@pytest.mark.parametrize(
    ("record", "line"),
    [
        (b'{"a":1}', b'{"type":"sale","a":1}'),
        (b' {\n"a":1}', b'{"type":"sale", "a":1}'),
        (b'{"type":"interaction"}', b'{"type":"interaction"}'),
        (b'{"type":3}', b'{"type":3}'),
        (b"no json", b"no json"),
        (b"[1]", b"[1]"),
        (b"", b""),
        (b"\xff", b"\xff"),
    ],
)
def test_a_record_of_a_topic_becomes_a_line_of_a_file(record: bytes, line: bytes) -> None:
    assert line_of(record, "sale") == line


# ------------------------------------------------------------------------------------ the page


def shown(page: bytes) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", page.decode())).split())


def test_the_page_shows_it_and_the_case_does_then() -> None:
    alert = few_alerts()[-1]
    case = f"/cases/{case_id_of(alert.subject)}"
    path = f"{case}/explain/{alert.alert_id}"
    with DeskAtHand(
        LocalDoor("viewer"), told=[*told_of(few_alerts()), *event_records(few_lines())]
    ) as desk:
        assert f'href="{path}" data-recompute'.encode() in ask(desk.address, case).body
        desk.behind = 12
        assert "12 events are not read yet. Nothing can be said" in shown(
            ask(desk.address, path).body
        )
        desk.behind = 0
        text, before = "", 0
        while "AGREE" not in text:
            before = len(desk.lookups)
            page = ask(desk.address, path, [("HX-Request", "true")]).body
            assert not any(one in page for one in (b" style=", b"<style", b" onclick="))
            text = shown(page)
            assert "AGREE" in text or "Being recomputed" in text
        assert "AGREE. The events give this alert as it is shown." in text
        assert "DISAGREE" not in text
        assert alert.summary in text
        assert "AGREE: the events give what the alert says." in text
        (lookup,) = desk.lookups[before:]
        told = {*lookup.case_ids, *lookup.alert_ids, *(one.id for one in lookup.subjects)}
        assert set(re.findall(r"\b(?:agent-\d+|a-\d+)\b", text)) <= told
        assert "AGREE. The events give" in shown(ask(desk.address, case).body)
        assert ask(desk.address, f"/cases/x/explain/{alert.alert_id}").status == 404


def test_what_takes_too_long_is_ended_and_what_is_not_done_is_told() -> None:
    async def asked() -> None:
        record = msgspec.json.encode(few_alerts()[0])
        recomputer = Recomputer(Path("nowhere"), Settings(), 0.3)
        waiting = await recomputer.result(record, 0.0)
        assert isinstance(waiting, Waiting)
        assert waiting.before == 0
        found = await recomputer.result(record, 60.0)
        assert not isinstance(found, Waiting)
        assert (found.agrees, found.problem) == (False, "it took longer than 0 s")
        assert recomputer.known(record) == found
        other = Recomputer(Path("nowhere"), Settings(), 60.0)
        assert isinstance(await other.result(record, 0.1), Waiting)
        await other.close(web.Application())
        assert other.known(record) is None

    asyncio.run(asked())
