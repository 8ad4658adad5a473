"""Every client of kafka-python comes back soon to a broker that was gone."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

import streams
from streams.broker.access import RECONNECT_MILLISECONDS, connection
from streams.broker.security import OPEN

CLIENTS: Final = ("KafkaConsumer", "KafkaProducer", "KafkaAdminClient")


def made(source: str) -> Iterator[str]:
    """Yield the arguments of every client that this module makes."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in CLIENTS:
            yield ", ".join(ast.unparse(word) for word in node.keywords)


def stays_away(arguments: str) -> bool:
    """Return whether a client may pause for as long as the library likes; one request may."""
    return "**connection(bootstrap, security)" not in arguments and "request_timeout" not in (
        arguments
    )


def test_every_client_takes_the_connection() -> None:
    folder = Path(streams.__file__).parent
    clients = [words for path in folder.rglob("*.py") for words in made(path.read_text())]
    assert len(clients) >= 5
    assert not [words for words in clients if stays_away(words)]


def test_a_client_by_itself_is_found() -> None:
    (words,) = made("KafkaConsumer(bootstrap_servers=bootstrap, **security.for_kafka_python())")
    assert stays_away(words)


@pytest.mark.parametrize("bootstrap", ["one:9092", "one:9092,two:9092"])
def test_the_connection_bounds_the_pauses(bootstrap: str) -> None:
    arguments = connection(bootstrap, OPEN)
    assert arguments["bootstrap_servers"] == bootstrap.split(",")
    assert arguments["reconnect_backoff_max_ms"] == RECONNECT_MILLISECONDS <= 2_000
    assert arguments["security_protocol"] == "PLAINTEXT"
