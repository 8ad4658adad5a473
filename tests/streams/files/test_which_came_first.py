"""Of contested sales the lines of one file tell which claim came first; two files do not."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from detectors.events.event import AccountActivity, AnyEvent, Cancellation, Event, Sale
from detectors.settings import Settings
from streams.cli.not_used import contested_lines
from streams.files.detection import Detection
from streams.files.events import EventFiles
from streams.wire.dead_letter import DeadLetter
from tests.detectors.insider.acts import ACTS, FRAMED, GUILTY, honest_log, with_act

EVENTS = with_act(ACTS["claimed for a colleague, soon"], honest_log())
FORGED = [event for event in EVENTS if event.event_id.startswith("again ")]


def run(folder: Path, files: Mapping[str, Sequence[AnyEvent]]) -> tuple[set[str], list[str]]:
    """Return which agents are accused by these files, and what the summary says of contests."""
    paths = []
    for name, events in files.items():
        path = folder / name
        path.write_bytes(b"".join(msgspec.json.encode(event) + b"\n" for event in events))
        paths.append(str(path))
    detection = Detection(Settings(), None, _refuse)
    with EventFiles(paths, Settings()) as opened:
        alerts = [alert for some in detection.alerts(opened.blocks()) for alert in some]
    agents = {alert.subject.id for alert in alerts if alert.subject.type == "agent"}
    return agents, contested_lines(detection.matches())


def _refuse(letter: DeadLetter) -> None:
    raise AssertionError(letter)


def of(kind: type[Event]) -> list[AnyEvent]:
    return [event for event in EVENTS if isinstance(event, kind)]


def told() -> list[str]:
    number = len(FORGED)
    return [f"  sales about which records contradict each other, by field: agent_id {number}"]


def test_one_file_tells(tmp_path: Path) -> None:
    assert run(tmp_path, {"all.jsonl": EVENTS}) == ({GUILTY}, told())


def test_so_do_files_of_which_one_holds_all_sales(tmp_path: Path) -> None:
    files = {
        "used.jsonl": of(AccountActivity),
        "sales.jsonl": of(Sale),
        "cancelled.jsonl": of(Cancellation),
    }
    assert run(tmp_path, files) == ({GUILTY}, told())


def test_a_second_file_of_sales_accuses_nobody_and_is_told(tmp_path: Path) -> None:
    """Its times are chosen by whoever wrote it: what it contests counts for nobody."""
    honest = [event for event in EVENTS if event not in FORGED]
    accused, lines = run(tmp_path, {"all.jsonl": honest, "more.jsonl": FORGED})
    assert FRAMED not in accused
    assert accused == set()
    assert lines == told()
