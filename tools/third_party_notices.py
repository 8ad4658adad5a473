"""Writes the licences of all packages installed beside this Python into the file it is given.

Each package ships its licence with its metadata; this gathers them in one file for people.
"""

import sys
from collections.abc import Iterator
from importlib.metadata import Distribution, distributions
from pathlib import Path

OURS = "aboveboard"
NAMES = ("LICEN", "COPYING", "NOTICE", "AUTHORS")
"""What the names of files with a licence begin with, in capitals."""

RULE = "-" * 100


def notices(installed: list[Distribution]) -> Iterator[str]:
    """Yield the notice of each package, in the order of their names."""
    for package in sorted(installed, key=lambda one: one.name.lower()):
        if package.name.lower() != OURS:
            yield "\n".join((RULE, *_heading(package), "", *_texts(package)))


def _heading(package: Distribution) -> Iterator[str]:
    known = package.metadata
    classifiers = known.get_all("Classifier") or []
    yield f"{package.name} {package.version}"
    licences = [c.rpartition(" :: ")[2] for c in classifiers if c.startswith("License ::")]
    # The older field may hold the whole text: its first line names it.
    named = [*(known.get_all("License-Expression") or licences), *(known.get_all("License") or [])]
    yield f"Licence: {named[0].splitlines()[0] if named and named[0] else 'see its texts'}"


def _texts(package: Distribution) -> Iterator[str]:
    for file in package.files or []:
        if ".dist-info" in file.parts[0] and file.name.upper().startswith(NAMES):
            yield file.read_text(encoding="utf-8").strip()


def main() -> None:
    """Write the file that the first argument names."""
    text = "\n\n".join(notices(list(distributions())))
    Path(sys.argv[1]).write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
