"""Queries and the read models they answer with. Frozen; arrays are numpy, money and volumes Decimal.

Series have one value per quarter hour of the delivery day. Positive power is upward (injection).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Generic, TypeVar

from app.bridge.outcomes import NodalPrices as NodalPrices
from app.bridge.outcomes import PriceParts as PriceParts
from app.bridge.outcomes import ProofView as ProofView
from app.bridge.outcomes import UnmetRow as UnmetRow
from app.bridge.states import DayState as DayState
from app.bridge.states import Floats as Floats
from app.bridge.states import GridMap as GridMap
from app.bridge.states import NeedRow as NeedRow
from app.bridge.states import Plan as Plan
from app.bridge.states import ProposedRequest as ProposedRequest
from domain.commands import SubmitOffer
from domain.flexibility.assets import AssetBaseline, FlexAsset, Headroom
from domain.flexibility.explanation import Explanation
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
    requested_mvarh: Decimal = Decimal(0)
    offered_mvarh: Decimal = Decimal(0)
    awarded_mvarh: Decimal = Decimal(0)


@dataclass(frozen=True, kw_only=True)
class ListSessions(Query[tuple[SessionRow, ...]]):
    region_id: RegionId | None = None
    delivery_day: date | None = None


@dataclass(frozen=True, kw_only=True)
class ListPrices(Query[tuple[PriceSeries, ...]]):
    delivery_day: date


# -- the grid -----------------------------------------------------------------------------------------------


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
    """An asset's day: schedule by the DSO, own baseline if uploaded, what can be offered, and what own submitted
    offers already take of it."""

    asset: FlexAsset
    schedule_p_mw: Series
    baseline: AssetBaseline | None
    headroom: Headroom
    offered: Headroom


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
    """An offer in the book; its volumes are in the energy unit of its commodity."""

    offer: FlexOffer
    party: Party
    offered_mwh: Decimal
    accepted_mwh: Decimal | None
    """Null before the result is published to the asker."""
    payment_eur: Decimal | None
    why: tuple[tuple[Explanation, str], ...] = ()
    """What the clearing says of lines that were not accepted in full, each with its sentence."""


@dataclass(frozen=True, kw_only=True)
class ListOffers(Query[tuple[OfferRow, ...]]):
    """Owners: own; FMO: all; DSO: those of its regions after the gate. Newest first."""

    session_id: SessionId | None = None


@dataclass(frozen=True, kw_only=True)
class AwardRow:
    """An award; `accepted_mwh` is in the energy unit of its commodity."""

    award: Award
    party: Party
    asset: FlexAsset
    accepted_mwh: Decimal
    activation: Activation | None


@dataclass(frozen=True, kw_only=True)
class ResultView:
    """A session's result as the asker may see it: FMO all (from `cleared`), DSO its own region and offering
    parties their own awards (from `published`), a TSO the outcome and its proof without awards and payments."""

    session: MarketSession
    job: Job | None
    status: str
    reason: str
    objective_eur: Decimal | None
    welfare_eur: Decimal | None
    lower_bound_eur: Decimal | None
    gap: float | None
    pivotal: tuple[PartyId, ...]
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
class GetNodalPrices(Query[NodalPrices | None]):
    """The prices of a session's result, for those who may see the result: FMO, DSO, TSO at every bus, offering
    parties at the buses of their confirmed assets. None where the clearing gave no prices."""

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
    """Requests and results of active power summed by region and coupling point, per step, MW."""

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
    awarded_p_mw: Series
    """Awards to these assets from publication on, up positive; zero before."""


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
