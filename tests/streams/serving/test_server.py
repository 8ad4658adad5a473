"""The pages of a worker over HTTP, also while something is wrong."""

import json
import socket
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from email.message import Message
from typing import Any, NamedTuple

import pytest
from prometheus_client.parser import text_string_to_metric_families

from streams.metrics.registry import Metrics
from streams.serving.page import Answer, pages_of
from streams.serving.server import HttpServer
from streams.worker.health import Health
from tests.streams.serving.worker_pages import worker_pages

LOOPBACK = "127.0.0.1"


class Got(NamedTuple):
    """What a server answered."""

    status: int
    headers: Message
    body: bytes

    def told(self) -> Any:  # noqa: ANN401 - JSON
        return json.loads(self.body)


def get(address: str, method: str = "GET", **headers: str) -> Got:
    request = urllib.request.Request(address, method=method, headers=headers)  # noqa: S310 - our own
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:  # noqa: S310 - our own
            return Got(answer.status, answer.headers, answer.read())
    except urllib.error.HTTPError as error:
        with error:
            return Got(error.code, error.headers, error.read())


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class Served(NamedTuple):
    """A server and what its pages are about."""

    address: str
    metrics: Metrics
    health: Health
    clock: Clock


@pytest.fixture
def served() -> Iterator[Served]:
    clock, metrics = Clock(), Metrics()
    health = Health(["ledger"], 10, clock)
    with HttpServer(
        pages_of(metrics.exposition, health.liveness, health.readiness), LOOPBACK, 0
    ) as endpoints:
        yield Served(endpoints.address, metrics, health, clock)


def test_the_metrics_are_told(served: Served) -> None:
    served.metrics.dead_letter("not_json")
    answer = get(f"{served.address}/metrics")
    assert answer.headers.get_content_type() == "text/plain"
    families = text_string_to_metric_families(answer.body.decode())
    (letters,) = (f for f in families if f.name == "aboveboard_dead_letters")
    assert [s.value for s in letters.samples if s.name.endswith("_total")] == [1.0]
    openly = get(f"{served.address}/metrics?x=1", Accept="application/openmetrics-text")
    assert openly.headers.get_content_type() == "application/openmetrics-text"
    assert openly.body.endswith(b"# EOF\n")


def test_a_worker_without_partitions_yet_is_alive_and_not_ready(served: Served) -> None:
    alive = get(f"{served.address}/healthz")
    assert (alive.status, alive.told()) == (200, {"alive": True, "complaints": []})
    assert alive.headers.get_content_type() == "application/json"
    ready = get(f"{served.address}/readyz")
    assert ready.status == 503
    assert ready.told() == {
        "ready": False,
        "complaints": [{"what": "waits for partitions", "seconds": 0.0, "stage": "ledger"}],
    }


def test_ready_is_told_as_a_gauge_too(served: Served) -> None:
    served.metrics.ask_whether_ready(lambda: served.health.readiness().ok)
    assert b"\naboveboard_ready 0.0\n" in get(f"{served.address}/metrics").body
    served.health.assigned("ledger", [])
    assert get(f"{served.address}/readyz").status == 200
    assert b"\naboveboard_ready 1.0\n" in get(f"{served.address}/metrics").body


def test_a_partition_that_does_not_get_on_is_named(served: Served) -> None:
    served.health.assigned("ledger", [2])
    served.health.restored("ledger", 2)
    for seconds in (0, 12.34):
        served.clock.now += seconds
        served.health.beat()
        served.health.look("ledger", "sales", 2, 5, 9)
    alive = get(f"{served.address}/healthz")
    assert alive.status == 503
    assert alive.told() == {
        "alive": False,
        "complaints": [
            {
                "what": "does not get on",
                "seconds": 12.3,
                "stage": "ledger",
                "topic": "sales",
                "partition": 2,
                "lag": 4,
            }
        ],
    }


def test_a_loop_that_hangs_is_answered_for(served: Served) -> None:
    """Nobody has called `beat`: what was heard last is not believed for ever."""
    served.clock.now += 10.5
    assert "loop" in get(f"{served.address}/healthz").told()["complaints"][0]["what"]


def test_any_other_path_is_answered_with_those_there_are(served: Served) -> None:
    answer = get(f"{served.address}/")
    assert answer.status == 404
    assert answer.told() == {"paths": ["/healthz", "/metrics", "/readyz"]}


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/nowhere"])
def test_head_is_get_without_the_body(served: Served, path: str) -> None:
    whole, head = get(served.address + path), get(served.address + path, "HEAD")
    assert head.body == b""
    assert head.status == whole.status
    assert head.headers["Content-Length"] == str(len(whole.body))


def test_head_of_what_is_measured_has_no_body(served: Served) -> None:
    """Its length differs from request to request: the process uses its time."""
    head = get(f"{served.address}/metrics", "HEAD")
    assert (head.status, head.body) == (200, b"")
    assert int(head.headers["Content-Length"]) > 0


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_other_methods_are_refused(served: Served, method: str) -> None:
    answer = get(f"{served.address}/healthz", method)
    assert answer.status == 405
    assert answer.headers["Allow"] == "GET, HEAD"


def test_no_request_is_logged(served: Served, capfd: pytest.CaptureFixture[str]) -> None:
    get(f"{served.address}/healthz")
    get(f"{served.address}/nowhere")
    with socket.create_connection(server_of(served.address)) as client:
        client.sendall(b"not http\r\n\r\n")
        client.recv(100)
    assert capfd.readouterr() == ("", "")


def test_a_page_that_fails_says_so_and_no_more(caplog: pytest.LogCaptureFixture) -> None:
    def page(_: str) -> Answer:
        raise ValueError("broken")

    with HttpServer({"/page": page}, LOOPBACK, 0) as endpoints:
        answer = get(f"{endpoints.address}/page")
    assert answer.status == 500
    assert "log of the worker" in answer.told()["error"]
    assert "the page /page could not be made: ValueError('broken')" in caplog.text
    assert "in page" in caplog.text


def server_of(address: str) -> tuple[str, int]:
    host, port = address.removeprefix("http://").rsplit(":", 1)
    return host, int(port)


def test_a_client_that_says_nothing_holds_up_neither_others_nor_the_end() -> None:
    endpoints = HttpServer(worker_pages(10), LOOPBACK, 0)
    before = threading.active_count()
    with socket.create_connection(server_of(endpoints.address)) as silent:
        assert get(f"{endpoints.address}/healthz").status == 200
        assert threading.active_count() == before
        endpoints.close()
        assert silent.recv(1) == b""
    assert threading.active_count() == before - 1
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(server_of(endpoints.address))


def test_it_listens_where_it_was_told_to_only() -> None:
    with HttpServer({}, "127.0.0.2", 0) as endpoints:
        _, port = server_of(endpoints.address)
        with pytest.raises(OSError, match="refused"):
            socket.create_connection((LOOPBACK, port))


def test_an_address_of_the_new_kind_will_do() -> None:
    with HttpServer({}, "::1", 0) as endpoints:
        assert endpoints.address.startswith("http://[::1]:")
        assert get(endpoints.address).status == 404


def test_a_port_that_is_taken_is_named() -> None:
    with HttpServer({}, LOOPBACK, 0) as first:
        _, port = server_of(first.address)
        with pytest.raises(OSError, match=rf"127\.0\.0\.1:{port} .* --metrics-port"):
            HttpServer({}, LOOPBACK, port)
