"""Refuses to write over an input, or two outputs into one file, before anything is opened."""

import os
from collections.abc import Iterable, Mapping
from typing import Final

from streams.errors import ConflictingOutputs, OutputIsInput
from streams.outputs.places import STDOUT, Identity, descriptor_of, identity_of

STDIN: Final = "-"

_STDOUT, _STDERR = 1, 2


def refuse_clashes(
    inputs: Iterable[str | os.PathLike[str] | None],
    outputs: Mapping[str, str | os.PathLike[str] | None],
    *,
    prints: bool,
) -> None:
    """Return if every output is a file of its own; None stands for an option that was not given.

    Files are compared by what they are, so that neither a link nor another way to write a name
    hides anything. stdout and stderr are outputs too: a shell may have let them end in a file.

    Parameters
    ----------
    inputs
        Paths that are read, ``-`` for stdin; the settings file is one of them.
    outputs
        Paths that are written, by option, ``-`` for stdout.
    prints
        Whether something is printed to stdout, beside what `outputs` says.

    Raises
    ------
    OutputIsInput, ConflictingOutputs
        Names both, and the remedy.
    """
    read = _identities((f"{path}", 0 if path == STDIN else f"{path}") for path in _given(inputs))
    written: dict[Identity, str] = {}
    named = {option: f"{path}" for option, path in outputs.items() if path is not None}
    places = {option: _place(path) for option, path in named.items()}
    for option, place in places.items():
        _refuse_input(read, place, f"{option} {named[option]}")
    for stream, descriptor in (("stdout", _STDOUT), ("stderr", _STDERR)):
        _refuse_input(read, descriptor, stream)
    _refuse_stdout_twice(named, places, prints=prints)
    for option, place in places.items():
        _refuse_output(written, place, f"{option} {named[option]}")
    # What was given as the stream itself is in it on purpose, such as letters among the summary.
    used = {place for place in places.values() if isinstance(place, int)}
    for stream, descriptor in (("stdout", _STDOUT), ("stderr", _STDERR)):
        # Both streams in one file is what people do with `> log 2>&1`; they are not compared.
        if descriptor not in used and (prints or descriptor == _STDERR):
            _refuse_output(dict(written), descriptor, stream)


def _given(
    paths: Iterable[str | os.PathLike[str] | None],
) -> Iterable[str | os.PathLike[str]]:
    return (path for path in paths if path is not None)


def _place(path: str) -> str | int:
    """Return the descriptor that is meant, or the path."""
    if path == STDOUT:
        return _STDOUT
    descriptor = descriptor_of(path)
    return path if descriptor is None else descriptor


def _identities(places: Iterable[tuple[str, str | int]]) -> dict[Identity, str]:
    found = ((identity_of(place), name) for name, place in places)
    return {identity: name for identity, name in found if identity is not None}


def _refuse_input(read: Mapping[Identity, str], place: str | int, what: str) -> None:
    identity = identity_of(place)
    if identity is None or identity not in read:
        return
    name = "stdin" if read[identity] == STDIN else read[identity]
    raise OutputIsInput(
        f"{what} is the same file as {name}, which is read: nothing was written; give the output "
        "a file of its own"
    )


def _refuse_output(written: dict[Identity, str], place: str | int, what: str) -> None:
    identity = identity_of(place)
    if identity is None:
        return
    other = written.setdefault(identity, what)
    if other is not what:
        raise ConflictingOutputs(
            f"{what} is the same file as {other}: nothing was written; give each a file of its own"
        )


def _refuse_stdout_twice(
    named: Mapping[str, str], places: Mapping[str, str | int], *, prints: bool
) -> None:
    """Refuse two kinds of output in stdout, whatever it is: a reader could not part them."""
    there = [f"{option} {named[option]}" for option, place in places.items() if place == _STDOUT]
    if prints:
        there.append("the table")
    if len(there) > 1:
        raise ConflictingOutputs(
            f"{there[0]} and {there[1]} both want stdout; give {there[0].split()[0]} a file"
        )
