"""Clients that mean no good: they get an answer in JSON or none, and hold up nobody else."""

import json
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from http import HTTPStatus
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.metrics.registry import Metrics
from streams.serving import server as http_server
from streams.serving.message import LARGEST_HEAD, encode_answer, parse_head
from streams.serving.page import Answer
from streams.serving.server import HttpServer
from tests.limited_process import limited
from tests.streams.serving.worker_pages import worker_pages

SLOW_CLIENTS = 2_000
"""More than the descriptors of the served process; 10,000 take 15 s to connect."""

PROBES = 5
PROBE = b"GET /healthz HTTP/1.0\r\n\r\n"


@pytest.fixture(scope="module")
def server() -> Iterator[tuple[str, int]]:
    with HttpServer(worker_pages(3600), "127.0.0.1", 0) as served:
        yield place_of(served.address)


def place_of(address: str) -> tuple[str, int]:
    host, port = address.removeprefix("http://").rsplit(":", 1)
    return host, int(port)


def ask(server: tuple[str, int], request: bytes, seconds: float = 10) -> bytes:
    """Return all that the server answers until it ends the connection."""
    with socket.create_connection(server, timeout=seconds) as client:
        client.sendall(request)
        answer = b""
        while received := client.recv(65_536):
            answer += received
    return answer


def status_and_content(answer: bytes) -> tuple[int, object]:
    head, _, body = answer.partition(b"\r\n\r\n")
    assert b"\r\nContent-Type: application/json\r\n" in head
    assert b"\r\nX-Content-Type-Options: nosniff\r\n" in head
    return int(head.split()[1]), json.loads(body)


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (b"GET /healthz?" + b"a" * 70_000 + b" HTTP/1.1\r\n\r\n", 431),
        (b"GET /healthz HTTP/1.1\r\n" + b"X: y\r\n" * 20_000 + b"\r\n", 431),
        (b"GET /healthz HTTP/1.1\r\nX: " + b"y" * 70_000 + b"\r\n\r\n", 431),
        (b"POST /healthz HTTP/1.1\r\nContent-Length: 1000000000\r\n\r\n" + b"x" * 500_000, 405),
        (b"BREW /healthz HTTP/1.1\r\n\r\n", 405),
        (b"GET /../../etc/passwd HTTP/1.1\r\n\r\n", 404),
        (b"GET /%0d%0aX:y HTTP/1.1\r\n\r\n", 404),
        (b"GET http://elsewhere/metrics HTTP/1.1\r\n\r\n", 404),
        (b"GET /healthz\r\n\r\n", 400),
        (b"GET /healthz HTTP/2.0\r\n\r\n", 400),
        (b"GET /\x1b]0;pwn\x07 HTTP/1.1\r\n\r\n", 400),
        (b"GET /metrics HTTP/1.1\r\nAccept: text/html\rX-Mine: 1\r\n\r\n", 400),
        (b"GET /metrics HTTP/1.1\r\nAccept: \xc2\x9b31m\r\n\r\n", 400),
        (b"GET  /healthz  HTTP/1.1\r\n\r\n", 400),
        (b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n", 400),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400),
        (b"\r\n\r\n", 400),
    ],
    ids=lambda value: str(value)[:40],
)
def test_what_is_no_request_for_a_page_is_refused_in_json(
    server: tuple[str, int],
    request_: bytes,
    status: int,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    found, content = status_and_content(ask(server, request_))
    assert found == status
    assert str(content).isprintable()
    assert (caplog.text, capfd.readouterr().err) == ("", "")


@pytest.mark.parametrize("method", [b"GET", b"get", b"HEAD"])
def test_two_requests_in_one_are_answered_once(server: tuple[str, int], method: bytes) -> None:
    answer = ask(server, method + b" /healthz HTTP/1.1\r\n\r\nGET /metrics HTTP/1.1\r\n\r\n")
    assert answer.count(b"HTTP/1.1 ") == 1


def test_a_request_in_single_bytes_and_plain_line_ends_is_answered(
    server: tuple[str, int],
) -> None:
    with socket.create_connection(server, timeout=10) as client:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for byte in b"GET /healthz HTTP/1.1\nHost: x\n\n":
            client.sendall(bytes([byte]))
        assert client.recv(100).startswith(b"HTTP/1.1 200 OK\r\n")


ACCEPTS = st.one_of(
    st.text(max_size=60),
    st.lists(
        st.sampled_from(("application/openmetrics-text", "text/plain", ";version=", ";escaping="))
        | st.sampled_from(("x", "1.0.0", "1", "2.0.0", "1.x", "..", "\x80", "-1", "1e9", "9" * 20))
        | st.sampled_from(("=", ";", ",", ";q=", "dots", "allow-utf-8"))
    ).map("".join),
)


@settings(max_examples=50)
@given(accept=ACCEPTS)
def test_any_accept_header_is_answered_with_metrics(accept: str) -> None:
    content_type, body = Metrics().exposition(accept)
    assert content_type.startswith(("text/plain", "application/openmetrics-text"))
    assert b"aboveboard_" in body


def test_the_version_that_was_a_traceback_is_answered(server: tuple[str, int]) -> None:
    request = b"GET /metrics HTTP/1.1\r\nAccept: application/openmetrics-text;version=x\r\n\r\n"
    assert ask(server, request).startswith(b"HTTP/1.1 200 OK\r\n")


@given(head=st.binary(max_size=200))
def test_a_head_is_a_request_of_printable_text_or_none(head: bytes) -> None:
    request = parse_head(head)
    assert request is None or not re.search(r"[\x00-\x08\x0a-\x1f\x7f-\x9f]", "".join(request))


@given(accept=ACCEPTS)
def test_no_accept_header_becomes_a_header_of_the_answer(accept: str) -> None:
    raw = accept.encode(errors="surrogatepass")
    request = parse_head(b"GET /metrics HTTP/1.1\r\nAccept: " + raw)
    if request is not None:
        page = worker_pages(10)["/metrics"]
        head, _, _ = encode_answer(page(request.accept)).partition(b"\r\n\r\n")
        assert len(head.splitlines()) == 8


class HostileError(Exception):
    """What a page may raise that repeats what it was asked."""


def test_an_error_that_repeats_the_request_reaches_the_log_escaped_and_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def page(_: str) -> Answer:
        raise HostileError("\x1b]0;pwn\x07\u202e\nanother line")

    with HttpServer({"/page": page}, "127.0.0.1", 0) as served:
        for _ in range(50):
            answer = ask(place_of(served.address), b"GET /page?\xc2\xa0 HTTP/1.1\r\n\r\n")
            assert status_and_content(answer)[0] == 500
    (record,) = caplog.records
    assert record.getMessage().isascii()
    assert "\nanother line" not in record.getMessage()
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f]", record.getMessage())
    assert record.exc_info is None


def test_the_whole_request_has_one_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each byte comes in time, and the request does not."""
    monkeypatch.setattr(http_server, "DEADLINE_SECONDS", 0.3)
    with (
        HttpServer({}, "127.0.0.1", 0) as served,
        socket.create_connection(place_of(served.address)) as client,
    ):
        client.settimeout(0.05)
        assert slowly(client, LARGEST_HEAD) < LARGEST_HEAD


def slowly(client: socket.socket, most: int) -> int:
    """Send single bytes until the server ends the connection; return how many."""
    for sent in range(most):
        try:
            client.sendall(b"G")
            if client.recv(1) == b"":
                return sent
        except TimeoutError:
            continue
        except ConnectionError:
            return sent
    return most


def test_an_answer_that_nobody_takes_is_under_the_deadline_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(http_server, "DEADLINE_SECONDS", 0.3)
    large = Answer(HTTPStatus.OK, "text/plain", b"x" * 50_000_000)
    with (
        HttpServer({"/large": lambda _: large}, "127.0.0.1", 0) as served,
        socket.create_connection(place_of(served.address)) as client,
    ):
        client.sendall(b"GET /large HTTP/1.1\r\n\r\n")
        begun = client.recv(1)
        assert begun
        while served._connections:  # noqa: SLF001 - it shows nowhere else, and to read would help it
            time.sleep(0.01)
        assert taken(client) < len(large.body) / 2


def taken(client: socket.socket) -> int:
    """Return how many bytes a client can still take."""
    number = 0
    with suppress(ConnectionError):
        while received := client.recv(1_000_000):
            number += len(received)
    return number


@contextmanager
def process(module: str, *words: str) -> Iterator[subprocess.Popen[str]]:
    """Yield a process that ends when its input does."""
    command = [sys.executable, "-m", f"tests.streams.serving.{module}", *words]
    with limited(
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    ) as running:
        yield running
        assert running.stdin is not None
        running.stdin.close()
        assert running.wait(timeout=30) == 0


def first_line(running: subprocess.Popen[str]) -> str:
    assert running.stdout is not None
    return running.stdout.readline().strip()


@contextmanager
def besieged(kind: str, *how: str, number: int = SLOW_CLIENTS) -> Iterator[tuple[str, int, int]]:
    """Yield host, port and process id of a server that many slow clients are connected to."""
    with ExitStack() as running:
        served = running.enter_context(process("served_process", kind))
        host, port = place_of(first_line(served))
        clients = running.enter_context(process("slow_clients", host, str(port), str(number), *how))
        assert first_line(clients) == "all have been open"
        yield host, port, served.pid


@pytest.mark.parametrize("how", [[], ["again"]], ids=["open once", "open again and again"])
def test_health_is_answered_beside_slow_clients(how: list[str]) -> None:
    """Nothing is lost of what the process needs: few descriptors, one thread beside its own."""
    with besieged("", *how) as (host, port, number):
        for _ in range(PROBES):
            assert ask((host, port), PROBE).startswith(b"HTTP/1.1 200 OK\r\n")
        process_folder = Path("/proc") / str(number)
        assert len(list((process_folder / "fd").iterdir())) < 2 * http_server.MOST_CONNECTIONS
        assert len(list((process_folder / "task").iterdir())) < 16


def test_a_server_that_keeps_those_who_came_first_answers_no_more() -> None:
    """The test before this one would find it out."""
    with (
        besieged("broken", number=1_100) as (host, port, _),
        pytest.raises((TimeoutError, ConnectionError)),
    ):
        ask((host, port), PROBE, seconds=2)
