"""Small markets for continuous matching."""

from __future__ import annotations

from typing import Any

from engine.grid.network import compile_network
from engine.market.case import Case, read_case
from engine.market.continuous import Matching, match

MINUTE = "2026-07-25T09:{:02d}:00Z"
FIELDS = {"P": ("quantity_mw", "price_eur_per_mwh"), "Q": ("quantity_mvar", "price_eur_per_mvarh")}


def order(
    name: str, bus: Any, quantity: Any, price: Any, minute: int | None = None, direction: str = "up", **fields: Any
) -> dict[str, Any]:
    """An offer (one bus) or a request (a list of buses), submitted in a minute of the hour."""
    commodity = fields.pop("commodity", "P")
    of_quantity, of_price = FIELDS[commodity]
    document = {"id": name, "party": f"party of {name}", "commodity": commodity, "direction": direction, **fields}
    document |= {of_quantity: quantity, of_price: price}
    document |= {"buses": bus} if isinstance(bus, list) else {"bus": bus}
    return document if minute is None else document | {"submitted_at": MINUTE.format(minute)}


def market(
    offers: list[dict[str, Any]], requests: list[dict[str, Any]], n_steps: int = 1, **changes: Any
) -> dict[str, Any]:
    """A feeder S - A - B - C of 20 kV with lines of 1 + j1 ohm and a load of 0.5 MW at C.

    Its lines carry `max_i_ka` (0.3 kA), its buses `band` (0.9 to 1.1 pu); `grid` and `units` replace parts.
    """
    limit, band = changes.pop("max_i_ka", 0.3), changes.pop("band", (0.9, 1.1))
    buses = [{"id": b, "vn_kv": 20.0, "vm_min_pu": band[0], "vm_max_pu": band[1]} for b in "SABC"]
    lines = [("S", "A"), ("A", "B"), ("B", "C")]
    branches = [{"id": a + b, "from": a, "to": b, "r_ohm": 1.0, "x_ohm": 1.0, "max_i_ka": limit} for a, b in lines]
    grid = {"buses": buses, "branches": branches, "coupling": {"bus": "S", "vm_pu": 1.0}} | changes.pop("grid", {})
    units = changes.pop("units", [{"id": "LD", "bus": "C", "kind": "load", "p_mw": 0.5}])
    return {
        "schema": "flexdesk.case/1",
        "grid": grid,
        "time": {"start": "2026-07-26T00:00:00Z", "mtu_minutes": 15, "n_steps": n_steps},
        "baseline": {"units": units},
        "offers": offers,
        "requests": requests,
        "options": {"clearing": "continuous", "payment": "pay_as_bid", "energy": "ignored", **changes},
    }


def case_of(document: dict[str, Any]) -> Case:
    """The case of a document without findings."""
    case, findings = read_case(document)
    assert findings == ()
    assert case is not None
    return case


def matched(document: dict[str, Any]) -> Matching:
    """Match a document."""
    case = case_of(document)
    return match(case, compile_network(case.grid))


def deals(matching: Matching) -> list[tuple[str, str, int, float, float]]:
    """Offer, request, step, quantity and price of each match, in sequence."""
    assert [m.sequence for m in matching.matches] == list(range(len(matching.matches)))
    return [(m.offer, m.request, m.step, m.quantity, m.price) for m in matching.matches]
