"""Runs the benchmarks of a folder that are named, or all, one after the other."""

import importlib
from collections.abc import Mapping, Sequence


def run_named(package: str, benchmarks: Mapping[str, str], names: Sequence[str]) -> None:
    """Run modules of a package: `benchmarks` says of each what it measures."""
    unknown = set(names) - benchmarks.keys()
    if unknown:
        raise SystemExit(f"no benchmark {', '.join(sorted(unknown))}: {', '.join(benchmarks)}")
    for name in names or benchmarks:
        print(f"\n{name}: {benchmarks[name]}", flush=True)
        importlib.import_module(f"{package}.{name}").run()
