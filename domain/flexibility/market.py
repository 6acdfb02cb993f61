"""What is asked, offered, cleared and called: requests, offers, sessions, awards, activations, prices.

Every series has one value per quarter hour of the delivery day.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from domain.flexibility.assets import Direction
from domain.flexibility.commodity import Commodity
from domain.flexibility.explanation import Explanation
from domain.flexibility.rules import ClearingMode, ClearingRules, EnergyPricing, PaymentRule
from domain.flexibility.terms import NO_TERMS, OfferTerms
from domain.ids import (
    NO_ANSWER,
    NO_CALL,
    ActivationId,
    AnswerId,
    AssetId,
    AwardId,
    CallId,
    GateId,
    JobId,
    OfferId,
    PartyId,
    RegionId,
    RequestId,
    SessionId,
)
from domain.lifecycle import ActivationState, AwardState, OfferState, RequestState, ReviewState, SessionState
from domain.units import Series


@dataclass(frozen=True, kw_only=True)
class MarketSession:
    """One region's market for one delivery day: opens, gate closes, clears by its rules, publishes."""

    id: SessionId
    region_id: RegionId
    delivery_day: date
    opens_at: datetime
    gate_closes_at: datetime
    publishes_at: datetime
    clearing: ClearingMode = ClearingMode.NETWORK
    payment: PaymentRule = PaymentRule.PAY_AS_BID
    energy: EnergyPricing = EnergyPricing.IGNORED
    state: SessionState = SessionState.PLANNED
    job_id: JobId | None = None
    reason: str = ""
    version: int = 0

    @property
    def rules(self) -> ClearingRules:
        """Mode, payment rule and energy as one."""
        return ClearingRules(clearing=self.clearing, payment=self.payment, energy=self.energy)


class GateKind(StrEnum):
    OPEN = "open"
    INTERIM = "interim"
    CLOSE = "close"
    PUBLISH = "publish"


@dataclass(frozen=True, kw_only=True)
class Gate:
    """Something due on the market clock; (session, kind, due_at) is unique and it is done once."""

    id: GateId
    session_id: SessionId
    kind: GateKind
    due_at: datetime
    done: bool = False
    version: int = 0


@dataclass(frozen=True, kw_only=True)
class FlexRequest:
    """A buyer's request: `quantity_mw` [n_steps], at most `price_cap_eur_per_mwh`, both in the units of its
    commodity. A DSO asks at a congestion point; a BRP asks anywhere in the region, for its own balance.

    `dso_id` is the buyer, who pays: its name is from when only DSOs bought.
    """

    id: RequestId
    dso_id: PartyId
    region_id: RegionId
    session_id: SessionId
    congestion_point: str
    buses: tuple[str, ...]
    direction: Direction
    quantity_mw: Series
    price_cap_eur_per_mwh: Decimal
    deadline: datetime
    published_at: datetime
    commodity: Commodity = Commodity.P
    state: RequestState = RequestState.PUBLISHED
    unmet_mw: Series = ()
    review: ReviewState = ReviewState.NONE
    review_note: str = ""
    version: int = 0

    @property
    def held(self) -> bool:
        """The TSO holds it: it is left out of the clearing."""
        return self.review is ReviewState.HELD


@dataclass(frozen=True, kw_only=True)
class OfferLine:
    """One asset's part of an offer: `quantity_mw` [n_steps], >= 0 in the offer's direction and commodity."""

    asset_id: AssetId
    quantity_mw: Series


@dataclass(frozen=True, kw_only=True)
class FlexOffer:
    """An offer of one commodity: lines over one or more assets at one price series [n_steps] of accepted change.

    `explanations`: from the clearing on, one for each line that was not accepted in full and has one.
    """

    id: OfferId
    party_id: PartyId
    session_id: SessionId
    region_id: RegionId
    direction: Direction
    lines: tuple[OfferLine, ...]
    price_eur_per_mwh: Series
    submitted_at: datetime
    commodity: Commodity = Commodity.P
    terms: OfferTerms = NO_TERMS
    explanations: tuple[Explanation, ...] = ()
    state: OfferState = OfferState.SUBMITTED
    version: int = 0


@dataclass(frozen=True, kw_only=True)
class Award:
    """What was accepted of one offer's line: `accepted_mw` [n_steps], paid `price_eur_per_mwh` [n_steps], in the
    units of its commodity.

    The price is shown to the cent; `payment_eur` was computed from the clearing's unrounded price and holds
    `make_whole_eur`, what a block that would have lost is paid up to its own price.

    `direct`: the DSO called it of the offer by itself, before the gate and at the offer's price.
    """

    id: AwardId
    session_id: SessionId
    region_id: RegionId
    offer_id: OfferId
    asset_id: AssetId
    party_id: PartyId
    direction: Direction
    accepted_mw: Series
    price_eur_per_mwh: Series
    payment_eur: Decimal
    commodity: Commodity = Commodity.P
    make_whole_eur: Decimal = Decimal(0)
    direct: bool = False
    state: AwardState = AwardState.PROVISIONAL
    version: int = 0


@dataclass(frozen=True, kw_only=True)
class Activation:
    """The call of an award: change `p_mw` [n_steps], MW (Mvar of a commodity Q), signed (up positive).

    `call_id`: what was called of an offer together, over several assets; `answer_id`: the owner's answer to it.
    """

    id: ActivationId
    award_id: AwardId
    session_id: SessionId
    region_id: RegionId
    party_id: PartyId
    asset_id: AssetId
    p_mw: Series
    commodity: Commodity = Commodity.P
    call_id: CallId = NO_CALL
    called_at: datetime | None = None
    answer_id: AnswerId = NO_ANSWER
    answered_at: datetime | None = None
    state: ActivationState = ActivationState.REQUESTED
    reason: str = ""
    version: int = 0


class PriceKind(StrEnum):
    DAY_AHEAD = "day_ahead"
    BALANCING = "balancing"


@dataclass(frozen=True, kw_only=True)
class PriceSeries:
    """Prices of a wholesale or balancing market for a day, `price_eur_per_mwh` [n_steps]; `source` says whence."""

    id: str
    kind: PriceKind
    delivery_day: date
    price_eur_per_mwh: Series
    source: str
    version: int = 0
