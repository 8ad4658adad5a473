"""Compiled code; the only module that knows numba.

No fast-math: every rounding happens where it is written, so the same outcomes give the same bits
however they are cut into batches.
"""

from collections.abc import Callable, Iterator
from dis import get_instructions
from hashlib import blake2b
from types import CodeType, FunctionType, ModuleType
from typing import Any, Final, ParamSpec, TypeVar

from numba import njit

_Parameters = ParamSpec("_Parameters")
_Result = TypeVar("_Result")

_fingerprints: Final[dict[FunctionType, str]] = {}


def compiled(function: Callable[_Parameters, _Result]) -> Callable[_Parameters, _Result]:
    """Compile on first call; keep the machine code on disk where some folder can be written.

    The files on disk are named after a fingerprint of everything the machine code is made of.
    """
    # numba looks at the file of the function alone. A function that calls one of another file
    # would keep the old machine code of that one, and an old file on disk that names a type which
    # is gone makes numba raise. A file under another name is never opened.
    if isinstance(function, FunctionType):
        function.__qualname__ = f"{function.__qualname__}_{fingerprint(function)}"
    try:
        return njit(cache=True, error_model="numpy")(function)
    except RuntimeError:  # numba found no folder for its cache, as in a read-only container
        return njit(error_model="numpy")(function)


def fingerprint(function: FunctionType) -> str:
    """Return 16 hexadecimal digits of a function's code and of all that it refers to.

    That is its bytecode, constants and global values, the types of its arguments with their
    fields, and the fingerprints of the compiled functions that it calls.

    Raises
    ------
    NameError
        If it names something that is not defined yet.
    """
    known = _fingerprints.get(function)
    if known is None:
        parts = "\n".join(_parts(function))
        known = _fingerprints[function] = blake2b(parts.encode(), digest_size=8).hexdigest()
    return known


def _parts(function: FunctionType) -> Iterator[str]:
    _require_all_known(function)
    yield from _code(function.__code__)
    names = {
        name: function.__globals__[name]
        for name in function.__code__.co_names
        if name in function.__globals__
    }
    for name, value in sorted((names | function.__annotations__).items()):
        yield f"{name} = {_value(value)}"


def _require_all_known(function: FunctionType) -> None:
    """Raise NameError if the function names something that its module defines only further down.

    The fingerprint would not know of it, and its old machine code would be used for ever.
    """
    known: Any = function
    for instruction in get_instructions(function):
        if instruction.opname == "LOAD_GLOBAL":
            name = instruction.argval
            if name not in function.__globals__ and name not in known.__builtins__:
                raise NameError(
                    f"{name} must be defined above {function.__qualname__}, to compile it"
                )


def _code(code: CodeType) -> Iterator[str]:
    yield code.co_code.hex()
    yield repr(code.co_varnames)
    yield repr(code.co_names)
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _code(constant)
        else:
            yield repr(constant)


def _value(value: Any) -> str:  # noqa: ANN401 - whatever a global of a compiled function may be
    python = getattr(value, "py_func", value)
    if isinstance(python, FunctionType) and python in _fingerprints:
        return fingerprint(python)
    if isinstance(value, ModuleType):
        return value.__name__
    if isinstance(value, type):
        return f"{value.__module__}.{value.__qualname__}{getattr(value, '_fields', ())}"
    return repr(value)
