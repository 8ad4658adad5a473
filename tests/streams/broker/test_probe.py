"""What is said of things that listen and are no broker of ours; real ones are in integration."""

import socket
import struct
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from streams.broker.probe import probe
from streams.broker.security import OPEN, BrokerSecurity
from streams.config.secret import Secret
from streams.demo.ports import LOOPBACK
from streams.errors import BrokerRefused

USER = BrokerSecurity(
    protocol="SASL_PLAINTEXT",
    mechanism="SCRAM-SHA-256",
    username="alice",
    password=Secret("s3cret-word"),
)
METADATA_FROM_0_TO_12 = struct.pack(">hihhh", 0, 1, 3, 0, 12)

Answer = Callable[[bytes], bytes]


@contextmanager
def listener(answers: Sequence[Answer]) -> Iterator[int]:
    """Listen on a port, give one client an answer to each question, and hang up."""

    def serve() -> None:
        client, _ = server.accept()
        with client:
            for answer in answers:
                client.sendall(answer(client.recv(4_096)))

    with socket.create_server((LOOPBACK, 0)) as server, ThreadPoolExecutor(1) as background:
        serving = background.submit(serve)
        yield server.getsockname()[1]
        serving.result()


def framed(body: bytes) -> Answer:
    return lambda _: struct.pack(">ii", 4 + len(body), 0) + body


def refusal_of(security: BrokerSecurity, *answers: Answer) -> str:
    with listener(answers) as port, pytest.raises(BrokerRefused) as caught:
        probe(LOOPBACK, port, security, 5.0)
    assert "s3cret-word" not in str(caught.value)
    return str(caught.value)


def test_a_broker_that_answers_is_taken() -> None:
    with listener([framed(METADATA_FROM_0_TO_12), framed(b"anything")]) as port:
        probe(LOOPBACK, port, OPEN, 5.0)


def test_a_broker_that_knows_other_questions_only_is_not_asked_more() -> None:
    with listener([framed(struct.pack(">hihhh", 0, 1, 3, 4, 12))]) as port:
        probe(LOOPBACK, port, OPEN, 5.0)


@pytest.mark.parametrize("answer", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\xff\xff\xff\xff"])
def test_what_is_no_broker_is_called_so(answer: bytes) -> None:
    assert "no Kafka broker" in refusal_of(OPEN, lambda _: answer)


@pytest.mark.parametrize("answer", [b"\x15\x03\x03\x00\x02\x02\x28", b"", b"\x00"])
def test_who_alerts_or_hangs_up_may_speak_tls(answer: bytes) -> None:
    assert "ABOVEBOARD_SECURITY_PROTOCOL=SSL " in refusal_of(OPEN, lambda _: answer)
    assert "ABOVEBOARD_SECURITY_PROTOCOL=SASL_SSL " in refusal_of(USER, lambda _: answer)


def test_who_hangs_up_on_a_question_wants_a_user() -> None:
    assert "name no user" in refusal_of(OPEN, framed(METADATA_FROM_0_TO_12), lambda _: b"")


def test_who_says_nothing_is_not_waited_for_long() -> None:
    with socket.create_server((LOOPBACK, 0)) as server:
        for security in (OPEN, USER):
            with pytest.raises(TimeoutError):
                probe(LOOPBACK, server.getsockname()[1], security, 0.2)


@pytest.mark.parametrize("body", [b"", b"\x00", struct.pack(">hi", 33, 7)])
def test_an_answer_cut_short_is_that_of_no_broker(body: bytes) -> None:
    assert "no Kafka broker" in refusal_of(USER, framed(METADATA_FROM_0_TO_12), framed(body))


@pytest.mark.parametrize(
    ("words", "told"), [(b"Not you!", "Not you!"), (b"no s3cret-word", "error 58"), (b"", "58")]
)
def test_a_refused_password_is_told_in_the_words_of_the_broker(words: bytes, told: str) -> None:
    refused = struct.pack(">hh", 58, len(words)) + words + struct.pack(">i", 0)
    said = refusal_of(
        USER, framed(METADATA_FROM_0_TO_12), framed(struct.pack(">hi", 0, 0)), framed(refused)
    )
    assert told in said
    assert "ABOVEBOARD_SASL_PASSWORD" in said


def test_who_does_not_know_the_password_is_not_taken_for_the_broker() -> None:
    """With SCRAM the broker proves it too: an impostor cannot."""

    def begin(question: bytes) -> bytes:
        nonce = question.rpartition(b",r=")[2]
        return authenticated(b"r=" + nonce + b"more,s=c2FsdA==,i=4096")

    def authenticated(token: bytes) -> bytes:
        return framed(struct.pack(">hhi", 0, -1, len(token)) + token)(b"")

    said = refusal_of(
        USER,
        framed(METADATA_FROM_0_TO_12),
        framed(struct.pack(">hi", 0, 0)),
        begin,
        lambda _: authenticated(b"v=AAAA"),
    )
    assert "does not know the password itself" in said
