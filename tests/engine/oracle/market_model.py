"""The market of a ``flexdesk.case/1`` document as casadi symbols: offers, storages, requests, virtual changes."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import Any

import branching
import casadi as ca
import numpy as np
from network_document import net_baseline, network_arrays, over_steps

SIGN = {"up": 1.0, "down": -1.0}


@dataclass(slots=True, eq=False)
class Parts:
    """Symbols and numbers of one kind (variables or constraints), gathered block by block."""

    symbols: list[Any] = field(default_factory=list)
    low: list[np.ndarray] = field(default_factory=list)
    high: list[np.ndarray] = field(default_factory=list)
    start: list[np.ndarray] = field(default_factory=list)

    @property
    def size(self) -> int:
        return sum(len(block) for block in self.low)

    def add(self, symbol: Any, low: Any, high: Any, start: Any = 0.0) -> np.ndarray:
        """Append a matrix (column-major) and give the positions of its entries in the same shape."""
        first, shape = self.size, symbol.shape
        self.symbols.append(ca.vec(symbol))
        for target, value in ((self.low, low), (self.high, high), (self.start, start)):
            target.append(np.broadcast_to(np.asarray(value, dtype=float), shape).flatten(order="F"))
        return (first + np.arange(shape[0] * shape[1])).reshape(shape, order="F")


class Market:
    """Variables, constraints and cost of everything but the network.

    var, con : what has been gathered; places : positions of a variable's entries by its name; injected : "P" and
    "Q" to [n_bus, n_steps] MW and Mvar; cost : EUR without the part of virtual changes, virtual_cost; choices :
    whole-or-nothing alternatives for `branching.best`.
    """

    def __init__(self, document: dict[str, Any]) -> None:
        time, options = document["time"], document.get("options", {})
        self.document = document
        self.n, self.h = int(time["n_steps"]), time["mtu_minutes"] / 60.0
        self.mode = options.get("clearing", "network")
        if self.mode not in ("network", "requests") or options.get("physics", "ac") != "ac":
            raise NotImplementedError("The reference knows the modes network and requests with AC physics.")
        ignored = options.get("energy", "priced") == "ignored"
        self.pi = over_steps(0.0 if ignored else document.get("coupling_price_eur_per_mwh", 0.0), self.n)
        self.cap = float(options.get("unmet_price_eur_per_mwh", 10000.0))
        self.net = network_arrays(document["grid"], self.n)
        self.at = {bus: i for i, bus in enumerate(self.net.ids)}
        self.others = np.array([i for i in range(len(self.net.ids)) if i != self.net.coupling])
        self.var, self.con = Parts(), Parts()
        self.choices: list[branching.Choice] = []
        self.places: dict[tuple[str, ...], np.ndarray] = {}
        self.cost: Any = 0.0
        self.virtual_cost: Any = 0.0
        self.injected = dict(zip("PQ", map(ca.SX, net_baseline(document, self.net.ids, self.n)), strict=True))
        self.accepted: dict[str, Any] = {}
        self.share: dict[str, Any] = {}
        self.served: dict[str, Any] = {}
        self.unmet: dict[tuple[str, str, str], Any] = {}
        self.balance: dict[tuple[str, str], list[Any]] = {}
        self._offers()
        self._requests()
        if self.mode == "network":
            self._virtual()
        else:
            self._auction_balance()

    def variable(
        self, name: tuple[str, ...], rows: int, low: Any, high: Any, start: Any = 0.0
    ) -> tuple[Any, np.ndarray]:
        """A matrix of variables : [rows, n_steps] and its positions, kept under its name."""
        symbol = ca.SX.sym(" ".join(name), rows, self.n)
        self.places[name] = self.var.add(symbol, low, high, start)
        return symbol, self.places[name]

    def _inject(self, commodity: str, bus: str, change: Any) -> None:
        """Add a change : [1, n_steps] of the injection at a bus."""
        self.injected[commodity][self.at[bus], :] += change

    def _offers(self) -> None:
        groups: dict[str, list[np.ndarray]] = {}
        for offer in self.document.get("offers", ()):
            commodity = offer.get("commodity", "P")
            add = self._storage if commodity == "storage" else partial(self._divisible, commodity=commodity)
            places = add(offer)
            if offer.get("exclusive_group") is not None:
                groups.setdefault(offer["exclusive_group"], []).append(places.ravel())
        for members in groups.values():
            self.choices.append(
                [
                    {int(i): (0.0, 0.0) for k, other in enumerate(members) if k != chosen for i in other}
                    for chosen in range(len(members))
                ]
            )
        for offer in self.document.get("offers", ()):
            if offer.get("linked_to") is not None:
                room = self.share[offer["linked_to"]] - self.share[offer["id"]]
                self.con.add(room, 0.0, np.inf)
        self._apparent_power()

    def _divisible(self, offer: dict[str, Any], commodity: str) -> np.ndarray:
        unit = "mw" if commodity == "P" else "mvar"
        name, sign = offer["id"], SIGN[offer["direction"]]
        quantity = over_steps(offer[f"quantity_{unit}"], self.n)
        price = over_steps(offer[f"price_eur_per_{unit}h"], self.n)
        x, places = self.variable(("offer", name), 1, 0.0, quantity)
        self.accepted[name] = x
        self.share[name] = x / np.where(quantity > 0, quantity, 1.0).reshape(1, -1)
        self._inject(commodity, offer["bus"], sign * x)
        self._side(commodity, offer["direction"], x)
        self.cost += self.h * ca.sum2(price.reshape(1, -1) * x)
        if offer.get("max_energy_mwh") is not None:
            self.con.add(self.h * ca.sum2(x), -np.inf, offer["max_energy_mwh"])
        self._ramp(offer, x)
        least = float(offer.get("min_acceptance") or 0.0)
        if offer.get("block"):
            self.choices.append(
                [{int(i): (v, v) for i, v in zip(places[0], of, strict=True)} for of in (0 * quantity, quantity)]
            )
        elif least > 0.0:
            self.choices += [
                [{int(i): (0.0, 0.0)}, {int(i): (least * v, v)}]
                for i, v in zip(places[0], quantity, strict=True)
                if v > 0
            ]
        return places

    def _storage(self, offer: dict[str, Any]) -> np.ndarray:
        name, n = offer["id"], self.n
        price = over_steps(offer["price_eur_per_mwh"], n).reshape(1, -1)
        charge, at_charge = self.variable(("charge", name), 1, 0.0, offer["p_charge_max_mw"])
        discharge, at_discharge = self.variable(("discharge", name), 1, 0.0, offer["p_discharge_max_mw"])
        stored = self.h * (
            offer.get("efficiency_charge", 1.0) * charge - discharge / offer.get("efficiency_discharge", 1.0)
        )
        level = offer["energy_start_mwh"] + ca.cumsum(stored, 1)
        end = np.array([[-np.inf] * (n - 1) + [offer["energy_end_mwh"]]])
        low, high = np.maximum(end, 0.0), np.minimum(np.where(end > -np.inf, end, np.inf), offer["energy_mwh"])
        self.con.add(level, low, high)
        self.choices += [
            [{int(c): (0.0, 0.0)}, {int(d): (0.0, 0.0)}]
            for c, d in zip(at_charge[0], at_discharge[0], strict=True)
        ]
        self.accepted[name] = discharge - charge
        self._inject("P", offer["bus"], discharge - charge)
        self._side("P", "up", discharge)
        self._side("P", "down", charge)
        self.cost += self.h * ca.sum2(price * (charge + discharge))
        self._ramp(offer, discharge - charge)
        return np.vstack([at_charge, at_discharge])

    def _ramp(self, offer: dict[str, Any], injection: Any) -> None:
        ramp = offer.get("ramp_mw_per_step")
        if ramp is not None and self.n > 1:
            self.con.add(injection[:, 1:] - injection[:, :-1], -ramp, ramp)

    def _apparent_power(self) -> None:
        """P and Q of an asset's offers and its unit: within s_max, or the unit's own where that is more."""
        offers = self.document.get("offers", ())
        units = {u["id"]: u for u in (self.document.get("baseline") or {}).get("units", ())}
        assets: dict[str, list[dict[str, Any]]] = {}
        for offer in offers:
            assets.setdefault(offer.get("asset") or f"alone: {offer['id']}", []).append(offer)
        for asset, members in assets.items():
            given = [o["s_max_mva"] for o in members if o.get("s_max_mva") is not None]
            if not given:
                continue
            unit = units.get(asset, {"kind": "generator"})
            sense = -1.0 if unit["kind"] == "load" else 1.0
            own = {c: sense * over_steps(unit.get(f, 0.0), self.n) for c, f in (("P", "p_mw"), ("Q", "q_mvar"))}
            total = {c: ca.SX(v.reshape(1, -1)) for c, v in own.items()}
            for offer in members:
                commodity = "Q" if offer.get("commodity") == "Q" else "P"
                sign = 1.0 if offer.get("commodity") == "storage" else SIGN[offer["direction"]]
                total[commodity] += sign * self.accepted[offer["id"]]
            limit = np.maximum(min(given), np.hypot(own["P"], own["Q"]))
            self.con.add(total["P"] ** 2 + total["Q"] ** 2, -np.inf, (limit**2).reshape(1, -1))

    def _requests(self) -> None:
        """In `network` cheaper virtual changes; in `requests` demand that changes injections the other way."""
        for request in self.document.get("requests", ()):
            commodity = request.get("commodity", "P")
            unit = "mw" if commodity == "P" else "mvar"
            price = over_steps(request[f"price_eur_per_{unit}h"], self.n).reshape(1, -1)
            quantity = over_steps(request[f"quantity_{unit}"], self.n).reshape(1, -1)
            at_buses, _ = self.variable(("request", request["id"]), len(request["buses"]), 0.0, quantity)
            total = ca.sum1(at_buses)
            self.con.add(total, -np.inf, quantity)
            self.served[request["id"]] = total
            sign = SIGN[request["direction"]]
            if self.mode == "requests":
                self.cost -= self.h * ca.sum2(price * total)
                self._side(commodity, request["direction"], -total)
                sign = -sign
            else:
                self.virtual_cost += self.h * ca.sum2(price * total)
            for row, bus in enumerate(request["buses"]):
                self._inject(commodity, bus, sign * at_buses[row, :])

    def _side(self, commodity: str, direction: str, quantity: Any) -> None:
        self.balance.setdefault((commodity, direction), []).append(quantity)

    def _auction_balance(self) -> None:
        for quantities in self.balance.values():
            self.con.add(sum(quantities), 0.0, 0.0)

    def _virtual(self) -> None:
        for commodity in ("P", "Q"):
            for direction, sign in SIGN.items():
                x, _ = self.variable(("virtual", commodity, direction), len(self.others), 0.0, np.inf)
                self.injected[commodity][self.others.tolist(), :] += sign * x
                self.virtual_cost += self.h * self.cap * ca.sum2(ca.sum1(x))
                for row, bus in enumerate(self.others):
                    self.unmet[self.net.ids[bus], commodity, direction] = x[row, :]
