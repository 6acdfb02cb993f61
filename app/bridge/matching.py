"""The worker's `matching`: a continuous session's orders so far, one by one, and the warm-up before the first."""

from __future__ import annotations

import json
from typing import Any

from app.bridge.solved import Progress, read
from app.bridge.trading import pack_book
from domain.errors import refuse
from engine import compile_network, match

_ORDER = {"party": "warm-up", "direction": "up", "quantity_mw": 0.1, "price_eur_per_mwh": 1.0}
_WARM_UP: dict[str, Any] = {
    "schema": "flexdesk.case/1",
    "grid": {
        "buses": [{"id": bus, "vn_kv": 20.0} for bus in "AB"],
        "branches": [{"id": "AB", "from": "A", "to": "B", "r_ohm": 1.0, "x_ohm": 1.0}],
        "coupling": {"bus": "A", "vm_pu": 1.0},
    },
    "time": {"start": "2026-01-01T00:00:00Z", "mtu_minutes": 15, "n_steps": 1},
    "baseline": {"units": []},
    "offers": [_ORDER | {"id": "O", "bus": "B", "submitted_at": "2026-01-01T00:00:00Z"}],
    "requests": [_ORDER | {"id": "R", "buses": ["A"]}],
    "options": {"clearing": "continuous", "energy": "ignored"},
}


def solve(inputs: bytes, progress: Progress) -> bytes:
    """Match a book; the result is read by `trading`.

    Raises:
        Refused: findings of the case; the baseline has no power-flow solution.
    """
    progress("matching", 0.0)
    case = read(json.loads(inputs))
    matching = match(case, compile_network(case.grid))
    if matching.diverged_steps:
        n, first = len(matching.diverged_steps), matching.diverged_steps[0] + 1
        sentence = f"The power flow has no solution in {n} quarter hours, first in number {first}."
        raise refuse("invalid_schedule", "document", sentence)
    return pack_book(case, matching)


def warm_up(_inputs: bytes, progress: Progress) -> bytes:
    """Compile, in a new installation, or load what matching needs: the first order does not wait for it."""
    progress("compiling the matching", 0.0)
    case = read(_WARM_UP)
    match(case, compile_network(case.grid))
    return b""
