"""What is traded: active power (P) or reactive power (Q), each with its own units."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, kw_only=True)
class Units:
    """How a commodity is counted and named."""

    power: str
    energy: str
    price: str
    word: str


class Commodity(StrEnum):
    """A quantity, an energy and a price of a request, an offer or an award are in the units of its commodity:
    what is named `_mw`, `_mwh` and `_eur_per_mwh` there is Mvar, Mvarh and EUR/Mvarh where it is Q."""

    P = "P"
    Q = "Q"

    @property
    def units(self) -> Units:
        return _UNITS[self]


_UNITS: Mapping[Commodity, Units] = {
    Commodity.P: Units(power="MW", energy="MWh", price="EUR/MWh", word="active power"),
    Commodity.Q: Units(power="Mvar", energy="Mvarh", price="EUR/Mvarh", word="reactive power"),
}
