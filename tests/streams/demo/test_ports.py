"""A port that is given is nobody else's until its process listens."""

import socket
import subprocess
import sys
from pathlib import Path

import pytest

from streams.demo.ports import FIRST_PORT, LOOPBACK, PORTS, free_port

BEGINNING: Path = Path("/proc/sys/net/ipv4/ip_local_port_range")


def test_no_port_is_given_twice() -> None:
    given = [free_port() for _ in range(500)]
    assert len(set(given)) == len(given)


def test_other_processes_are_given_others() -> None:
    words = "from streams.demo.ports import free_port; print(*(free_port() for _ in range(40)))"
    processes = [
        subprocess.Popen([sys.executable, "-c", words], stdout=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    given = [port for process in processes for port in process.communicate()[0].split()]
    assert len(set(given)) == len(given) == 160


def test_a_fork_does_not_go_on_where_its_parent_does() -> None:
    words = """
import os
from streams.demo.ports import free_port
free_port()
child = os.fork()
if child:
    os.waitpid(child, 0)
print(*(free_port() for _ in range(20)), flush=True)
"""
    answer = subprocess.run(
        [sys.executable, "-c", words], stdout=subprocess.PIPE, text=True, check=True, timeout=60
    )
    given = answer.stdout.split()
    assert len(set(given)) == len(given) == 40


def test_a_taken_port_is_passed_over() -> None:
    taken = free_port()
    with socket.create_server((LOOPBACK, taken)):
        assert taken not in {free_port() for _ in range(PORTS)}


@pytest.mark.skipif(not BEGINNING.exists(), reason="only Linux tells the ports of connections here")
def test_no_connection_that_begins_is_given_one() -> None:
    lowest = int(BEGINNING.read_text().split()[0])
    assert lowest >= FIRST_PORT + PORTS
