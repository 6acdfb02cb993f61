"""Offers as arrays, and what a change by each of them is worth at a clearing's prices."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from engine.grid.network import Ints, Network
from engine.market.case import Case, Offer, Request
from engine.market.prices import Prices
from engine.reading import Floats

PARTS = ("energy", "loss", "congestion", "voltage")
PER_EURO = 1_000_000

Mask = NDArray[np.bool_]
Values = TypeVar("Values", Floats, Ints)


@dataclass(frozen=True, slots=True, eq=False)
class OfferTable:
    """Offers in the order of the case.

    sign : [n_offers] +1 up, -1 down, +1 for a storage (discharge); bus : index; reactive, is_storage : [n_offers];
    quantity, price : [n_offers, n_steps] MW or Mvar, EUR/MWh or EUR/Mvarh.
    """

    sign: Floats
    bus: Ints
    reactive: Ints
    is_storage: Mask
    quantity: Floats
    price: Floats


def offer_table(case: Case, network: Network) -> OfferTable:
    """The offers of a case."""
    offers, shape = case.offers, (len(case.offers), case.time.n_steps)
    return OfferTable(
        sign=np.array([offer.sign for offer in offers], dtype=np.float64),
        bus=np.array([network.bus_index[offer.bus] for offer in offers], dtype=np.int64),
        reactive=np.array([offer.commodity == "Q" for offer in offers], dtype=np.int64),
        is_storage=np.array([offer.storage is not None for offer in offers], dtype=np.bool_),
        quantity=_series(offers, "quantity", shape),
        price=_series(offers, "price", shape),
    )


def _series(items: tuple[Offer, ...] | tuple[Request, ...], field: str, shape: tuple[int, int]) -> Floats:
    return np.array([getattr(item, field) for item in items], dtype=np.float64).reshape(shape)


@dataclass(frozen=True, slots=True, eq=False)
class PublishedPrices:
    """Prices in whole millionths of a euro, so that their parts add up exactly.

    parts : of `PARTS`, each [2, n_steps, n_bus] for P and Q; balance : [2, 2, n_steps], what an auction's balance
    adds for up and down.
    """

    parts: dict[str, Ints]
    balance: Ints

    @property
    def total(self) -> Ints:
        """[2, n_steps, n_bus] the sum of the parts."""
        total: Ints = np.sum(list(self.parts.values()), axis=0, dtype=np.int64)
        return total


def publish(prices: Prices) -> PublishedPrices:
    """Prices rounded part by part."""
    parts = {part: _micro(getattr(prices, part)) for part in PARTS}
    return PublishedPrices(parts, _micro(prices.balance))


def _micro(values: Floats) -> Ints:
    return np.rint(values * PER_EURO).astype(np.int64)


def worth_of_change(total: Values, balance: Values, reactive: Ints, sign: Floats, bus: Ints) -> Values:
    """[n, n_steps] price of a change by `sign` at a bus, in the unit of total and balance.

    Up is worth beta_up + w, down beta_down - w, with w = total : [2, n_steps, n_bus]; balance : [2, 2, n_steps].
    """
    turn = sign.astype(total.dtype)[:, None]
    return total[reactive, :, bus] * turn + balance[reactive, (sign < 0).astype(np.int64)]
