"""Decision variables of a clearing as flat arrays: offers, requests, virtual changes of last resort."""

from __future__ import annotations

from dataclasses import dataclass, fields
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from engine.grid.network import Ints, Network
from engine.market.case import Case, Offer
from engine.reading import Floats

OFFER, REQUEST, VIRTUAL = 0, 1, 2
TIE_STEP_EUR_PER_MWH = 1e-4
TIE_MAX_EUR_PER_MWH = 0.004
VIRTUAL_TIE_EUR_PER_MWH = 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class Columns:
    """One entry per variable, ordered by step; all : [n_columns].

    kind : OFFER, REQUEST or VIRTUAL; owner : index of offer or request, -1 for virtual; step; bus : index of the
    bus; sign : +1 raises, -1 lowers the injection; reactive : the change is of Q; cost : EUR per MW or Mvar over
    the step, ties broken; true_cost : without the tie-breaking part; upper : MW or Mvar.
    """

    kind: Ints
    owner: Ints
    step: Ints
    bus: Ints
    sign: Floats
    reactive: NDArray[np.bool_]
    cost: Floats
    true_cost: Floats
    upper: Floats

    def __len__(self) -> int:
        return len(self.kind)

    def at_buses(self, chosen: NDArray[np.bool_]) -> Columns:
        """The variables at chosen buses : [n_bus]."""
        keep = chosen[self.bus]
        return Columns(**{f.name: getattr(self, f.name)[keep] for f in fields(Columns)})

    def injections(self, x: Floats, shape: tuple[int, int]) -> tuple[Floats, Floats]:
        """Changes of P and Q : `shape` = [n_steps, n_bus] made by values x : [n_columns]."""
        p, q = np.zeros(shape), np.zeros(shape)
        active, reactive = ~self.reactive, self.reactive
        np.add.at(p, (self.step[active], self.bus[active]), (self.sign * x)[active])
        np.add.at(q, (self.step[reactive], self.bus[reactive]), (self.sign * x)[reactive])
        return p, q


def market_columns(case: Case, network: Network) -> Columns:
    """Variables of the full market."""
    cap = case.options.unmet_price_eur_per_mwh
    parts = [
        _offer_columns(case, network),
        _request_columns(case, network),
        *(
            _virtual_columns(network, case.time.n_steps, sign, reactive, cap, case.time.hours)
            for reactive in (False, True)
            for sign in (1.0, -1.0)
        ),
    ]
    return _joined(parts)


def proposal_columns(case: Case, network: Network) -> Columns:
    """Virtual changes of P alone at 1 EUR/MWh: their sum is the least change that cures the needs.

    Only at buses where the baseline has somebody; at all buses where it has nobody anywhere.
    """
    used: NDArray[np.bool_] = np.any((case.net_p_mw != 0) | (case.net_q_mvar != 0), axis=0)
    parts = [_virtual_columns(network, case.time.n_steps, s, False, 1.0, case.time.hours) for s in (1.0, -1.0)]
    columns = _joined(parts)
    return columns.at_buses(used) if used[network.free].any() else columns


def _joined(parts: list[Columns]) -> Columns:
    arrays = {
        field.name: np.concatenate([getattr(part, field.name) for part in parts]) for field in fields(Columns)
    }
    order = np.argsort(arrays["step"], kind="stable")
    return Columns(**{name: array[order] for name, array in arrays.items()})


def tie_costs(offers: tuple[Offer, ...], n_steps: int) -> Floats:
    """[n_offers, n_steps] EUR/MWh added so that equal prices go by submission, then id.

    Per step and price the offers are ranked; a rank costs `TIE_STEP_EUR_PER_MWH`, and all ranks together stay
    below half a cent, so that different prices (whole cents) keep their order.
    """
    extra = np.zeros((len(offers), n_steps))
    order = sorted(range(len(offers)), key=lambda i: (offers[i].submitted_at, offers[i].id))
    for step in range(n_steps):
        by_price = sorted(order, key=lambda i: float(offers[i].price_eur_per_mwh[step]))
        for _, group in groupby(by_price, key=lambda i: float(offers[i].price_eur_per_mwh[step])):
            tied = list(group)
            rank_cost = min(TIE_STEP_EUR_PER_MWH, TIE_MAX_EUR_PER_MWH / len(tied))
            extra[tied, step] = rank_cost * np.arange(len(tied))
    return extra


def _columns(
    kind: int, owner: Ints, step: Ints, bus: Ints, sign: Floats, costs: tuple[Floats, Floats], upper: Floats
) -> Columns:
    reactive = np.zeros(len(owner), dtype=np.bool_)
    return Columns(np.full(len(owner), kind), owner, step, bus, sign, reactive, costs[0], costs[1], upper)


def _offer_columns(case: Case, network: Network) -> Columns:
    n = case.time.n_steps
    offers = case.offers
    quantity = np.array([offer.quantity_mw for offer in offers]).reshape(-1, n)
    owner, step = np.nonzero(quantity > 0)
    bus = np.array([network.bus_index[offer.bus] for offer in offers], dtype=np.int64)
    sign = np.array([offer.sign for offer in offers])
    true = np.array([offer.price_eur_per_mwh for offer in offers]).reshape(-1, n)[owner, step] * case.time.hours
    extra = tie_costs(offers, n)[owner, step] * case.time.hours
    return _columns(OFFER, owner, step, bus[owner], sign[owner], (true + extra, true), quantity[owner, step])


def _request_columns(case: Case, network: Network) -> Columns:
    n = case.time.n_steps
    entries = [
        (k, t, network.bus_index[bus], request.sign, request.price_eur_per_mwh[t], request.quantity_mw[t])
        for k, request in enumerate(case.requests)
        for t in range(n)
        if request.quantity_mw[t] > 0
        for bus in request.buses
    ]
    table = np.array(entries, dtype=np.float64).reshape(-1, 6)
    owner, step, bus = (table[:, i].astype(np.int64) for i in range(3))
    cost = table[:, 4] * case.time.hours
    return _columns(REQUEST, owner, step, bus, table[:, 3], (cost, cost), table[:, 5])


def _virtual_columns(
    network: Network, n_steps: int, sign: float, reactive: bool, price: float, hours: float
) -> Columns:
    step, which = (a.ravel() for a in np.indices((n_steps, len(network.free))))
    bus = network.free[which]
    by_id = np.argsort(np.argsort(np.array(network.bus_ids)))
    true = np.full(len(bus), price * hours)
    tied = true + min(VIRTUAL_TIE_EUR_PER_MWH, price * VIRTUAL_TIE_EUR_PER_MWH) * by_id[bus] * hours
    owner = np.full(len(bus), -1)
    signs, upper = np.full(len(bus), sign), np.full(len(bus), np.inf)
    return Columns(
        np.full(len(bus), VIRTUAL), owner, step, bus, signs, np.full(len(bus), reactive), tied, true, upper
    )
