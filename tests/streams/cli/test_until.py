"""One parser of ``--until``: what one command refuses, the others refuse in the same words."""

from pathlib import Path
from typing import Final

import pytest

from detectors.settings import Settings
from streams.cli.arguments import until_time
from streams.cli.main import main
from streams.errors import InvalidTime
from tests.streams.small_centre import event_lines, write_lines

LIMITS: Final = Settings().limits

REFUSED: Final = {
    "20250630T000000Z": "not a date and time with an offset; write it as 2025-06-30T00:00:00Z",
    "2025-W26-1T00:00Z": "not a date and time with an offset; write it as 2025-06-30T00:00:00Z",
    "2025-06-30": "not a date and time with an offset; write it as 2025-06-30T00:00:00Z",
    "2025-06-30T00:00:00": "not a date and time with an offset; write it as 2025-06-30T00:00:00Z",
    "yesterday": "not a date and time with an offset; write it as 2025-06-30T00:00:00Z",
    "": "not a date and time with an offset; write it as 2025-06-30T00:00:00Z",
    "3000-01-01T00:00:00Z": "outside limits.earliest_event = 2000-01-01T00:00:00+00:00",
    "1999-12-31T23:59:59Z": "outside limits.earliest_event = 2000-01-01T00:00:00+00:00",
}


@pytest.mark.parametrize("text", REFUSED)
def test_what_is_no_credible_time_is_refused(text: str) -> None:
    with pytest.raises(InvalidTime) as refusal:
        until_time(text, LIMITS)
    assert str(refusal.value).startswith(f"--until {text}: {REFUSED[text]}")


@pytest.mark.parametrize(
    "text",
    ["2025-06-30T00:00:00Z", "2025-06-30T02:00:00+02:00", "2025-06-29T22:30:00.000-01:30"],
)
def test_one_moment_may_be_written_with_any_offset(text: str) -> None:
    moment = until_time(text, LIMITS)
    assert moment is not None
    assert moment.timestamp() == 1_751_241_600.0


def test_without_the_option_there_is_no_end() -> None:
    assert until_time(None, LIMITS) is None


@pytest.mark.parametrize("text", REFUSED)
def test_worker_and_detect_refuse_the_same_in_the_same_words(
    text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    events = str(write_lines(tmp_path / "events.jsonl", event_lines()[:1]))
    sentences = []
    for command in (["worker"], ["detect", events]):
        assert main([*command, "--until", text]) == 2
        sentence = capsys.readouterr().err
        assert sentence.startswith(f"aboveboard {command[0]}: --until {text}: ")
        sentences.append(sentence.removeprefix(f"aboveboard {command[0]}: "))
    assert sentences[0] == sentences[1]
