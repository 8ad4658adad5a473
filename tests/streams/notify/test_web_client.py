"""The client of Alertmanager verifies whom it speaks to, and goes nowhere else."""

import ssl
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Final

import pytest
import trustme

from streams.config.secret import Secret
from streams.errors import ReceiverFailed
from streams.notify.web_client import WebClient

HOST: Final = "127.0.0.1"


class Server:
    """Answers as it is told, and keeps what it was asked."""

    def __init__(self) -> None:
        asked: list[tuple[str, str, str | None]] = []
        self.asked: Final = asked
        self.status = 200
        self.body = b"{}"
        self.endless = False
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                asked.append((self.command, self.path, self.headers["Authorization"]))
                self.send_response(outer.status)
                self.send_header("Location", f"http://{HOST}:{outer.port}/elsewhere")
                self.end_headers()
                try:
                    self.wfile.write(outer.body)
                    while outer.endless:
                        self.wfile.write(b"x" * 65_536)
                except OSError:
                    return

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as the base class has it
                """Say nothing."""

        self.server: Final = ThreadingHTTPServer((HOST, 0), Handler)
        self.port: Final = self.server.server_port
        self._thread: Final = Thread(target=self.server.serve_forever, args=(0.02,))
        self._thread.start()

    def close(self) -> None:
        self.endless = False
        self.server.shutdown()
        self._thread.join()
        self.server.server_close()


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server()
    yield made
    made.close()


def client(address: str, cafile: Path | None = None, timeout: float = 5.0) -> WebClient:
    context = ssl.create_default_context(cafile=cafile)
    return WebClient(address, Secret("Bearer abc"), context, timeout)


def test_it_asks_under_the_path_and_with_the_token(server: Server) -> None:
    reply = client(f"http://{HOST}:{server.port}/am/").request("GET", "/api/v2/silences")
    assert (reply.ok, reply.body) == (True, b"{}")
    assert server.asked == [("GET", "/am/api/v2/silences", "Bearer abc")]


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_not_followed(server: Server, status: int) -> None:
    server.status = status
    reply = client(f"http://{HOST}:{server.port}").request("GET", "/x")
    assert (reply.ok, reply.status, len(server.asked)) == (False, status, 1)


def test_a_reason_is_safe_to_print(server: Server) -> None:
    server.status, server.body = 400, b"\x1b[31mbad" + b"y" * 1_000
    reason = client(f"http://{HOST}:{server.port}").request("GET", "/x").reason
    assert reason.startswith("400 \ufffd[31mbad")
    assert reason.isprintable()
    assert len(reason) == 300


def test_an_answer_without_end_is_cut_off(server: Server) -> None:
    server.endless = True
    with pytest.raises(ReceiverFailed, match="did not end its answer"):
        client(f"http://{HOST}:{server.port}").request("GET", "/x")


def test_who_does_not_listen_is_named() -> None:
    with pytest.raises(ReceiverFailed, match=r"http://127\.0\.0\.1:9 does not answer"):
        client(f"http://{HOST}:9").request("GET", "/x")


def test_a_certificate_must_be_of_an_authority_that_is_trusted(
    server: Server, tmp_path: Path
) -> None:
    authority, stranger = trustme.CA(), trustme.CA()
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert(HOST).configure_cert(context)
    server.server.socket = context.wrap_socket(server.server.socket, server_side=True)
    trusted, other = tmp_path / "trusted.pem", tmp_path / "other.pem"
    authority.cert_pem.write_to_path(str(trusted))
    stranger.cert_pem.write_to_path(str(other))
    address = f"https://{HOST}:{server.port}"
    assert client(address, trusted).request("GET", "/x").ok
    with pytest.raises(ReceiverFailed, match="CERTIFICATE_VERIFY_FAILED"):
        client(address, other).request("GET", "/x")
    assert len(server.asked) == 1
