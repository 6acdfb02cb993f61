"""A day's values as bytes: whole thousandths (Wh, W), four bytes each, the least number for a gap."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

PLACES = 3
MAX_VALUE = Decimal(1_000_000)
"""kWh or kW: a gigawatt. A thousandth of it fits four bytes twice over."""
GAP = int(np.iinfo(np.int32).min)
_STORED = np.dtype("<i4")

Whole = NDArray[np.int32]
"""Thousandths, `GAP` where there is no value."""


def pack(values: Whole) -> bytes:
    return values.astype(_STORED, copy=False).tobytes()


def unpack(packed: bytes) -> Whole:
    """Inverse of `pack`; read-only."""
    return np.frombuffer(packed, dtype=_STORED).astype(np.int32, copy=False)


def decimals(values: Whole) -> tuple[Decimal | None, ...]:
    """kWh or kW, None for a gap."""
    return tuple(None if whole == GAP else Decimal(whole).scaleb(-PLACES) for whole in values.tolist())
