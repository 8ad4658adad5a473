"""`make bench-desk`: all that is measured of the desk, or what is named."""

import sys
from typing import Final

from bench.named import run_named

BENCHMARKS: Final = {
    "rebuild": "how fast the read model takes alerts in",
    "browser": "the first paint of the queue, and how soon others see a decision",
    "server": "a desk over Kafka: until it is ready, its memory, 200 who listen",
}

if __name__ == "__main__":
    run_named("bench.desk", BENCHMARKS, sys.argv[1:])
