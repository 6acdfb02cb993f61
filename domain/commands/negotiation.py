"""Negotiating by place, power and time, as InterFlex does: requests, offers that may be called directly, calls,
answers. `power_mw` is signed (up positive), in the unit of the commodity; `duration_s` in seconds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from domain.commands.base import Command
from domain.flexibility.commodity import Commodity
from domain.ids import AnswerId, CallId, OfferId, PartyId, RequestId


@dataclass(frozen=True, kw_only=True)
class RequestFlexibility(Command):
    """DSO: a FlexRequest at a place of its grid; without `starts_at` as soon after the deadline as can be."""

    request_id: RequestId
    place: str
    power_mw: Decimal
    starts_at: datetime | None
    duration_s: Decimal
    deadline: datetime
    commodity: Commodity = Commodity.P


@dataclass(frozen=True, kw_only=True)
class OfferFlexibility(Command):
    """ESP, aggregator: flexibility of the own assets at a place, which the DSO may call until the deadline; the
    rest stands in the book. With a power of zero: there is none."""

    offer_id: OfferId
    place: str
    power_mw: Decimal
    granularity_mw: Decimal
    starts_at: datetime
    duration_s: Decimal
    deadline: datetime
    price_eur_per_mwh: Decimal
    flex_type: str
    commodity: Commodity = Commodity.P


@dataclass(frozen=True, kw_only=True)
class CallOffer(Command):
    """DSO: part of an offer is called, or of what the clearing awarded of it."""

    call_id: CallId
    party_id: PartyId
    offer_id: OfferId
    power_mw: Decimal
    starts_at: datetime
    duration_s: Decimal
    price_eur_per_mwh: Decimal
    commodity: Commodity = Commodity.P


@dataclass(frozen=True, kw_only=True)
class WithdrawCall(Command):
    """DSO: a call of before the gate that nobody has answered is taken back."""

    call_id: CallId
    party_id: PartyId


@dataclass(frozen=True, kw_only=True)
class AnswerCall(Command):
    """ESP, aggregator: the call of an offer at a time is acknowledged, or refused with a reason."""

    answer_id: AnswerId
    acknowledged: bool
    offer_id: OfferId
    power_mw: Decimal
    starts_at: datetime
    duration_s: Decimal
    commodity: Commodity = Commodity.P
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class TakeBackAnswer(Command):
    """ESP, aggregator: an own answer no longer holds; the call waits for another one."""

    answer_id: AnswerId
    acknowledged: bool


@dataclass(frozen=True, kw_only=True)
class EndCallTime(Command):
    """The market: the time in which an offer could be called directly is over."""

    offer_id: OfferId
