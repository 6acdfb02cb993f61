"""Chunks of steps whose arrays stay in the processor's cache."""

from __future__ import annotations

from collections.abc import Iterator

CHUNK_VALUES = 32_768


def chunks(n_steps: int, n_columns: int) -> Iterator[slice]:
    """Slices of steps that hold about `CHUNK_VALUES` values of [n_steps, n_columns]."""
    size = max(1, CHUNK_VALUES // max(1, n_columns))
    return (slice(first, first + size) for first in range(0, n_steps, size))
