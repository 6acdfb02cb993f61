"""A result file's figures for the desks: facts, proof, unmet needs, and the prices of every bus and step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Any

import numpy as np

from app.bridge.numbers import price
from app.bridge.outcomes import NodalPrices, PriceParts, ProofView, ResultFacts, UnmetRow
from app.bridge.packing import unpack

PARTS = ("energy", "loss", "congestion", "voltage")


def result_document(result: bytes) -> dict[str, Any]:
    """The `flexdesk.result/1` document in the result of a `clearing` job."""
    document: dict[str, Any] = unpack(result)[0]["result"]
    return document


@lru_cache(maxsize=32)
def result_facts(result: bytes) -> ResultFacts:
    """The figures of a `clearing` job's result; cached."""
    document = result_document(result)
    solve = document["solve"]
    return ResultFacts(
        status=document["status"],
        reason=document["reason"] or "",
        objective_eur=_euros(document["objective_eur"]),
        welfare_eur=_euros(document["welfare_eur"]),
        lower_bound_eur=_euros(document["lower_bound_eur"]),
        pivotal=tuple(document.get("pivotal") or ()),
        gap=document["gap"],
        unmet=tuple(_unmet_row(entry) for entry in document["unmet"]),
        payments_eur={party: Decimal(amount) for party, amount in document["payments"].items()},
        proof=_proof(document["proof"]),
        n_needs_before=len(document["needs"]),
        case_sha256=solve["case_sha256"],
        result_sha256=solve["result_sha256"],
        solve_seconds=round(sum(solve["seconds"].values()), 3),
    )


@lru_cache(maxsize=16)
def nodal_prices(result: bytes) -> NodalPrices | None:
    """The prices of a `clearing` job's result at every bus; None where it has none. Cached, arrays read-only."""
    prices = result_document(result)["prices"] or {}
    if not prices.get("p_eur_per_mwh"):
        return None
    buses = tuple(prices["p_eur_per_mwh"])
    reactive = _parts(prices, "q_eur_per_mvarh", buses) if prices.get("q_eur_per_mvarh") else None
    return NodalPrices(bus_ids=buses, p=_parts(prices, "p_eur_per_mwh", buses), q=reactive)


def _parts(prices: Mapping[str, Any], name: str, buses: tuple[str, ...]) -> PriceParts:
    """[n_steps, n_buses] each; a part that the commodity does not have is zero."""
    by_bus: Mapping[str, Mapping[str, Any]] = prices[name]
    balance: Mapping[str, Sequence[float]] = (prices.get("balance") or {}).get(name) or {}
    total = np.array([by_bus[bus]["total"] for bus in buses], dtype=np.float64).T
    parts = {
        part: np.array([by_bus[bus].get(part) or np.zeros(len(total)) for bus in buses], dtype=np.float64).T
        for part in PARTS
    }
    of_balance = {way: np.array(balance.get(way, np.zeros(len(total))))[:, None] for way in ("up", "down")}
    parts |= {"up": of_balance["up"] + total, "down": of_balance["down"] - total, "total": total}
    for array in parts.values():
        array.flags.writeable = False
    return PriceParts(**parts)


def _euros(amount: float | str | None) -> Decimal | None:
    return None if amount is None else price(Decimal(str(amount)))


def _unmet_row(entry: Mapping[str, Any]) -> UnmetRow:
    """A limit that stays passed, or a change at a bus that no offer made (limit 0)."""
    if "element" in entry:
        return UnmetRow(**{key: entry[key] for key in ("element", "kind", "step", "value", "limit", "reason")})
    kind = f"{entry['commodity']} {entry['direction']}"
    value = entry.get("quantity_mw", entry.get("quantity_mvar"))
    return UnmetRow(
        element=entry["bus"], kind=kind, step=entry["step"], value=value, limit=0.0, reason=entry["reason"]
    )


def _proof(proof: Mapping[str, Any] | None) -> ProofView | None:
    if proof is None or proof["vm_min_pu"] is None:
        return None
    worst = proof["worst"]
    return ProofView(
        clean=proof["clean"],
        vm_min_pu=proof["vm_min_pu"],
        vm_max_pu=proof["vm_max_pu"],
        max_loading_percent=proof["max_loading_percent"],
        worst="" if worst is None else f"{worst['element']}: {worst['value']:g} of {worst['limit']:g}",
    )
