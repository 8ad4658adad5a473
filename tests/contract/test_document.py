"""The AsyncAPI document is fresh, is valid, and says of every public topic what it is."""

import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec
import pytest
from msgspec import Struct

from streams.cli.main import main
from streams.contract.channels import CHANNELS, Channel
from streams.contract.document import asyncapi_document
from streams.wire.topics import EVENT_TOPICS, Topic

COMMITTED: Final = Path(__file__).parent.parent.parent / "docs" / "asyncapi.json"


class Opinion(Struct):
    """What the parser of AsyncAPI says of a document."""

    valid: bool
    complaints: list[str]


def opinions(folder: Path, documents: Sequence[object]) -> list[Opinion]:
    """Ask the parser once: it takes seconds to start."""
    answer = subprocess.run(
        ["node", "check.mjs"],  # noqa: S607 - of PATH
        cwd=folder,
        input=msgspec.json.encode(documents),
        capture_output=True,
        check=False,
    )
    assert answer.returncode == 0, answer.stderr.decode()
    return msgspec.json.decode(answer.stdout, type=list[Opinion])


def test_the_committed_document_is_what_the_command_prints(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["schema", "--asyncapi"]) == 0
    assert COMMITTED.read_text(encoding="utf-8") == capsys.readouterr().out, "do: make contract"


def test_it_is_no_schema_of_one_kind_too(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema", "sale", "--asyncapi"]) == 2
    assert "not allowed with" in capsys.readouterr().err


def test_the_parser_of_asyncapi_has_nothing_against_it_and_names_what_is_wrong(
    asyncapi_parser: Path,
) -> None:
    right, odd, torn = asyncapi_document(), asyncapi_document(), asyncapi_document()
    odd["components"]["schemas"]["Alert"]["required"] = "all"
    del torn["components"]["messages"]["Alert"]
    of_right, of_odd, of_torn = opinions(asyncapi_parser, [right, odd, torn])
    assert of_right == Opinion(valid=True, complaints=[])
    assert not of_odd.valid
    assert not of_torn.valid
    assert any("payload.required" in complaint for complaint in of_odd.complaints)
    assert any("components/messages/Alert" in complaint for complaint in of_torn.complaints)


def test_every_topic_of_sources_and_of_alerts_is_public() -> None:
    public = {channel.topic for channel in CHANNELS}
    assert public == {
        *EVENT_TOPICS,
        Topic.ALERTS,
        Topic.ALERTS_CURRENT,
        Topic.COMMISSION_ACTIONS,
        Topic.VERIFICATION_REQUESTS,
        Topic.COMMENDATIONS,
        Topic.CASES_CURRENT,
        Topic.DECISIONS,
        Topic.LOOKUPS,
    }
    assert len(public) == len(CHANNELS)


@pytest.mark.parametrize("channel", CHANNELS, ids=lambda channel: channel.topic)
def test_a_channel_says_its_key_order_cleanup_and_changes(channel: Channel) -> None:
    told = asyncapi_document()["channels"][channel.topic]
    assert told["address"] == f"{{prefix}}{channel.topic}"
    assert told["x-key"] == channel.plan().key
    for name in ("description", "x-ordering", "x-cleanup", "x-changes-within-a-major-version"):
        assert told[name].endswith(".")
    is_compacted = channel.topic.endswith(("-current", "-actions"))
    assert ("Removal" in told["messages"]) == is_compacted
    policy = told["bindings"]["kafka"]["topicConfiguration"]["cleanup.policy"]
    assert policy == (["compact"] if is_compacted else ["delete"])
