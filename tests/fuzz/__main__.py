"""`python -m tests.fuzz`: the long form, ten million records over all targets."""

import argparse
import subprocess
import sys
from pathlib import Path
from typing import Final

from tests.fuzz.targets import TARGETS

BUILD: Final = Path("build/fuzz")
LONGEST: Final = 4_096


def main() -> int:
    """Fuzz each target in turn; return 1 if one of them failed."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=", ".join(TARGETS))
    parser.add_argument("--records", type=int, default=10_000_000, help="over all targets")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    names = arguments.targets or list(TARGETS)
    unknown = set(names) - TARGETS.keys()
    if unknown:
        parser.error(f"no target {', '.join(sorted(unknown))}: {', '.join(TARGETS)}")
    failed = [name for name in names if not _passes(name, arguments, len(names))]
    for name in failed:
        sys.stderr.write(
            f"{name} failed: the input is {BUILD / name}/crash-*. Keep it in "
            f"tests/fuzz/corpus/{name}/ under a name that says what it is, and mend the reader.\n"
        )
    return 1 if failed else 0


def _passes(name: str, arguments: argparse.Namespace, shares: int) -> bool:
    found = BUILD / name / "found"
    found.mkdir(parents=True, exist_ok=True)
    sys.stderr.write(f"\n{name}\n")
    fuzzed = subprocess.run(
        [
            sys.executable,
            "-m",
            "tests.fuzz.engine",
            name,
            f"-runs={arguments.records // shares}",
            f"-seed={arguments.seed}",
            f"-max_len={LONGEST}",
            f"-artifact_prefix={BUILD / name}/",
            "-print_final_stats=1",
            "-verbosity=0",
            str(found),
            str(TARGETS[name].folder),
        ],
        check=False,
    )
    return fuzzed.returncode == 0


if __name__ == "__main__":
    sys.exit(main())
