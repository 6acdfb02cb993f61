"""Bytes that hold a JSON document and named arrays: what the worker hands back and the database keeps.

The container is numpy's own `.npz` without pickling, so that reading foreign bytes runs nothing.
"""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

META = "meta"


def pack(meta: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> bytes:
    """The document and arrays as bytes; equal input gives equal bytes."""
    text = json.dumps(meta, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()
    buffer = io.BytesIO()
    np.savez(buffer, **{META: np.frombuffer(text, dtype=np.uint8)}, **arrays)  # type: ignore[arg-type]
    return buffer.getvalue()


def is_packed(payload: bytes) -> bool:
    """Whether `pack` made it: numpy's files are ZIP archives."""
    return payload.startswith(b"PK")


def unpack(payload: bytes) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    """Inverse of `pack`; the arrays are read-only.

    Raises:
        ValueError: the bytes are none of ours.
    """
    with np.load(io.BytesIO(payload), allow_pickle=False) as data:
        arrays = {name: data[name] for name in data.files}
    for array in arrays.values():
        array.flags.writeable = False
    meta: dict[str, Any] = json.loads(arrays.pop(META).tobytes())
    return meta, arrays
