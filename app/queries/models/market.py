"""Sessions, requests, offers and results."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from app.bridge.outcomes import NodalPrices, ProofView, UnmetRow
from app.queries.models.base import Query
from domain.commands import SubmitOffer
from domain.flexibility.assets import Direction, FlexAsset
from domain.flexibility.commodity import Commodity
from domain.flexibility.explanation import Explanation
from domain.flexibility.grids import Job
from domain.flexibility.market import (
    Activation,
    Award,
    FlexOffer,
    FlexRequest,
    Gate,
    MarketSession,
)
from domain.ids import OfferId, PartyId, RegionId, RequestId, SessionId
from domain.paging import Slice
from domain.parties import Party, Region


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
    """By delivery day and region unless `part` says how."""

    session_id: SessionId | None = None
    region_id: RegionId | None = None
    delivery_day: date | None = None
    part: Slice | None = None


@dataclass(frozen=True, kw_only=True)
class ListRequests(Query[tuple[FlexRequest, ...]]):
    """Published requests; a DSO's own in every state; TSO those of its regions. Newest first unless `part` says
    how."""

    request_id: RequestId | None = None
    session_id: SessionId | None = None
    region_id: RegionId | None = None
    direction: Direction | None = None
    commodity: Commodity | None = None
    part: Slice | None = None


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
    call_until: datetime | None = None
    """Until when the region's DSO may call it by itself; null where it may not, or no longer."""


@dataclass(frozen=True, kw_only=True)
class ListOffers(Query[tuple[OfferRow, ...]]):
    """Owners: own; FMO: all; DSO: those of its regions after the gate. Newest first unless `part` says how."""

    offer_id: OfferId | None = None
    session_id: SessionId | None = None
    region_id: RegionId | None = None
    direction: Direction | None = None
    commodity: Commodity | None = None
    part: Slice | None = None


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
class OfferCheck:
    """Findings of an offer that is being composed, before it is sent; empty means it would be taken."""

    findings: tuple[tuple[str, str, str], ...]
    """(code, field, sentence)"""
    offered_mwh: Decimal


@dataclass(frozen=True, kw_only=True)
class CheckOffer(Query[OfferCheck]):
    """The same checks as `SubmitOffer`, nothing stored."""

    command: SubmitOffer
