"""The one place where functions are compiled: lazily at their first call, then kept on disk."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

import numba

from engine.grid import controls

F = TypeVar("F", bound=Callable[..., Any])


def _stamp() -> str:
    """A hash of all sources that the compiled functions may take code or constants from."""
    files = [*sorted(Path(__file__).parent.glob("*.py")), Path(controls.__file__)]
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()


SOURCES = _stamp()


def compiled(function: F) -> F:
    """Compile a function of numbers and arrays that only compiled ones call.

    `fastmath` stays off, so that the same bytes in give the same bytes out. Wrappers by which Python could call it
    would take as long to compile as the function itself.
    """
    options: dict[str, Any] = {"error_model": "numpy", "no_cpython_wrapper": True, "no_cfunc_wrapper": True}
    return cast(F, numba.njit(**options)(function))


def inlined(function: F) -> F:
    """Compile a function as a part of the one that calls it: for functions that are called in one place, since
    every function is optimised once more with each of its callers."""
    return cast(F, numba.njit(error_model="numpy", inline="always")(function))


def entry(function: F) -> F:
    """Compile a function that Python calls, and keep it on disk with the code of all that it calls.

    Where no folder for the compiled code can be written, each process compiles anew.
    """
    try:
        dispatcher = numba.njit(cache=True, error_model="numpy")(function)
    except RuntimeError:
        return cast(F, numba.njit(error_model="numpy")(function))
    # Callers hold the code of what they call, so one changed file makes all that is kept stale. By itself numba
    # looks at the file of the function alone.
    cast(Any, dispatcher)._cache._cache_file._source_stamp = SOURCES
    return cast(F, dispatcher)
