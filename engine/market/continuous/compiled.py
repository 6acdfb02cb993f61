"""The one place where functions are compiled: lazily at their first call, kept on disk, without reordering sums."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba

F = TypeVar("F", bound=Callable[..., Any])


def compiled(function: F) -> F:
    """Compile a function of numbers and arrays to machine code.

    `fastmath` stays off, so that the same bytes in give the same bytes out. Where no folder for the compiled code
    can be written, each process compiles anew.
    """
    try:
        return cast(F, numba.njit(cache=True, error_model="numpy")(function))
    except RuntimeError:
        return cast(F, numba.njit(error_model="numpy")(function))
