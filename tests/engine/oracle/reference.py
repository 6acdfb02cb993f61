"""A second opinion on a clearing: the document's AC-OPF in rectangular voltages, solved by ipopt through casadi.

It reads the document itself and shares nothing with the engine. Modes ``network`` and ``requests`` with AC flows.
Nodal prices are the multipliers of the power balances. Best of several starts; whole-or-nothing choices by
branching (`branching.best`).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

import branching
import casadi as ca
import numpy as np
from market_model import Market
from network_document import NetworkArrays

TOLERANCE = 1e-9
FEASIBLE = 1e-7
VIRTUAL_START_MW = 2.0
IPOPT = {
    "print_time": False,
    "ipopt.print_level": 0,
    "ipopt.sb": "yes",
    "ipopt.tol": TOLERANCE,
    "ipopt.constr_viol_tol": TOLERANCE,
    "ipopt.compl_inf_tol": TOLERANCE,
    "ipopt.acceptable_iter": 0,
    "ipopt.bound_relax_factor": 0.0,
    "ipopt.max_iter": 500,
}


@dataclass(frozen=True, slots=True, eq=False)
class Reference:
    """A solved case.

    objective_eur : what is minimised, without the cost of virtual changes; total_eur : with it (in `requests` both
    are the cost of offers and of the change of import less the value served); accepted, served, unmet : name to
    [n_steps] MW or Mvar (a storage: net injection; unmet: by bus, commodity, direction); p_price, q_price : bus to
    [n_steps] EUR/MWh or EUR/Mvarh; vm_pu : [n_bus, n_steps] in the order of the document's buses.
    """

    objective_eur: float
    total_eur: float
    accepted: dict[str, np.ndarray]
    served: dict[str, np.ndarray]
    unmet: dict[tuple[str, str, str], np.ndarray]
    p_price: dict[str, np.ndarray]
    q_price: dict[str, np.ndarray]
    vm_pu: np.ndarray


def solve_reference(document: dict[str, Any], starts: int = 3, seed: int = 0) -> Reference:
    """The best of `starts` ipopt runs; raises RuntimeError where none of them ends in an optimum."""
    model = _Programme(document)
    if model.mode == "requests":
        model.relax_to_baseline()
    return model.reference(model.best(starts, seed))


@dataclass(frozen=True, slots=True, eq=False)
class Evaluation:
    """Awards and unmet need of a result in the reference's own flow.

    Costs as in `Reference`; excess : by how much the worst constraint or whole-or-nothing choice is passed (MW,
    MWh, pu^2 or share of a rating squared).
    """

    objective_eur: float
    total_eur: float
    excess: float


def evaluate(document: dict[str, Any], result: dict[str, Any]) -> Evaluation:
    """What a ``flexdesk.result/1`` costs and violates; unmet changes count as made."""
    model = _Programme(document)
    if model.mode == "requests":
        model.relax_to_baseline()
    x = model.awarded(result["awards"], result["unmet"], result.get("served") or {})
    found = model.at_market(x)
    off = np.maximum(model.con_low - found.values, found.values - model.con_high).max(initial=0.0)
    beyond = np.maximum(model.low - found.x, found.x - model.high).max(initial=0.0)
    beyond = max([beyond, *(min(branching.distance(a, found.x) for a in c) for c in model.choices)])
    objective = model.reference(found).objective_eur
    return Evaluation(objective, found.cost - model.rest_cost, float(max(off, beyond)))


@dataclass(frozen=True, slots=True, eq=False)
class _Found:
    """An ipopt solution. x : variables; multipliers : of all constraints; values : of all constraints."""

    cost: float
    x: np.ndarray
    multipliers: np.ndarray
    values: np.ndarray


class _Programme(Market):
    """The nonlinear programme of a document: its market on its network."""

    def __init__(self, document: dict[str, Any]) -> None:
        super().__init__(document)
        self.rest_cost = 0.0
        self.n_market, self.n_market_choices = self.var.size, len(self.choices)
        n_market_rows = self.con.size
        self._network()
        self.physical = np.ones(self.con.size, dtype=bool)
        self.physical[:n_market_rows] = self.physical[self.at_limits] = False
        symbols = {"x": ca.vertcat(*self.var.symbols), "g": ca.vertcat(*self.con.symbols)}
        self._solver = ca.nlpsol("reference", "ipopt", symbols | {"f": self.cost + self.virtual_cost}, IPOPT)
        self.low, self.high = (np.concatenate(b) for b in (self.var.low, self.var.high))
        self.con_low, self.con_high = (np.concatenate(b) for b in (self.con.low, self.con.high))
        self.first = np.concatenate(self.var.start)

    def _network(self) -> None:
        net, c = self.net, self.net.coupling
        n_bus = len(net.ids)
        free = np.arange(n_bus) != c
        empty = _unloaded(net)
        kept = np.where(free[:, None], -np.inf, net.coupling_vm_pu)
        e, self.at_e = self.variable(("e",), n_bus, kept, np.where(free[:, None], np.inf, kept), empty.real)
        at_rest = np.where(free, np.inf, 0.0)[:, None]
        f, self.at_f = self.variable(("f",), n_bus, -at_rest, at_rest, empty.imag)
        for bus, *control in net.controls:
            self._control(bus, e[bus, :] ** 2 + f[bus, :] ** 2, *control)
        p, q = _power(net.y_bus, e, f, (e, f), net.base_mva)
        rows = self.others.tolist()
        self.at_p = self.con.add((p - self.injected["P"])[rows, :], 0.0, 0.0)
        self.at_q = self.con.add((q - self.injected["Q"])[rows, :], 0.0, 0.0)
        self.import_mw = p[c, :] - self.injected["P"][c, :]
        self.cost += self.h * ca.sum2(self.pi.reshape(1, -1) * self.import_mw)
        self._limits(e, f)

    def _control(self, bus: int, vm2: Any, vm_pu: float, q_min: float, q_max: float) -> None:
        """|V| is kept while Q is inside its range; at the end of the range Q is kept (three cases a step)."""
        q, at_q = self.variable(("control", str(bus)), 1, q_min, q_max)
        w, at_w = self.variable(("vm2", str(bus)), 1, 0.0, np.inf, 1.0)
        self.con.add(vm2 - w, 0.0, 0.0)
        self.injected["Q"][bus, :] += q
        kept = vm_pu**2
        for i, j in zip(at_q[0].tolist(), at_w[0].tolist(), strict=True):
            held = {j: (kept, kept)}
            self.choices.append(
                [held, {i: (q_max, q_max), j: (0.0, kept)}, {i: (q_min, q_min), j: (kept, np.inf)}]
            )

    def _limits(self, e: Any, f: Any) -> None:
        """Squares of voltages, currents and apparent powers, where there is a limit."""
        net, first = self.net, self.con.size
        limited = [i for i in self.others if net.vm_min_pu[i] > 0 or np.isfinite(net.vm_max_pu[i])]
        if limited:
            vm2 = e[limited, :] ** 2 + f[limited, :] ** 2
            self.con.add(vm2, net.vm_min_pu[limited, None] ** 2, net.vm_max_pu[limited, None] ** 2)
        for y, bus in ((net.y_from, net.from_bus), (net.y_to, net.to_bus)):
            rows = np.flatnonzero(np.isfinite(net.i_max_pu)).tolist()
            if rows:
                re, im = _current(y[rows], e, f)
                scale = net.i_max_pu[rows, None]
                self.con.add((re / scale) ** 2 + (im / scale) ** 2, -np.inf, 1.0)
            rows = np.flatnonzero(np.isfinite(net.s_max_pu)).tolist()
            if rows:
                end = bus[rows].tolist()
                p, q = _power(y[rows], e, f, (e[end, :], f[end, :]), 1.0)
                scale = net.s_max_pu[rows, None]
                self.con.add((p / scale) ** 2 + (q / scale) ** 2, -np.inf, 1.0)
        self.at_limits = np.arange(first, self.con.size)

    def best(self, starts: int, seed: int) -> _Found:
        """The cheapest over several starts: rest, half of everything, and random ones."""
        rng = np.random.default_rng(seed)
        found = []
        for k in range(starts):
            first = self.first.copy()
            room = np.where(np.isfinite(self.high - self.low), self.high - self.low, 0.0)
            room[: self.n_market] = np.minimum(self.high - self.low, VIRTUAL_START_MW)[: self.n_market]
            first += room * ((0.0, 0.5)[k] if k < 2 else rng.uniform(size=len(room)))
            run = partial(self._solve_from, first)
            found.append(branching.best(run, self.low, self.high, self.choices))
        ended = [each for each in found if each is not None]
        if not ended:
            raise RuntimeError(f"ipopt found no optimum: {self._solver.stats()['return_status']}")
        return min(ended, key=lambda each: each.cost)

    def _solve_from(
        self, first: np.ndarray, low: np.ndarray, high: np.ndarray, again: np.ndarray | None
    ) -> _Found | None:
        """One ipopt run from `first`, or from `again` where given; None where it does not end in an optimum."""
        if (low > high).any():
            return None
        first = first if again is None else again
        bounds = {"lbx": low, "ubx": high, "lbg": self.con_low, "ubg": self.con_high}
        end = self._solver(x0=np.clip(first, low, high), **bounds)
        x, values = (np.asarray(end[k]).ravel() for k in ("x", "g"))
        off = np.maximum(self.con_low - values, values - self.con_high)
        if not self._solver.stats()["success"] or off.max(initial=0.0) > FEASIBLE:
            return None
        return _Found(float(end["f"]), x, np.asarray(end["lam_g"]).ravel(), values)

    def relax_to_baseline(self) -> None:
        """A limit violated at baseline becomes its baseline value."""
        rest, at = self.at_market(np.zeros(self.n_market)), self.at_limits
        self.con_low[at] = np.minimum(self.con_low[at], rest.values[at])
        self.con_high[at] = np.maximum(self.con_high[at], rest.values[at])
        self.rest_cost, self.first = rest.cost, rest.x

    def at_market(self, x: np.ndarray) -> _Found:
        """Power flow and cost with the market's variables at x : [n_market], held against no limit."""
        keep, held = (self.low, self.high, self.con_low, self.con_high, self.choices), self.physical
        self.low, self.high = self.low.copy(), self.high.copy()
        self.low[: self.n_market] = self.high[: self.n_market] = x
        self.con_low = np.where(held, self.con_low, -np.inf)
        self.con_high = np.where(held, self.con_high, np.inf)
        self.choices = self.choices[self.n_market_choices :]
        found = self.best(1, 0)
        self.low, self.high, self.con_low, self.con_high, self.choices = keep
        return found

    def awarded(
        self, awards: dict[str, Any], unmet: list[dict[str, Any]], served: dict[str, list[dict[str, Any]]]
    ) -> np.ndarray:
        """[n_market] the market's variables of a result's `awards`, `unmet` and `served`."""
        x = np.zeros(self.n_market)
        for name, award in awards.items():
            accepted = np.asarray(award["accepted"], dtype=float)
            if ("offer", name) in self.places:
                x[self.places["offer", name][0]] = accepted
            else:
                x[self.places["charge", name][0]] = np.maximum(-accepted, 0.0)
                x[self.places["discharge", name][0]] = np.maximum(accepted, 0.0)
        buses = {r["id"]: r["buses"] for r in self.document.get("requests", ())}
        free = [self.net.ids[i] for i in self.others]
        for name, parts in served.items():
            for part in parts:
                x[self.places["request", name][buses[name].index(part["bus"]), part["step"]]] = part["quantity"]
        for entry in (entry for entry in unmet if "bus" in entry):
            quantity = entry["quantity_mw" if entry["commodity"] == "P" else "quantity_mvar"]
            key, rows = ("virtual", entry["commodity"], entry["direction"]), free
            if entry.get("request") is not None:
                key, rows = ("request", entry["request"]), buses[entry["request"]]
            x[self.places[key][rows.index(entry["bus"]), entry["step"]]] = quantity
        return x

    def reference(self, found: _Found) -> Reference:
        """What the solution means."""
        every = ca.vertcat(*self.var.symbols)

        def value(expression: Any) -> np.ndarray:
            return np.asarray(ca.Function("value", [every], [expression])(found.x)).squeeze(axis=0)

        e, f = found.x[self.at_e], found.x[self.at_f]
        prices = {}
        for commodity, places in (("P", self.at_p), ("Q", self.at_q)):
            price = np.zeros((len(self.net.ids), self.n))
            price[self.others] = found.multipliers[places] / self.h
            price[self.net.coupling] = self.pi if commodity == "P" else 0.0
            prices[commodity] = dict(zip(self.net.ids, price, strict=True))
        return Reference(
            objective_eur=float(value(self.cost)[0]) - self.rest_cost,
            total_eur=found.cost - self.rest_cost,
            accepted={name: value(x) for name, x in self.accepted.items()},
            served={name: value(x) for name, x in self.served.items()},
            unmet={key: value(x) for key, x in self.unmet.items()},
            p_price=prices["P"],
            q_price=prices["Q"],
            vm_pu=np.hypot(e, f),
        )


def _unloaded(net: NetworkArrays) -> np.ndarray:
    """[n_bus, n_steps] voltages without injections, where the search starts."""
    free = np.arange(len(net.ids)) != net.coupling
    v = np.ones((len(net.ids), len(net.coupling_vm_pu)), dtype=complex) * net.coupling_vm_pu
    y = net.y_bus.tocsc()
    v[free] = np.linalg.solve(
        y[free][:, free].toarray(), -y[free][:, [net.coupling]].toarray() * net.coupling_vm_pu
    )
    return v


def _current(y: Any, e: Any, f: Any) -> tuple[Any, Any]:
    g, b = ca.SX(ca.DM(y.real.tocsc())), ca.SX(ca.DM(y.imag.tocsc()))
    return g @ e - b @ f, g @ f + b @ e


def _power(y: Any, e: Any, f: Any, at: tuple[Any, Any], base_mva: float) -> tuple[Any, Any]:
    """P and Q that flow into the rows of y at voltages `at`."""
    re, im = _current(y, e, f)
    return base_mva * (at[0] * re + at[1] * im), base_mva * (at[1] * re - at[0] * im)
