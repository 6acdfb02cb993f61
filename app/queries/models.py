"""Queries and the read models they answer with. Frozen; arrays are numpy, money and volumes Decimal.

Series have one value per quarter hour of the delivery day. Positive power is upward (injection).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from domain.commands import SubmitOffer
from domain.flexibility.assets import AssetBaseline, FlexAsset, Headroom
from domain.flexibility.grids import Job
from domain.flexibility.market import (
    Activation,
    Award,
    FlexOffer,
    FlexRequest,
    Gate,
    MarketSession,
    PriceSeries,
)
from domain.ids import AssetId, PartyId, RegionId, SessionId
from domain.notifications import Notification
from domain.parties import Party, Principal, Region
from domain.time import MarketClock
from domain.units import Series

Floats = NDArray[np.float64]
Answer = TypeVar("Answer")


@dataclass(frozen=True, kw_only=True)
class Query(Generic[Answer]):
    """Base of all queries; the parameter is the read model it answers with."""


# -- everyone ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class ShellView:
    """What every page's frame shows. `market_now` is market time when asked."""

    principal: Principal
    party: Party
    clock: MarketClock
    market_now: datetime
    next_gate: Gate | None
    next_gate_region: RegionId | None
    n_unread: int
    demo: bool


@dataclass(frozen=True, kw_only=True)
class GetShell(Query[ShellView]):
    pass


@dataclass(frozen=True, kw_only=True)
class ListNotifications(Query[tuple[Notification, ...]]):
    """Own notifications, newest first."""

    limit: int = 100


@dataclass(frozen=True, kw_only=True)
class ListParties(Query[tuple[Party, ...]]):
    pass


@dataclass(frozen=True, kw_only=True)
class ListRegions(Query[tuple[Region, ...]]):
    """FMO, ESP, aggregator, ...: all; DSO: its own; TSO: those below it."""


@dataclass(frozen=True, kw_only=True)
class SessionRow:
    session: MarketSession
    region: Region
    gates: tuple[Gate, ...]
    n_requests: int
    n_offers: int
    """Own offers for offering parties, all for the FMO, none shown (0) to others before the gate."""
    requested_mwh: Decimal
    offered_mwh: Decimal
    awarded_mwh: Decimal


@dataclass(frozen=True, kw_only=True)
class ListSessions(Query[tuple[SessionRow, ...]]):
    region_id: RegionId | None = None
    delivery_day: date | None = None


@dataclass(frozen=True, kw_only=True)
class ListPrices(Query[tuple[PriceSeries, ...]]):
    delivery_day: date


# -- the grid -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class GridMap:
    """A region's network as drawn: buses and branches in the order of all state arrays."""

    region_id: RegionId
    bus_ids: tuple[str, ...]
    lon: Floats
    lat: Floats
    vn_kv: Floats
    vm_min_pu: Floats
    vm_max_pu: Floats
    branch_ids: tuple[str, ...]
    from_index: NDArray[np.intp]
    to_index: NDArray[np.intp]
    coupling_bus: str
    zone_of_bus: tuple[str, ...]
    """The congestion zone (feeder) of each bus."""


@dataclass(frozen=True, kw_only=True)
class NeedRow:
    """One element's need of the day: worst value against its limit, and when it lasts."""

    element: str
    kind: str
    """`voltage` (pu) or `loading` (percent)."""
    zone: str
    first_step: int
    last_step: int
    n_steps: int
    worst_step: int
    worst_value: float
    limit: float


@dataclass(frozen=True, kw_only=True)
class ProposedRequest:
    """The least change that would cure a zone's needs: `quantity_mw` [n_steps]."""

    zone: str
    buses: tuple[str, ...]
    direction: str
    quantity_mw: Series


@dataclass(frozen=True, kw_only=True)
class DayState:
    """AC state of a day: `vm_pu` [n_steps, n_buses], `loading_percent` [n_steps, n_branches], `p_coupling_mw`
    [n_steps] (import from above, MW)."""

    vm_pu: Floats
    loading_percent: Floats
    p_coupling_mw: Floats
    needs: tuple[NeedRow, ...]


@dataclass(frozen=True, kw_only=True)
class GridView:
    """Map and state of a region's day. `after` is there once a session has a result the asker may see;
    `computing` names the running job when the state is not there yet."""

    grid: GridMap
    before: DayState | None
    after: DayState | None
    proposed: tuple[ProposedRequest, ...]
    computing: Job | None
    network_uploaded_at: datetime
    schedule_uploaded_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class GetGrid(Query[GridView | None]):
    """DSO of the region, FMO, TSO above it; ESP and aggregator get it too, without the needs' after state
    before publication. None when there is no network yet."""

    region_id: RegionId
    delivery_day: date


@dataclass(frozen=True, kw_only=True)
class UnitRow:
    """A unit of a region's network, and the asset registered behind it, if any."""

    unit_id: str
    bus: str
    kind: str
    type: str
    p_max_mw: float
    s_max_mva: float | None
    asset: FlexAsset | None


@dataclass(frozen=True, kw_only=True)
class ListUnits(Query[tuple[UnitRow, ...]]):
    region_id: RegionId


# -- assets, requests, offers -------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class ListAssets(Query[tuple[FlexAsset, ...]]):
    """Owners: own; DSO: in its regions; FMO: all."""

    region_id: RegionId | None = None


@dataclass(frozen=True, kw_only=True)
class AssetDay:
    """An asset's day: schedule by the DSO, own baseline if uploaded, and what can be offered.

    `offered_mw_up`, `offered_mw_down`: what own submitted offers already take, [n_steps]."""

    asset: FlexAsset
    schedule_p_mw: Series
    baseline: AssetBaseline | None
    headroom: Headroom
    offered_up_mw: Series
    offered_down_mw: Series


@dataclass(frozen=True, kw_only=True)
class GetAssetDay(Query[AssetDay]):
    asset_id: AssetId
    delivery_day: date


@dataclass(frozen=True, kw_only=True)
class ListRequests(Query[tuple[FlexRequest, ...]]):
    """Published requests; a DSO's own in every state; TSO those of its regions."""

    session_id: SessionId | None = None
    region_id: RegionId | None = None


@dataclass(frozen=True, kw_only=True)
class OfferRow:
    offer: FlexOffer
    party: Party
    offered_mwh: Decimal
    accepted_mwh: Decimal | None
    """Null before the result is published to the asker."""
    payment_eur: Decimal | None


@dataclass(frozen=True, kw_only=True)
class ListOffers(Query[tuple[OfferRow, ...]]):
    """Owners: own; FMO: all; DSO: those of its regions after the gate. Newest first."""

    session_id: SessionId | None = None


@dataclass(frozen=True, kw_only=True)
class AwardRow:
    award: Award
    party: Party
    asset: FlexAsset
    accepted_mwh: Decimal
    activation: Activation | None


@dataclass(frozen=True, kw_only=True)
class UnmetRow:
    """What stays unmet: the element with value and limit, or the bus with the missing change."""

    element: str
    kind: str
    step: int
    value: float
    limit: float
    reason: str


@dataclass(frozen=True, kw_only=True)
class ProofView:
    """The independent AC power flow of the awards."""

    clean: bool
    vm_min_pu: float
    vm_max_pu: float
    max_loading_percent: float
    worst: str


@dataclass(frozen=True, kw_only=True)
class ResultView:
    """A session's result as the asker may see it: FMO all (from `cleared`), DSO its own region and offering
    parties their own awards (from `published`)."""

    session: MarketSession
    job: Job | None
    status: str
    reason: str
    objective_eur: Decimal | None
    awards: tuple[AwardRow, ...]
    unmet: tuple[UnmetRow, ...]
    payments_eur: dict[PartyId, Decimal]
    proof: ProofView | None
    n_needs_before: int
    case_sha256: str
    result_sha256: str
    solve_seconds: float


@dataclass(frozen=True, kw_only=True)
class GetResult(Query[ResultView]):
    session_id: SessionId


@dataclass(frozen=True, kw_only=True)
class ListActivations(Query[tuple[AwardRow, ...]]):
    """Own awards with their activations, from publication on."""


@dataclass(frozen=True, kw_only=True)
class ListJobs(Query[tuple[Job, ...]]):
    """FMO: all; others: own. Newest first, without inputs and results."""

    limit: int = 50


@dataclass(frozen=True, kw_only=True)
class CouplingRow:
    """Requests and results summed by region and coupling point, per step, MW."""

    region: Region
    coupling_bus: str
    requested_up_mw: Series
    requested_down_mw: Series
    awarded_up_mw: Series
    awarded_down_mw: Series
    p_before_mw: Floats | None
    """Import at the coupling point before, [n_steps]."""
    p_after_mw: Floats | None


@dataclass(frozen=True, kw_only=True)
class SumByCoupling(Query[tuple[CouplingRow, ...]]):
    delivery_day: date


@dataclass(frozen=True, kw_only=True)
class PortfolioRow:
    """A retailer's or BRP's day: production and load of the assets it is responsible for, MW per step."""

    region: Region
    n_assets: int
    production_p_mw: Series
    load_p_mw: Series


@dataclass(frozen=True, kw_only=True)
class GetPortfolio(Query[tuple[PortfolioRow, ...]]):
    delivery_day: date


@dataclass(frozen=True, kw_only=True)
class ExampleFiles:
    """The region's own network and schedule documents, to download as examples and templates."""

    network_json: str
    schedule_csv: str


@dataclass(frozen=True, kw_only=True)
class GetFiles(Query[ExampleFiles]):
    region_id: RegionId
    delivery_day: date


@dataclass(frozen=True, kw_only=True)
class OfferCheck:
    """Findings of an offer that is being composed, before it is sent; empty means it would be taken."""

    findings: tuple[tuple[str, str, str], ...]
    """(code, field, sentence)"""
    offered_mwh: Decimal


@dataclass(frozen=True, kw_only=True)
class CheckOffer(Query[OfferCheck]):
    """The same checks as `SubmitOffer`, nothing stored."""

    command: SubmitOffer
