"""Who pays whom, exact to the cent: rational numbers, half-even rounding, the operator takes the residual."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import lcm
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from engine.grid.network import Ints
from engine.market.awards import QUANTUM_MW
from engine.market.case import COUPLING_PARTY, Case
from engine.market.tables import PER_EURO, OfferTable, PublishedPrices, worth_of_change
from engine.reading import Floats

QUANTA_PER_MW = round(1 / QUANTUM_MW)
NONE = Fraction(0)


@dataclass(frozen=True, slots=True, eq=False)
class Served:
    """Requests served in an auction, one entry for each (request, step, bus).

    owner : index of the request; step; bus : index of the bus; quanta : in `QUANTUM_MW`; all [n_served].
    """

    owner: Ints
    step: Ints
    bus: Ints
    quanta: Ints


@dataclass(frozen=True, slots=True, eq=False)
class Settlement:
    """What was paid.

    prices : [n_offers, n_steps] EUR per MWh or Mvarh of accepted change, as published; paid_by_requests :
    [n_served] likewise; make_whole_cents : [n_offers]; payments : EUR by party, summing to 0.00 with operator and
    coupling.
    """

    prices: Floats
    paid_by_requests: Floats
    make_whole_cents: tuple[int, ...]
    payments: dict[str, str]


class Matched(Protocol):
    """A match of the continuous book."""

    @property
    def offer(self) -> str: ...
    @property
    def request(self) -> str: ...
    @property
    def quantity(self) -> float: ...
    @property
    def price(self) -> float: ...


NOBODY_SERVED = Served(*(np.zeros(0, dtype=np.int64) for _ in range(4)))


def settle(
    case: Case,
    table: OfferTable,
    quanta: NDArray[np.int64],
    import_change_mw: Floats,
    prices: PublishedPrices,
    served: Served = NOBODY_SERVED,
    bonus_eur: Mapping[str, float] | None = None,
) -> Settlement:
    """Payments of a `network` or `requests` clearing by the rule of its options.

    quanta : [n_offers, n_steps] accepted, in `QUANTUM_MW` (a storage's net injection); import_change_mw :
    [n_steps] import after less before, which the operator pays at the coupling price; bonus_eur : under VCG what
    each party is paid beyond its own prices.
    """
    own = (
        table.price,
        np.array([case.requests[k].price[t] for k, t in zip(served.owner, served.step, strict=True)]),
    )
    rule = case.options.payment
    if rule == "nodal":
        paid = _nodal(case, table, quanta, prices, served)
        amounts = _amounts(case, quanta, paid[0])
        costs = _amounts(case, np.abs(quanta), own[0])
        both = zip(costs, amounts, strict=True)
        lifted = [_cents(max(cost - amount, NONE)) if cost else 0 for cost, amount in both]
    else:
        paid = own if rule == "pay_as_bid" else _with_bonus(case, quanta, served, own, bonus_eur or {})
        amounts = _amounts(case, np.abs(quanta), own[0])
        lifted = [0] * len(case.offers)
    owed: dict[str, Fraction] = {}
    for offer, amount, cents in zip(case.offers, amounts, lifted, strict=True):
        _add(owed, offer.party, amount + Fraction(cents, 100) if cents else amount)
    charged = paid[1] if rule == "nodal" else own[1]
    for k, amount in zip(served.owner, _amounts(case, served.quanta[:, None], charged[:, None]), strict=True):
        _add(owed, case.requests[k].party, -amount)
    for party, amount_eur in (bonus_eur or {}).items():
        _add(owed, party, Fraction(amount_eur))
    energy = float((case.coupling_price_eur_per_mwh * import_change_mw).sum()) * case.time.hours
    return Settlement(*paid, tuple(lifted), _balanced(case, owed, energy))


def pay_matches(case: Case, matches: Iterable[Matched]) -> dict[str, str]:
    """Payments of a `continuous` clearing: each match at its price, offers from requests; sum zero."""
    offers = {offer.id: offer.party for offer in case.offers}
    requests = {request.id: request.party for request in case.requests}
    owed: dict[str, Fraction] = dict.fromkeys((*offers.values(), *requests.values()), NONE)
    hours = Fraction(case.time.mtu_minutes, 60)
    for match in matches:
        amount = _decimal(match.quantity) * _decimal(match.price) * hours
        _add(owed, offers[match.offer], amount)
        _add(owed, requests[match.request], -amount)
    return _balanced(case, owed, 0.0)


def _nodal(
    case: Case, table: OfferTable, quanta: NDArray[np.int64], prices: PublishedPrices, served: Served
) -> tuple[Floats, Floats]:
    """Each at the price of its place: two, [n_offers, n_steps] and [n_served].

    A storage's is per MWh injected; where it charges in an auction it counts as down.
    """
    total, balance = prices.total, prices.balance
    change = worth_of_change(total, balance, table.reactive, table.sign, table.bus)
    charging = table.is_storage[:, None] & (quanta < 0)
    charge = -worth_of_change(total, balance, table.reactive, -table.sign, table.bus)
    signs = np.array([request.sign for request in case.requests], dtype=np.float64)[served.owner]
    reactive = np.array([request.commodity == "Q" for request in case.requests], dtype=np.int64)[served.owner]
    bought = worth_of_change(total, balance, reactive, signs, served.bus)
    return (
        np.where(charging, charge, change) / PER_EURO,
        bought[np.arange(len(served.owner)), served.step] / PER_EURO,
    )


def _with_bonus(
    case: Case,
    quanta: NDArray[np.int64],
    served: Served,
    own: tuple[Floats, Floats],
    bonus_eur: Mapping[str, float],
) -> tuple[Floats, Floats]:
    """Own prices and, spread evenly over a party's energy, what VCG pays it beyond; six decimals."""
    hours = case.time.hours / QUANTA_PER_MW
    energy: dict[str, float] = {}
    for offer, row in zip(case.offers, np.abs(quanta).sum(axis=1), strict=True):
        energy[offer.party] = energy.get(offer.party, 0.0) + float(row) * hours
    for k, quantum in zip(served.owner, served.quanta, strict=True):
        party = case.requests[k].party
        energy[party] = energy.get(party, 0.0) + float(quantum) * hours
    per_mwh = {party: bonus_eur.get(party, 0.0) / mwh if mwh else 0.0 for party, mwh in energy.items()}
    offers = np.array([per_mwh[offer.party] for offer in case.offers])
    requests = np.array([per_mwh[case.requests[k].party] for k in served.owner])
    return np.round(own[0] + offers[:, None], 6), np.round(own[1] - requests, 6)


def _amounts(case: Case, quanta: NDArray[np.int64], prices: Floats) -> list[Fraction]:
    """EUR of each row, exact: quanta times prices times the step's length, both [n, n_steps]."""
    row, step = np.nonzero(quanta)
    rates, scale = _whole_numbers(prices[row, step])
    products = quanta[row, step].astype(object) * rates
    starts = np.flatnonzero(np.diff(row, prepend=-1))
    sums: list[Any] = [0] * len(quanta)
    if starts.size:
        for k, total in zip(row[starts], np.add.reduceat(products, starts), strict=True):
            sums[k] = total
    unit = Fraction(case.time.mtu_minutes, 60 * QUANTA_PER_MW * scale)
    return [total * unit if total else NONE for total in sums]


def _whole_numbers(prices: Floats) -> tuple[NDArray[np.object_], int]:
    """Prices as whole numbers of 1/scale EUR, exactly as they are written in decimals."""
    micro = np.rint(prices * PER_EURO)
    if (micro / PER_EURO == prices).all():
        return micro.astype(np.int64).astype(object), PER_EURO
    values, inverse = np.unique(prices, return_inverse=True)
    exact = [_decimal(value) for value in values]
    scale = lcm(*(value.denominator for value in exact))
    return np.array([int(value * scale) for value in exact], dtype=object)[inverse], scale


def _decimal(value: float) -> Fraction:
    """The decimal number that a float is written as."""
    return Fraction(repr(float(value)))


def _add(owed: dict[str, Fraction], party: str, amount: Fraction) -> None:
    before = owed.get(party, NONE)
    owed[party] = before + amount if amount else before


def _cents(amount: Fraction) -> int:
    return round(amount * 100) if amount else 0


def _balanced(case: Case, owed: Mapping[str, Fraction], energy_eur: float) -> dict[str, str]:
    """Cents by party with the coupling's; the operator's amount makes the sum zero."""
    cents = {party: _cents(amount) for party, amount in sorted(owed.items()) if party != case.options.operator}
    cents[COUPLING_PARTY] = round(energy_eur * 100)
    cents[case.options.operator] = -sum(cents.values())
    return {party: euros(amount) for party, amount in cents.items()}


def euros(cents: int) -> str:
    """Cents as euros with two decimals."""
    return f"{'-' if cents < 0 else ''}{abs(cents) // 100}.{abs(cents) % 100:02d}"
