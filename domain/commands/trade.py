"""Requests, offers and activations."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from domain.commands.base import Command
from domain.flexibility.assets import Direction
from domain.flexibility.commodity import Commodity
from domain.flexibility.market import OfferLine
from domain.flexibility.terms import NO_TERMS, OfferTerms
from domain.ids import ActivationId, OfferId, RequestId, SessionId
from domain.units import Series


@dataclass(frozen=True, kw_only=True)
class PublishRequest(Command):
    """DSO: a FlexRequest at buses of its own grid. BRP: one for its balance, in a region whose session has buyers
    of their own; without `buses` it is at all of them."""

    session_id: SessionId
    congestion_point: str
    buses: tuple[str, ...]
    direction: Direction
    quantity_mw: Series
    price_cap_eur_per_mwh: Decimal
    deadline: datetime
    commodity: Commodity = Commodity.P


@dataclass(frozen=True, kw_only=True)
class WithdrawRequest(Command):
    request_id: RequestId


@dataclass(frozen=True, kw_only=True)
class SubmitOffer(Command):
    """ESP, aggregator: an offer of one commodity from its confirmed assets."""

    session_id: SessionId
    direction: Direction
    lines: tuple[OfferLine, ...]
    price_eur_per_mwh: Series
    commodity: Commodity = Commodity.P
    terms: OfferTerms = NO_TERMS


@dataclass(frozen=True, kw_only=True)
class PlaceOffers(Command):
    """ESP, aggregator: several offers at once, all or none; the own offers that they replace are withdrawn first,
    so that a changed offer never leaves the book before its successor is in it."""

    offers: tuple[SubmitOffer, ...]
    replaces: tuple[OfferId, ...] = ()


@dataclass(frozen=True, kw_only=True)
class WithdrawOffer(Command):
    offer_id: OfferId


@dataclass(frozen=True, kw_only=True)
class AcknowledgeActivation(Command):
    activation_id: ActivationId


@dataclass(frozen=True, kw_only=True)
class RefuseActivation(Command):
    activation_id: ActivationId
    reason: str
