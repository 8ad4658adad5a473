from uuid import uuid4

import pytest

from streams.cli.main import main
from streams.demo.ports import free_port
from streams.wire.topics import CATALOGUE
from tests.brokers.selection import AvailableBroker

pytestmark = pytest.mark.integration


@pytest.fixture
def prefix() -> str:
    return f"topics-{uuid4()}-"


def test_the_command_lists_what_it_did(
    any_broker: AvailableBroker, prefix: str, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["topics", "--broker", any_broker.bootstrap, "--topic-prefix", prefix]
    assert main([*command, "--partitions", "1"]) == 0
    assert capsys.readouterr().out.count("created") == len(CATALOGUE)
    assert main([*command, "--partitions", "1"]) == 0
    assert capsys.readouterr().out.count("there") == len(CATALOGUE)
    assert main([*command, "--partitions", "2"]) == 2
    assert "has 1 partition, 2 wanted" in capsys.readouterr().err


def test_a_broker_that_does_not_answer_is_named_with_the_remedy(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    address = f"127.0.0.1:{free_port()}"
    monkeypatch.setenv("ABOVEBOARD_BROKER", address)
    assert main(["topics"]) == 2
    error = capsys.readouterr().err
    assert error.startswith(f"aboveboard topics: no Kafka broker answers at {address} ")
    assert "ABOVEBOARD_BROKER" in error
    assert error.count("\n") == 1


@pytest.mark.parametrize(
    ("words", "remedy"),
    [
        (["--broker", "localhost"], "Give HOST:PORT"),
        (["--broker", "localhost:kafka"], "Give HOST:PORT"),
        (["--topic-prefix", "my topics/"], "Use letters"),
    ],
)
def test_bad_addresses_and_prefixes_are_refused(
    words: list[str], remedy: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["topics", *words]) == 2
    assert remedy in capsys.readouterr().err
