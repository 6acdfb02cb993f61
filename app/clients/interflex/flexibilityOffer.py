"""Flexibility offers of an aggregator (InterFlex D3.5, section 3.2.3)."""

from __future__ import annotations

from typing import TypedDict, cast

from app.clients.interflex._addresses import address
from app.clients.interflex._calls import JsonObject, delete, get_id, get_list, post

RESOURCE = "flexibilityOffers"


class FlexibilityOffer(TypedDict):
    """Times are ISO 8601 with an offset; `duration` is in seconds, `flexible_power` in `unit`, upward positive."""

    offer_id: str
    entity_id: str
    timestamp: str
    deadline: str
    region_id: str
    flexible_power: float
    granularity: float
    duration: float
    unit: str
    activation_time: str
    flex_price: float
    flex_type: str
    currency: str


def get_offer_id(host: str, port: str | int, entity_id: str, access_token: str, version: str = "v1") -> str:
    """A unique offer id from the platform."""
    url = address(host, port, version, "aggregators", entity_id, RESOURCE, "offerId")
    return get_id(url, access_token, "offer_id")


def post_offer(
    host: str, port: str | int, entity_id: str, access_token: str, offer: FlexibilityOffer, version: str = "v1"
) -> JsonObject:
    """Post a flexibility offer of `create_offer`; the server's response, by default empty."""
    return post(address(host, port, version, "aggregators", entity_id, RESOURCE), access_token, offer)


def get_all_offers(host: str, port: str | int, access_token: str, version: str = "v1") -> list[FlexibilityOffer]:
    """All offers that hold and that the caller may see: a DSO those of its regions, an aggregator its own."""
    url = address(host, port, version, "aggregators", RESOURCE)
    return cast(list[FlexibilityOffer], get_list(url, access_token))


def delete_offer(
    host: str, port: str | int, entity_id: str, access_token: str, offer_id: str, version: str = "v1"
) -> JsonObject:
    """Delete an offer that became obsolete; the server's response, by default empty."""
    return delete(address(host, port, version, "aggregators", entity_id, RESOURCE, offer_id), access_token)


def create_offer(
    offer_id: str,
    entity_id: str,
    timestamp: str,
    deadline: str,
    region_id: str,
    flexible_power: float,
    granularity: float,
    duration: float,
    unit: str,
    activation_time: str,
    flex_price: float,
    flex_type: str,
    currency: str,
) -> FlexibilityOffer:
    """An offer object. An aggregator without flexibility says so by `flexible_power` 0 (finding 002)."""
    return FlexibilityOffer(
        offer_id=offer_id,
        entity_id=entity_id,
        timestamp=timestamp,
        deadline=deadline,
        region_id=region_id,
        flexible_power=flexible_power,
        granularity=granularity,
        duration=duration,
        unit=unit,
        activation_time=activation_time,
        flex_price=flex_price,
        flex_type=flex_type,
        currency=currency,
    )
