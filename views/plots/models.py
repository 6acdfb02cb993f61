"""What the figures are drawn from: small frozen records of numpy arrays. Units in the names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating]
Overlay = Literal["loading", "voltage"]
ElementKind = Literal["branch", "bus"]
KM_PER_DEGREE = 111.195  # of a great circle, mean earth radius 6371.0 km


@dataclass(frozen=True, kw_only=True)
class GridTopology:
    """A network as drawn. Branches are lines and transformers.

    bus_name : [n_bus]; bus_lon_degree, bus_lat_degree : [n_bus]
    bus_vm_min_pu, bus_vm_max_pu : [n_bus], the limits
    branch_name : [n_branch]; branch_from, branch_to : [n_branch], positions in bus_name
    branch_max_loading_percent : [n_branch], the limits
    substation : [k], positions of the buses drawn as squares
    """

    bus_name: Sequence[str]
    bus_lon_degree: Floats
    bus_lat_degree: Floats
    bus_vm_min_pu: Floats
    bus_vm_max_pu: Floats
    branch_name: Sequence[str]
    branch_from: NDArray[np.integer]
    branch_to: NDArray[np.integer]
    branch_max_loading_percent: Floats
    substation: Sequence[int] = ()

    def __post_init__(self) -> None:
        n_bus, n_branch = len(self.bus_name), len(self.branch_name)
        for field in ("bus_lon_degree", "bus_lat_degree", "bus_vm_min_pu", "bus_vm_max_pu"):
            _require_length(field, getattr(self, field), n_bus)
        for field in ("branch_from", "branch_to", "branch_max_loading_percent"):
            _require_length(field, getattr(self, field), n_branch)

    def xy_km(self) -> Floats:
        """[n_bus, 2] float32: kilometres east and north of the middle (equirectangular)."""
        lon, lat = np.asarray(self.bus_lon_degree, float), np.asarray(self.bus_lat_degree, float)
        lon0, lat0 = (lon.min() + lon.max()) / 2, (lat.min() + lat.max()) / 2
        east = (lon - lon0) * np.cos(np.radians(lat0)) * KM_PER_DEGREE
        return np.column_stack([east, (lat - lat0) * KM_PER_DEGREE]).astype(np.float32)


@dataclass(frozen=True, kw_only=True)
class GridDay:
    """A day's state of a network; NaN where an element is out of service.

    loading_percent : [n_step, n_branch]; vm_pu : [n_step, n_bus]
    """

    loading_percent: Floats
    vm_pu: Floats

    @property
    def n_step(self) -> int:
        """Number of steps: 92, 96 or 100 quarter hours."""
        return len(self.vm_pu)

    def check_fits(self, grid: GridTopology) -> None:
        """Raises ValueError when the arrays are not of this network."""
        if self.loading_percent.shape != (self.n_step, len(grid.branch_name)):
            raise ValueError("loading_percent: must be [n_step, n_branch]")
        if self.vm_pu.shape != (self.n_step, len(grid.bus_name)):
            raise ValueError("vm_pu: must be [n_step, n_bus]")


@dataclass(frozen=True, kw_only=True)
class BusPrices:
    """A day's prices at the buses of a network; NaN where there is none to see.

    total : [n_step, n_bus], in unit; centre : [n_step], the middle of the scale; unit : "EUR/MWh"
    label : what it is a price of; middle : what the middle of the scale is
    """

    total: Floats
    centre: Floats
    unit: str
    label: str = "Price"
    middle: str = "at the coupling point"

    def check_fits(self, grid: GridTopology) -> None:
        """Raises ValueError when the arrays are not of this network."""
        if self.total.shape != (len(self.centre), len(grid.bus_name)):
            raise ValueError("total: must be [n_step, n_bus]")


@dataclass(frozen=True, kw_only=True)
class PriceDay:
    """One bus's price over a day, [n_step], and the parts it adds up from: energy, loss, congestion, voltage."""

    total: Floats
    parts: Mapping[str, Floats]
    unit: str


@dataclass(frozen=True, kw_only=True)
class RequestOnMap:
    """A request as a layer of the map.

    name; buses : positions in bus_name; direction : "up" or "down"; quantity : [n_step] in unit ("MW")
    """

    name: str
    buses: Sequence[int]
    direction: str
    quantity: Floats
    unit: str = "MW"


@dataclass(frozen=True, kw_only=True)
class WorstOfDay:
    """The line behind the time slider: the worst value of each step.

    value : [n_step]; label : "Highest loading"; unit : "%"; limit : upper limit in the unit, NaN without one
    """

    value: Floats
    label: str
    unit: str
    limit: float


@dataclass(frozen=True, kw_only=True)
class ElementDay:
    """One element's day: value against limits, and awarded flexibility at it.

    name, quantity ("Loading"), unit ("%"); value : [n_step]
    lower, upper : limits in the unit or None
    after : [n_step] value after the clearing or None
    award_p_mw : [n_step], positive upward, or None
    """

    name: str
    quantity: str
    unit: str
    value: Floats
    lower: float | None = None
    upper: float | None = None
    after: Floats | None = None
    award_p_mw: Floats | None = None


@dataclass(frozen=True, kw_only=True)
class MeritOrder:
    """Offers of one step, direction and commodity, any order, in its units.

    name : [n]; p_mw : [n], positive; price_eur_per_mwh : [n]; awarded_p_mw : [n] or None
    required_p_mw : what is needed, or None
    """

    name: Sequence[str]
    p_mw: Floats
    price_eur_per_mwh: Floats
    awarded_p_mw: Floats | None = None
    required_p_mw: float | None = None
    power_unit: str = "MW"
    price_unit: str = "EUR/MWh"


def _require_length(field: str, values: object, n: int) -> None:
    if np.shape(values) != (n,):
        raise ValueError(f"{field}: expected {n} values, got shape {np.shape(values)}")
