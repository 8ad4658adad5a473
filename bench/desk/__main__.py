"""`make bench-desk`: all that is measured of the desk, or what is named."""

import importlib
import sys
from typing import Final

BENCHMARKS: Final = {
    "rebuild": "how fast the read model takes alerts in",
    "browser": "the first paint of the queue, and how soon others see a decision",
    "server": "a desk over Kafka: until it is ready, its memory, 200 who listen",
}


def main(names: list[str]) -> None:
    """Run the benchmarks that are named, or all."""
    unknown = set(names) - BENCHMARKS.keys()
    if unknown:
        raise SystemExit(f"no benchmark {', '.join(sorted(unknown))}: {', '.join(BENCHMARKS)}")
    for name in names or BENCHMARKS:
        print(f"\n{name}: {BENCHMARKS[name]}", flush=True)
        importlib.import_module(f"bench.desk.{name}").run()


if __name__ == "__main__":
    main(sys.argv[1:])
