"""A market session's gates: which comes next, and where its room is."""

from __future__ import annotations

from collections.abc import Sequence

from domain.flexibility.market import Gate, GateKind, MarketSession


def next_gate(gates: Sequence[Gate]) -> Gate | None:
    """The next gate that moves the session on; status reports do not."""
    ahead = [gate for gate in gates if not gate.done and gate.kind is not GateKind.INTERIM]
    return min(ahead, key=lambda gate: gate.due_at, default=None)


def gate_of(gates: Sequence[Gate], kind: GateKind) -> Gate | None:
    """The session's gate of a kind that is not done yet."""
    return next((gate for gate in gates if gate.kind is kind and not gate.done), None)


def room_link(session: MarketSession) -> str:
    return f"/fmo/session?id={session.id}"
