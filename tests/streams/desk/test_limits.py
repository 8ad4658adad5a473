"""Limits: who asks too often waits, who sends too slowly is let go, and all others are served."""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Final
from urllib.parse import urlsplit

import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from streams.access.person import Caller, Person
from streams.desk.gate import Gate
from streams.desk.limits.connections import Limits
from streams.desk.limits.rates import Rates
from streams.desk.server import DeskServer
from streams.metrics.desk_metrics import DeskMetrics
from tests.alertmanager import wait_for
from tests.streams.desk.desk_at_hand import Answer, ask

BURST: Final = 5
PER_SECOND: Final = 2.0

TIMES: Final = st.lists(st.sampled_from([0.0, 0.0, 0.1, 0.5, 1.0, 3.0]), max_size=60)


def broken_promises(kind: type[Rates], waits: list[float]) -> list[str]:
    """Return where more were admitted than may be, or somebody who asks seldom was not."""
    now = 0.0
    rates = kind(BURST, PER_SECOND, lambda: now)
    admitted: list[float] = []
    found = []
    for seconds in waits:
        now += seconds
        if rates.admits("ann"):
            admitted.append(now)
        elif seconds >= 1 / PER_SECOND:
            found.append(f"at {now} somebody was not admitted who had waited {seconds} s")
        for index, since in enumerate(admitted):
            most = BURST + (now - since) * PER_SECOND
            if len(admitted) - index > most + 1e-6:
                found.append(f"{len(admitted) - index} within {now - since} s")
    if not rates.admits("bob"):
        found.append("bob had to wait for ann")
    return found


@given(TIMES)
def test_nobody_asks_more_often_than_they_may_and_nobody_waits_for_others(
    waits: list[float],
) -> None:
    assert broken_promises(Rates, waits) == []


class _Never(Rates):
    def admits(self, who: str) -> bool:
        return super().admits(who) or True


class _AllAreOne(Rates):
    def admits(self, who: str) -> bool:
        return super().admits(who[:0])


class _NeverFills(Rates):
    def __init__(self, burst: int, per_second: float, clock: object) -> None:
        super().__init__(burst, 0 * per_second, clock)  # type: ignore[arg-type] # as it is called


@pytest.mark.parametrize(
    ("broken", "waits"), [(_Never, [0.0] * 9), (_AllAreOne, [0.0] * 9), (_NeverFills, [1.0] * 9)]
)
def test_broken_rates_are_caught(broken: type[Rates], waits: list[float]) -> None:
    assert broken_promises(broken, waits)


def test_those_who_come_no_more_are_forgotten() -> None:
    now = 0.0
    rates = Rates(BURST, PER_SECOND, lambda: now)
    for number in range(10_000):
        assert rates.admits(f"address {number}")
    now += BURST / PER_SECOND
    assert rates.admits("ann")
    assert len(rates) == 1


# -------------------------------------------------------------------------------- over the gate


class _Named:
    """Knows whoever says a name."""

    async def person(self, caller: Caller) -> Person:
        return Person(caller.header("X-Name") or "ann", "viewer", "proxy")


@contextmanager
def served(limits: Limits) -> Iterator[str]:
    """Yield the address of a server that answers what was sent, behind the gate of the desk."""

    async def echo(request: web.Request) -> web.Response:
        return web.Response(body=await request.read() or b"nothing")

    gate = Gate(_Named(), DeskMetrics(), "", Rates(BURST, PER_SECOND, lambda: 0.0))
    app = web.Application(middlewares=[gate.around, gate.middleware], client_max_size=100)
    app.add_routes([web.get("/", echo), web.post("/", echo)])
    with DeskServer(app, "127.0.0.1", 0, None, limits) as server:
        yield server.address


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with served(Limits()) as found:
        yield found


def test_who_asks_too_often_is_told_when_to_ask_again(address: str) -> None:
    answers = [ask(address, "/", [("X-Name", "bob")]) for _ in range(BURST + 1)]
    assert [one.status for one in answers] == [200] * BURST + [429]
    assert answers[-1].headers["retry-after"] == "1"
    assert "wait a second" in answers[-1].json()["detail"]
    assert ask(address, "/", [("X-Name", "eve")]).status == 200


def test_what_is_too_long_is_refused(address: str) -> None:
    def status(**how: bytes | list[tuple[str, str]]) -> int:
        found: Answer = ask(address, "/", **how)  # type: ignore[arg-type] # either of the two
        return found.status

    assert status(headers=[("X-Name", "c1")], body=b"x" * 101) == 413
    assert status(headers=[("X-Name", "c2"), ("X-Long", "x" * 17_000)]) == 400
    assert status(headers=[("X-Name", "c3"), *((f"X-{n}", "x") for n in range(200))]) == 400


def connected(address: str) -> socket.socket:
    parts = urlsplit(address)
    return socket.create_connection((parts.hostname or "", parts.port or 0), timeout=10)


@pytest.mark.parametrize(
    "sent",
    [b"", b"GET / HTTP/1.1\r\nHost: a\r\n", b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"],
    ids=["nothing", "half a header", "a request, and no other"],
)
def test_whoever_sends_nothing_more_is_let_go(sent: bytes) -> None:
    with served(Limits(idle=0.2)) as address, connected(address) as slow:
        slow.sendall(sent)
        while slow.recv(4_096):  # the answer, if there is one, and then the end
            pass


def test_who_waits_for_an_answer_is_not_let_go() -> None:
    async def late(_: web.Request) -> web.Response:
        await asyncio.sleep(0.5)
        return web.Response(text="late")

    app = web.Application()
    app.add_routes([web.get("/", late)])
    with DeskServer(app, "127.0.0.1", 0, None, Limits(idle=0.1)) as server:
        assert ask(server.address, "/").body == b"late"


def test_when_all_connections_are_taken_others_are_told_to_come_again() -> None:
    with served(Limits(connections=3)) as address:
        with ExitStack() as taken:
            for _ in range(3):
                one = taken.enter_context(connected(address))
                one.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
                assert one.recv(4_096).startswith(b"HTTP/1.1 200")
            with connected(address) as late:
                said = late.recv(4_096)
            assert said.startswith(b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 5\r\n")
        wait_for(lambda: ask(address, "/", [("X-Name", "late")]).status == 200, str)
