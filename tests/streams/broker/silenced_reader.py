"""A program that reads from a broker until the broker falls silent."""

import subprocess
import sys

from streams.demo.embedded_broker import EmbeddedBroker
from tests.limited_process import limited
from tests.logged_process import Ending


def ending_of_a_silenced_reader(broker: EmbeddedBroker, program: str, *words: str) -> Ending:
    """Run a program until it says that it has begun, stop the broker, let it go on to its end.

    It is a process of its own, since kafka-python leaves sockets open when it loses a broker. It
    says "begun" in a line, and goes on when it is given one.
    """
    process = subprocess.Popen(
        [sys.executable, "-c", program, broker.bootstrap, *words],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with limited(process):
        assert process.stdout is not None
        assert process.stdout.readline() == "begun\n"
        broker.stop()
        _, error = process.communicate("\n", timeout=20)
    return Ending(process.returncode, error)
