"""Negotiations by place and time, as far as tests need them."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from world import DAY, NOON, OPENS, World

from domain import commands as c
from domain.ids import AnswerId, CallId, OfferId, PartyId, RequestId
from domain.time import DeliveryDay

AT_NOON = DeliveryDay(day=DAY).instant(NOON)
DEADLINE = OPENS + timedelta(hours=2)
QUARTER_S = Decimal(900)


def asking(**changes: Any) -> c.RequestFlexibility:
    values: dict[str, Any] = {
        "request_id": RequestId("FR-1"),
        "place": "3",
        "power_mw": Decimal("-1.5"),
        "starts_at": AT_NOON,
        "duration_s": QUARTER_S,
        "deadline": DEADLINE,
    }
    return c.RequestFlexibility(**values | changes)


def offering(**changes: Any) -> c.OfferFlexibility:
    values: dict[str, Any] = {
        "offer_id": OfferId("FO-1"),
        "place": "3",
        "power_mw": Decimal("-2"),
        "granularity_mw": Decimal("0.1"),
        "starts_at": AT_NOON,
        "duration_s": QUARTER_S,
        "deadline": DEADLINE,
        "price_eur_per_mwh": Decimal("40.50"),
        "flex_type": "pv",
    }
    return c.OfferFlexibility(**values | changes)


def calling(**changes: Any) -> c.CallOffer:
    values: dict[str, Any] = {
        "call_id": CallId("FA-1"),
        "party_id": PartyId("esp1"),
        "offer_id": OfferId("FO-1"),
        "power_mw": Decimal("-1.5"),
        "starts_at": AT_NOON,
        "duration_s": QUARTER_S,
        "price_eur_per_mwh": Decimal("40.50"),
    }
    return c.CallOffer(**values | changes)


def answering(**changes: Any) -> c.AnswerCall:
    values: dict[str, Any] = {
        "answer_id": AnswerId("AK-1"),
        "acknowledged": True,
        "offer_id": OfferId("FO-1"),
        "power_mw": Decimal("-1.5"),
        "starts_at": AT_NOON,
        "duration_s": QUARTER_S,
    }
    return c.AnswerCall(**values | changes)


def negotiating(world: World) -> World:
    """An open session, and an asset of esp1 at bus 3."""
    world.grid()
    world.asset()
    world.session()
    return world


def offered(world: World) -> World:
    negotiating(world).do("esp1", offering())
    return world


def called(world: World) -> World:
    offered(world).do("dso1", calling())
    return world


def answered(world: World) -> World:
    called(world).do("esp1", answering())
    return world


def over(world: World) -> World:
    """Its time for calls is over."""
    offered(world).at(DEADLINE)
    return world
