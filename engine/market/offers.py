"""Offers and requests of a market case."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from engine.reading import EPOCH, Floats

COUPLING_PARTY = "coupling"
SIGN = {"up": 1.0, "down": -1.0}


@dataclass(frozen=True, slots=True)
class Storage:
    """Limits of a storage; energies in MWh, powers in MW, efficiencies as shares of the energy moved."""

    p_charge_max_mw: float
    p_discharge_max_mw: float
    energy_mwh: float
    energy_start_mwh: float
    energy_end_mwh: float
    efficiency_charge: float
    efficiency_discharge: float


@dataclass(frozen=True, slots=True, eq=False)
class Offer:
    """An offer of P, Q or a storage at one bus.

    quantity : [n_steps] MW (P), Mvar (Q), or MW of discharge (storage); price : [n_steps] EUR/MWh or EUR/Mvarh of
    accepted change; min_acceptance : share of a step's quantity below which nothing is accepted; block : all
    steps wholly or none; max_energy_mwh over the horizon; ramp_mw_per_step : largest change from step to step;
    s_max_mva : apparent power shared by all offers of the asset; exclusive_group : at most one offer of it is
    accepted; linked_to : id of the offer whose accepted share bounds this one's in every step; withdrawn_at : when
    its rest was taken back (continuous matching only).
    """

    id: str
    party: str
    bus: str
    commodity: str
    direction: str
    submitted_at: datetime
    quantity: Floats
    price: Floats
    asset: str | None = None
    min_acceptance: float = 0.0
    block: bool = False
    max_energy_mwh: float | None = None
    ramp_mw_per_step: float | None = None
    s_max_mva: float | None = None
    exclusive_group: str | None = None
    linked_to: str | None = None
    storage: Storage | None = None
    withdrawn_at: datetime | None = None

    @property
    def sign(self) -> float:
        """+1 for up, -1 for down."""
        return SIGN[self.direction]

    @property
    def has_choice(self) -> bool:
        """Whether some of it is whole or nothing."""
        return self.block or self.min_acceptance > 0.0 or self.exclusive_group is not None


@dataclass(frozen=True, slots=True, eq=False)
class Request:
    """What a party would pay at most at its buses, up to a quantity.

    quantity : [n_steps] MW or Mvar; price : [n_steps] EUR/MWh or EUR/Mvarh; conditional : a right to the change,
    withdrawn_at : when its rest was taken back (both in continuous matching only).
    """

    id: str
    party: str
    buses: tuple[str, ...]
    commodity: str
    direction: str
    quantity: Floats
    price: Floats
    conditional: bool = False
    submitted_at: datetime = EPOCH
    withdrawn_at: datetime | None = None

    @property
    def sign(self) -> float:
        """+1 for up, -1 for down."""
        return SIGN[self.direction]
