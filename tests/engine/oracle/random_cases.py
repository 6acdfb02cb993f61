"""Seeded random market cases of the size that a nonlinear solver does in a blink: 5 to 15 buses, 1 to 4 steps."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

Document = dict[str, Any]
START = "2026-07-26T00:00:00Z"
SUBMITTED = "2026-07-25T09:00:00Z"
BAND = {"vm_min_pu": 0.95, "vm_max_pu": 1.05}


def _grid(rng: np.random.Generator, n_bus: int, meshes: int, max_i_ka: float | None) -> Document:
    """A 20 kV tree of lines behind a 110 kV transformer, with some chords. The coupling bus is HV."""
    nodes = [f"N{i:02}" for i in range(n_bus - 1)]
    pairs = [(nodes[max(0, i - 1 - int(rng.integers(0, 3)))], nodes[i]) for i in range(1, len(nodes))]
    while meshes:
        a, b = sorted(rng.choice(len(nodes), 2, replace=False))
        if (nodes[a], nodes[b]) not in pairs:
            pairs.append((nodes[a], nodes[b]))
            meshes -= 1
    lines = []
    for k, (a, b) in enumerate(pairs):
        km = float(rng.uniform(2.0, 6.0))
        line = {"id": f"L{k:02}", "from": a, "to": b, "r_ohm": 0.5 * km, "x_ohm": 0.36 * km, "b_us": 3.0 * km}
        lines.append(line | {"max_i_ka": max_i_ka})
    trafo = {"id": "T", "from": "HV", "to": "N00", "r_ohm": 2.0, "x_ohm": 60.0, "g_us": 1.0, "b_us": -5.0}
    return {
        "buses": [{"id": "HV", "vn_kv": 110.0}, *({"id": node, "vn_kv": 20.0} | BAND for node in nodes)],
        "branches": [trafo | {"shift_degree": 150.0, "tap_ratio": 0.98, "max_i_ka": 0.2}, *lines],
        "coupling": {"bus": "HV", "vm_pu": 1.0},
    }


def _document(rng: np.random.Generator, grid: Document, net_mw: float, coupling_price: float) -> Document:
    """A case without offers: `net_mw` of generation (or load, negative) spread unevenly over nodes and steps."""
    nodes = [bus["id"] for bus in grid["buses"][2:]]
    n = int(rng.integers(1, 5))
    share = rng.dirichlet(np.full(len(nodes), 1.5))
    shape = rng.uniform(0.7, 1.0, n)
    units = []
    for node, part in zip(nodes, share, strict=True):
        kind = "generator" if net_mw > 0 else "load"
        p = np.round(abs(net_mw) * part * shape, 4)
        q = np.round((0.0 if net_mw > 0 else 0.3) * p, 4)
        units.append({"id": f"U {node}", "bus": node, "kind": kind, "p_mw": p.tolist(), "q_mvar": q.tolist()})
        units.append(
            {"id": f"H {node}", "bus": node, "kind": "load", "p_mw": round(float(rng.uniform(0, 0.1)), 3)}
        )
    return {
        "schema": "flexdesk.case/1",
        "grid": grid,
        "time": {"start": START, "mtu_minutes": 60, "n_steps": n},
        "baseline": {"units": units},
        "coupling_price_eur_per_mwh": (coupling_price + np.round(rng.uniform(-5, 5, n), 2)).tolist()
        if coupling_price
        else 0.0,
        "offers": [],
        "options": {
            "clearing": "network",
            "physics": "ac",
            "payment": "nodal",
            "energy": "priced" if coupling_price else "ignored",
            "operator": "DSO",
        },
    }


def _offers(rng: np.random.Generator, case: Document, commodity: str, direction: str, depth: float) -> None:
    """One offer at most of the buses, up to `depth` of the unit's baseline, at different prices."""
    unit = "mw" if commodity == "P" else "mvar"
    for entry in case["baseline"]["units"]:
        if not entry["id"].startswith("U") or rng.uniform() < 0.2:
            continue
        name = f"{commodity} {direction} {entry['bus']}"
        price = rng.uniform(20, 120) if commodity == "P" else rng.uniform(2, 15)
        case["offers"].append(
            {
                "id": name,
                "party": f"ESP-{rng.integers(1, 4)}",
                "asset": entry["id"],
                "bus": entry["bus"],
                "commodity": commodity,
                "direction": direction,
                "submitted_at": SUBMITTED,
                f"quantity_{unit}": np.round(depth * np.asarray(entry["p_mw"]), 4).tolist(),
                f"price_eur_per_{unit}h": np.round(
                    price + rng.uniform(-2, 2, case["time"]["n_steps"]), 2
                ).tolist(),
            }
        )


def _storage(rng: np.random.Generator, case: Document) -> None:
    price = round(float(rng.uniform(0.5, 12)), 2)
    has_one = {offer["bus"] for offer in case["offers"] if offer["commodity"] == "storage"}
    bus = str(rng.choice([bus["id"] for bus in case["grid"]["buses"][2:] if bus["id"] not in has_one]))
    size = round(float(rng.uniform(0.2, 0.8)), 2)
    case["offers"].append(
        {
            "id": f"S {bus}",
            "party": "ESP-S",
            "asset": f"BAT {bus}",
            "bus": bus,
            "commodity": "storage",
            "submitted_at": SUBMITTED,
            "p_charge_max_mw": size,
            "p_discharge_max_mw": size,
            "energy_mwh": 2 * size,
            "energy_start_mwh": size,
            "energy_end_mwh": size,
            "efficiency_charge": 0.95,
            "efficiency_discharge": 0.93,
            "price_eur_per_mwh": price,
        }
    )


def _base(
    net_mw: float, meshes: int = 0, price: float = 0.0, max_i_ka: float | None = None
) -> Callable[[np.random.Generator], Document]:
    def make(rng: np.random.Generator) -> Document:
        grid = _grid(rng, int(rng.integers(5, 16)), meshes, max_i_ka)
        return _document(rng, grid, net_mw * float(rng.uniform(0.9, 1.1)), price)

    return make


OVER_MW, UNDER_MW = 8.0, -9.0
BASES = {
    "over-voltage": _base(OVER_MW),
    "over-voltage, meshed": _base(1.3 * OVER_MW, meshes=2),
    "over-voltage, price 50": _base(OVER_MW, price=50.0),
    "over-voltage, price -30": _base(OVER_MW, price=-30.0),
    "under-voltage": _base(UNDER_MW),
    "under-voltage, meshed, price 50": _base(1.3 * UNDER_MW, meshes=2, price=50.0),
    "congestion": _base(0.8 * OVER_MW, max_i_ka=0.08),
    "congestion, meshed, price 50": _base(1.2 * OVER_MW, meshes=2, price=50.0, max_i_ka=0.08),
}


def _bounds_over_time(rng: np.random.Generator, case: Document) -> None:
    """Ramps on half of the offers of P, energy budgets on the other half."""
    for k, offer in enumerate(o for o in case["offers"] if o["commodity"] == "P"):
        most = max(offer["quantity_mw"])
        if k % 2:
            offer["ramp_mw_per_step"] = round(0.2 * most, 4)
        else:
            offer["max_energy_mwh"] = round(0.6 * sum(offer["quantity_mw"]), 4)


def _inverters(rng: np.random.Generator, case: Document) -> None:
    """Every asset's P and Q offers within 1.02 to 1.1 times its largest baseline."""
    largest = {
        u["id"]: float(np.max(np.hypot(u["p_mw"], u.get("q_mvar", 0.0)))) for u in case["baseline"]["units"]
    }
    limit = {asset: round(s_mva * float(rng.uniform(1.02, 1.1)), 4) for asset, s_mva in largest.items()}
    for offer in case["offers"]:
        if limit.get(offer["asset"], 0.0) > 0.0:
            offer["s_max_mva"] = limit[offer["asset"]]


def _whole_or_nothing(rng: np.random.Generator, case: Document) -> None:
    """A block, two of a group, one linked to another and a minimum acceptance."""
    case["time"]["n_steps"] = n = min(case["time"]["n_steps"], 2)
    for entry in (*case["baseline"]["units"], *case["offers"], case):
        for key, value in entry.items():
            if isinstance(value, list) and value and isinstance(value[0], float):
                entry[key] = value[:n]
    offers = [o for o in case["offers"] if min(o["quantity_mw"]) > 0.0]
    for name, change in (
        ("block", {"block": True}),
        ("group", {"exclusive_group": "G"}),
        ("group", {"exclusive_group": "G"}),
        ("least", {"min_acceptance": 0.5}),
        ("linked", {"linked_to": offers[-1]["id"]}),
    ):
        if len(offers) > 1 or (offers and name != "linked"):
            offers.pop(int(rng.integers(0, len(offers) - 1)) if len(offers) > 1 else 0).update(change)


def _control(rng: np.random.Generator, case: Document) -> None:
    """A bus in the middle that keeps 1.03 pu as far as 0.4 Mvar reach."""
    bus = case["grid"]["buses"][len(case["grid"]["buses"]) // 2]["id"]
    case["grid"]["controls"] = [{"bus": bus, "vm_pu": 1.03, "q_min_mvar": -0.4, "q_max_mvar": 0.4}]


Change = Callable[[np.random.Generator, Document], None]
NO_CHANGES: tuple[Change, ...] = ()
# Extra: (share of the baseline offered as relief, whether there are offers of Q, what is added or changed then)
EXTRAS: dict[str, tuple[float, bool, tuple[Change, ...]]] = {
    "P": (0.9, False, NO_CHANGES),
    "scarce": (0.15, False, NO_CHANGES),
    "P and Q": (0.9, True, NO_CHANGES),
    "storage": (0.7, True, (_storage, _storage)),
    "over time": (0.9, False, (_bounds_over_time,)),
    "inverters": (0.6, True, (_inverters,)),
    "whole or nothing": (0.9, False, (_whole_or_nothing,)),
    "control": (0.9, True, (_control,)),
}


def random_case(base: str, extra: str, seed: int) -> Document:
    """A market of the kind `base` with the offers of `extra`; the same bytes for the same arguments."""
    rng = np.random.default_rng([seed, list(BASES).index(base), list(EXTRAS).index(extra)])
    case = BASES[base](rng)
    relief, other = ("up", "down") if base.startswith("under") else ("down", "up")
    depth, with_q, changes = EXTRAS[extra]
    _offers(rng, case, "P", relief, depth)
    _offers(rng, case, "P", other, 0.2)
    if with_q:
        _offers(rng, case, "Q", relief, 0.3)
        _offers(rng, case, "Q", other, 0.1)
    for change in changes:
        change(rng, case)
    return case


AUCTIONS = ("over-voltage", "under-voltage, meshed, price 50", "congestion", "congestion, meshed, price 50")


def random_auction(base: str, seed: int) -> Document:
    """A market of mode ``requests``: offers of P and Q up and down, requests at one to three buses each."""
    rng = np.random.default_rng([seed, AUCTIONS.index(base)])
    case = BASES[base](rng)
    case["options"]["clearing"] = "requests"
    for commodity, direction in (("P", "up"), ("P", "down"), ("Q", "up"), ("Q", "down")):
        _offers(rng, case, commodity, direction, 0.3)
    nodes, n = [bus["id"] for bus in case["grid"]["buses"][2:]], case["time"]["n_steps"]
    case["requests"] = []
    for k in range(4):
        unit, commodity = ("mw", "P") if k < 3 else ("mvar", "Q")
        case["requests"].append(
            {
                "id": f"R{k}",
                "party": f"BUYER-{k % 2}",
                "buses": [str(bus) for bus in rng.choice(nodes, int(rng.integers(1, 4)), replace=False)],
                "commodity": commodity,
                "direction": str(rng.choice(["up", "down"])),
                f"quantity_{unit}": np.round(rng.uniform(0.1, 0.8, n), 3).tolist(),
                f"price_eur_per_{unit}h": np.round(rng.uniform(10, 140, n), 2).tolist(),
            }
        )
    return case
