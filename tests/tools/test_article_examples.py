"""What the articles warn of is seen in the example of each practice, and not in its honest twin."""

import tomllib
from collections.abc import Sequence
from datetime import datetime
from functools import cache
from pathlib import Path

import pytest

from detectors.alerts.alert import Alert
from detectors.basis.event_time import seconds_at
from detectors.decoding import EventDecoder
from detectors.pipeline import Pipeline
from detectors.settings import read_settings
from tests.streams.small_centre import read_alerts, run
from tools.patterns.article_examples import FOLDER, SUSPECTS, UNTIL, files
from tools.patterns.articles import WARNED_OF, Warned

PRACTICES = pytest.mark.parametrize("warned", WARNED_OF, ids=lambda one: one.example)


@cache
def alerts_of(example: str, twin: str = "") -> tuple[Alert, ...]:
    """Return what `detect` tells of the events of an example, or of its twin."""
    settings = read_settings(tomllib.loads((FOLDER / f"{example}.toml").read_text("utf-8")))
    decode, pipeline = EventDecoder(settings.limits).decode, Pipeline(settings)
    for line in (FOLDER / f"{example}{twin}.jsonl").read_bytes().splitlines():
        pipeline.apply(decode(line))
    pipeline.advance(seconds_at(datetime.fromisoformat(UNTIL)))
    return tuple(pipeline.alerts())


def shows(warned: Warned, alerts: Sequence[Alert]) -> bool:
    """Return whether each pattern names whom it should, and nobody is named beside the suspects."""
    if warned.of_a_site:
        subjects = {(one.pattern, one.subject.type, one.subject.id) for one in alerts}
        return subjects == {(warned.patterns[0], "site", "site-0")}
    suspects = dict(zip(warned.patterns, SUSPECTS, strict=False))
    named = {(one.pattern, one.subject.id) for one in alerts if one.subject.type == "agent"}
    return named >= {*suspects.items()} and {one.agent_id for one in alerts} <= {*suspects.values()}


@PRACTICES
def test_the_example_shows_the_practice_and_its_twin_shows_nothing(warned: Warned) -> None:
    assert shows(warned, alerts_of(warned.example))
    assert alerts_of(warned.example, "-honest") == ()


def test_an_example_that_shows_nothing_would_be_noticed() -> None:
    for warned in WARNED_OF:
        assert not shows(warned, alerts_of(warned.example, "-honest"))
        assert not shows(warned, [])


def test_the_command_in_the_settings_tells_the_same(tmp_path: Path) -> None:
    out = tmp_path / "alerts.jsonl"
    path = FOLDER / "verification"
    words = (f"{path}.jsonl", "--config", f"{path}.toml", "--until", UNTIL, "--out", out)
    assert " ".join(map(str, words[1:5])) in path.with_suffix(".toml").read_text("utf-8")
    assert run("detect", *words) == 0
    assert tuple(read_alerts(out.read_bytes())) == alerts_of("verification")


@PRACTICES
def test_the_files_are_written_anew_with_the_patterns(warned: Warned) -> None:
    for name, text in files(warned).items():
        assert (FOLDER / name).read_text("utf-8") == text, "run `make patterns`"


def test_no_other_file_is_there() -> None:
    written = {name for warned in WARNED_OF for name in files(warned)}
    assert {path.name for path in FOLDER.iterdir()} == written
