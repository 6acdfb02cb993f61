"""Flexibility by place, power and time, as InterFlex has it (D3.5, section 3.2): what is a series on the desks is
here one entry for each stretch of time in which nothing changes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from app.queries.models.base import Query
from domain.flexibility.commodity import Commodity
from domain.ids import AnswerId, CallId, OfferId, PartyId, RequestId
from domain.lifecycle import ActivationState


@dataclass(frozen=True, kw_only=True)
class Stretch:
    """`power_mw` (up positive, in the commodity's unit) from `starts_at` on."""

    power_mw: Decimal
    commodity: Commodity
    starts_at: datetime
    ends_at: datetime

    @property
    def duration_s(self) -> Decimal:
        return Decimal(int((self.ends_at - self.starts_at).total_seconds()))


@dataclass(frozen=True, kw_only=True)
class AskedFlexibility:
    request_id: RequestId
    place: str
    asked_at: datetime
    deadline: datetime
    stretch: Stretch


@dataclass(frozen=True, kw_only=True)
class OfferedFlexibility:
    """`granularity_mw`: calls are multiples of it; 0: of anything. `open_to_call`: by the DSO, before the gate."""

    offer_id: OfferId
    party_id: PartyId
    place: str
    offered_at: datetime
    deadline: datetime
    granularity_mw: Decimal
    price_eur_per_mwh: Decimal
    flex_type: str
    stretch: Stretch
    open_to_call: bool = False


@dataclass(frozen=True, kw_only=True)
class CalledFlexibility:
    call_id: CallId
    offer_id: OfferId
    called_at: datetime
    granularity_mw: Decimal
    price_eur_per_mwh: Decimal
    flex_type: str
    stretch: Stretch


@dataclass(frozen=True, kw_only=True)
class DirectCall:
    """What a DSO called by itself, and what became of it. `revocable`: it may still be taken back."""

    call_id: CallId
    offer_id: OfferId
    party_id: PartyId
    place: str
    called_at: datetime
    price_eur_per_mwh: Decimal
    stretch: Stretch
    state: ActivationState
    reason: str
    revocable: bool


@dataclass(frozen=True, kw_only=True)
class AnsweredCall:
    answer_id: AnswerId
    offer_id: OfferId
    answered_at: datetime
    granularity_mw: Decimal
    stretch: Stretch


@dataclass(frozen=True, kw_only=True)
class ListAskedFlexibility(Query[tuple[AskedFlexibility, ...]]):
    """A DSO's requests that can still be answered: for itself and for whoever offers."""

    dso_id: PartyId
    delivery_day: date | None = None


@dataclass(frozen=True, kw_only=True)
class ListOfferedFlexibility(Query[tuple[OfferedFlexibility, ...]]):
    """Offers that still hold: the owner's own, and for a DSO those of its regions that it may see."""

    delivery_day: date | None = None


@dataclass(frozen=True, kw_only=True)
class ListCalledFlexibility(Query[tuple[CalledFlexibility, ...]]):
    """Calls of a DSO to a party whose delivery is not over: for the two of them."""

    dso_id: PartyId
    party_id: PartyId
    delivery_day: date | None = None


@dataclass(frozen=True, kw_only=True)
class ListDirectCalls(Query[tuple[DirectCall, ...]]):
    """A DSO's own calls to all parties whose delivery is not over, the newest first."""


@dataclass(frozen=True, kw_only=True)
class ListAnsweredCalls(Query[tuple[AnsweredCall, ...]]):
    """A party's answers to calls whose delivery is not over: its own, and for a DSO those to its calls."""

    party_id: PartyId
    acknowledged: bool
    delivery_day: date | None = None
