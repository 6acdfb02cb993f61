"""Decision variables of a clearing as flat arrays: offers, requests, storages, virtual changes of last resort."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

from engine.grid.network import Ints, Network
from engine.market.case import Case, Offer, Request
from engine.reading import Floats

OFFER, REQUEST, VIRTUAL, CHARGE, DISCHARGE, LEVEL = range(6)
TRADED = (OFFER, CHARGE, DISCHARGE)
# Virtual change costs the unmet price where a clearing may use it.
VIRTUAL_COST = {"network": 1.0, "requests": 100.0}
TIE_STEP_EUR_PER_MWH = 1e-6
TIE_MAX_EUR_PER_MWH = 4e-5
VIRTUAL_TIE_EUR_PER_MWH = 1e-6

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Columns:
    """One entry per variable, ordered by step; all : [n_columns].

    kind : OFFER .. LEVEL; owner : index of offer or request, -1 for virtual; step; bus : index of the bus; sign :
    +1 raises, -1 lowers the injection, 0 for a storage's level; reactive : the change is of Q; cost : EUR per MW
    or Mvar over the step, ties broken; true_cost : without the tie-breaking part; lower, upper : MW, Mvar, MWh.
    """

    kind: Ints
    owner: Ints
    step: Ints
    bus: Ints
    sign: Floats
    reactive: Mask
    cost: Floats
    true_cost: Floats
    lower: Floats
    upper: Floats

    def __len__(self) -> int:
        return len(self.kind)

    @property
    def at(self) -> tuple[Ints, Ints, Ints]:
        """Where they are in an array [2, n_steps, n_bus] of P (0) and Q (1)."""
        return self.reactive.astype(np.int64), self.step, self.bus

    def chosen(self, keep: Mask | Ints) -> Columns:
        """The variables marked in keep : [n_columns], or at these positions."""
        return Columns(**{f.name: getattr(self, f.name)[keep] for f in fields(Columns)})

    def within(self, lower: Floats, upper: Floats) -> Columns:
        """The same variables between other bounds."""
        return replace(self, lower=lower, upper=upper)

    def injections(self, x: Floats, shape: tuple[int, int]) -> tuple[Floats, Floats]:
        """Changes of P and Q : `shape` = [n_steps, n_bus] made by values x : [n_columns]."""
        change = np.zeros((2, *shape))
        np.add.at(change, self.at, self.sign * x)
        return change[0], change[1]


def market_columns(case: Case, network: Network) -> Columns:
    """Variables of the full market.

    In an auction virtual changes only keep the programmes on the way solvable: doing nothing is always possible.
    """
    is_auction = case.options.clearing != "network"
    parts = [
        *_offer_columns(case, network),
        *_storage_columns(case, network),
        *_request_columns(case, network, is_auction),
    ]
    if case.options.clearing in VIRTUAL_COST:
        n, hours = case.time.n_steps, case.time.hours
        cap = case.options.unmet_price_eur_per_mwh * VIRTUAL_COST[case.options.clearing]
        parts += [
            _virtual_columns(network, n, sign, reactive, cap, hours)
            for reactive in (False, True)
            for sign in (1.0, -1.0)
        ]
    return _joined(parts)


def proposal_columns(case: Case, network: Network, *, reactive: bool) -> Columns:
    """Virtual changes at 1 EUR per MWh and Mvarh: their sum is the least change that cures the needs.

    Only at buses where the baseline has somebody; at all buses where it has nobody anywhere.
    """
    used: Mask = np.any((case.net_p_mw != 0) | (case.net_q_mvar != 0), axis=0)
    kinds = (False, True) if reactive else (False,)
    parts = [
        _virtual_columns(network, case.time.n_steps, s, q, 1.0, case.time.hours)
        for q in kinds
        for s in (1.0, -1.0)
    ]
    columns = _joined(parts)
    return columns.chosen(used[columns.bus]) if used[network.free].any() else columns


def tie_costs(orders: tuple[Offer, ...], n_steps: int) -> Floats:
    """[n_offers, n_steps] EUR/MWh added so that equal prices go by submission, then id.

    Per step, commodity, direction and price the offers are ranked; a rank costs `TIE_STEP_EUR_PER_MWH`, and all
    ranks together stay far below a cent, so that different prices (whole cents) keep their order.
    """
    n = len(orders)
    extra = np.zeros((n, n_steps))
    order = np.array(sorted(range(n), key=lambda i: (orders[i].submitted_at, orders[i].id)), dtype=np.int64)
    kinds = [(orders[i].commodity, orders[i].direction) for i in order]
    kind = np.unique(["/".join(names) for names in kinds], return_inverse=True)[1]
    prices = np.array([orders[i].price for i in order])
    for step in range(n_steps):
        by_price = np.lexsort((prices[:, step], kind))
        as_before = (np.diff(prices[by_price, step]) == 0.0) & (np.diff(kind[by_price]) == 0)
        first = np.flatnonzero(np.concatenate([[True], ~as_before]))
        count = np.diff(np.append(first, n))
        rank = np.arange(n) - np.repeat(first, count)
        rank_cost = np.minimum(TIE_STEP_EUR_PER_MWH, TIE_MAX_EUR_PER_MWH / np.repeat(count, count))
        extra[order[by_price], step] = rank_cost * rank
    return extra


def _joined(parts: list[Columns]) -> Columns:
    arrays = {
        field.name: np.concatenate([getattr(part, field.name) for part in parts]) for field in fields(Columns)
    }
    order = np.argsort(arrays["step"], kind="stable")
    return Columns(**{name: array[order] for name, array in arrays.items()})


def _columns(
    kind: int,
    at: tuple[Ints, Ints, Ints],
    sign: Floats,
    reactive: Mask,
    costs: tuple[Floats, Floats],
    upper: Floats,
) -> Columns:
    """Variables at (owner, step, bus) with (cost, true cost) and no lower bound but 0."""
    owner, step, bus = at
    kinds, lower = np.full(len(owner), kind), np.zeros(len(owner))
    return Columns(kinds, owner, step, bus, sign, reactive, costs[0], costs[1], lower, upper)


def _offer_columns(case: Case, network: Network) -> list[Columns]:
    n, hours = case.time.n_steps, case.time.hours
    which = np.array([k for k, offer in enumerate(case.offers) if offer.storage is None], dtype=np.int64)
    if not which.size:
        return []
    offers = tuple(case.offers[k] for k in which)
    quantity = np.array([offer.quantity for offer in offers])
    row, step = np.nonzero(quantity > 0)
    bus = np.array([network.bus_index[offer.bus] for offer in offers], dtype=np.int64)
    sign = np.array([offer.sign for offer in offers])
    reactive = np.array([offer.commodity == "Q" for offer in offers])
    true = np.array([offer.price for offer in offers])[row, step] * hours
    tied = true + tie_costs(offers, n)[row, step] * hours
    at = (which[row], step, bus[row])
    return [_columns(OFFER, at, sign[row], reactive[row], (tied, true), quantity[row, step])]


def _storage_columns(case: Case, network: Network) -> list[Columns]:
    """Charge, discharge and the level reached at the end of each step."""
    n, hours = case.time.n_steps, case.time.hours
    step, active = np.arange(n), np.zeros(n, dtype=np.bool_)
    parts = []
    for k, offer in enumerate(case.offers):
        storage = offer.storage
        if storage is None:
            continue
        at = (np.full(n, k), step, np.full(n, network.bus_index[offer.bus]))
        cost, free = offer.price * hours, np.zeros(n)
        level = np.full(n, storage.energy_mwh)
        for kind, sign, worth, upper in (
            (CHARGE, -1.0, cost, np.full(n, storage.p_charge_max_mw)),
            (DISCHARGE, 1.0, cost, np.full(n, storage.p_discharge_max_mw)),
            (LEVEL, 0.0, free, level),
        ):
            parts.append(_columns(kind, at, np.full(n, sign), active, (worth, worth), upper))
    return parts


def _request_columns(case: Case, network: Network, is_auction: bool) -> list[Columns]:
    """In an auction serving a request takes what an offer gives; else it makes virtual change cheaper."""
    if not case.requests:
        return []
    toward = -1.0 if is_auction else 1.0
    entries = [
        (k, t, network.bus_index[bus], toward * request.sign, toward * request.price[t], request.quantity[t])
        for k, request in enumerate(case.requests)
        for t in np.flatnonzero(request.quantity > 0)
        for bus in request.buses
    ]
    table = np.array(entries, dtype=np.float64).reshape(-1, 6)
    owner, step, bus = (table[:, i].astype(np.int64) for i in range(3))
    reactive = np.array([request.commodity == "Q" for request in case.requests])[owner]
    cost = table[:, 4] * case.time.hours
    tied = cost + (_request_ties(case.requests)[owner] * case.time.hours if is_auction else 0.0)
    return [_columns(REQUEST, (owner, step, bus), table[:, 3], reactive, (tied, cost), table[:, 5])]


def _request_ties(requests: tuple[Request, ...]) -> Floats:
    """[n_requests] EUR/MWh: among equal values the earlier submission, then the lower id, is served first."""
    order = sorted(range(len(requests)), key=lambda i: (requests[i].submitted_at, requests[i].id))
    extra = np.zeros(len(requests))
    extra[order] = min(TIE_STEP_EUR_PER_MWH, TIE_MAX_EUR_PER_MWH / len(requests)) * np.arange(len(requests))
    return extra


def _virtual_columns(
    network: Network, n_steps: int, sign: float, reactive: bool, price: float, hours: float
) -> Columns:
    step, which = (a.ravel() for a in np.indices((n_steps, len(network.free))))
    bus = network.free[which]
    by_id = np.argsort(np.argsort(np.array(network.bus_ids)))
    true = np.full(len(bus), price * hours)
    tied = true + min(VIRTUAL_TIE_EUR_PER_MWH, price * VIRTUAL_TIE_EUR_PER_MWH) * by_id[bus] * hours
    at = (np.full(len(bus), -1), step, bus)
    flags = np.full(len(bus), reactive)
    return _columns(VIRTUAL, at, np.full(len(bus), sign), flags, (tied, true), np.full(len(bus), np.inf))
