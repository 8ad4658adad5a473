"""One target in the hands of libFuzzer, in a process of its own; `tests.fuzz` starts it.

libFuzzer (atheris) follows which lines an input reaches, keeps those that reach new ones, and
changes them further. Its own changes are of single bytes, and nearly all of them die at the
first bracket: half of the changes are those of the target, which keep the form.
"""

import io
import sys
from contextlib import redirect_stderr
from random import Random

import atheris

# It writes a line for every module.
with (
    redirect_stderr(io.StringIO()),
    atheris.instrument_imports(include=["detectors", "streams"]),
):
    from tests.fuzz.targets import TARGETS

OWN_CHANGES = 0.5
"""Share of the changes that are the target's."""


def main(name: str, arguments: list[str]) -> None:
    """Fuzz a target with arguments for libFuzzer; the process ends when it is done, or fails."""
    target = TARGETS[name]

    def mutate(data: bytes, longest: int, seed: int) -> bytes:
        chance = Random(seed)  # noqa: S311 - chance, not a secret
        if chance.random() < OWN_CHANGES:
            return target.mutate(data, chance)[:longest]
        changed: bytes = atheris.Mutate(data, longest)
        return changed

    atheris.Setup([name, *arguments], target.run, custom_mutator=mutate)
    atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
