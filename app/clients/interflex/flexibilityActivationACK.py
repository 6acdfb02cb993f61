"""Acknowledgements of activations by an aggregator (InterFlex D3.5, section 3.2.5)."""

from __future__ import annotations

from typing import TypedDict, cast

from app.clients.interflex._addresses import address
from app.clients.interflex._calls import JsonObject, delete, get_id, get_list, post

RESOURCE = ("flexibilityActivations", "acks")


class FlexibilityActivationACK(TypedDict):
    """Times are ISO 8601 with an offset; `duration` is in seconds, `flexible_power` in `unit`, upward positive."""

    ack_id: str
    timestamp: str
    offer_id: str
    flexible_power: float
    granularity: float
    duration: float
    unit: str
    activation_time: str


def get_activation_ack_id(
    host: str, port: str | int, entity_id: str, access_token: str, version: str = "v1"
) -> str:
    """A unique acknowledgement id from the platform, which the document's appendix has."""
    url = address(host, port, version, "aggregators", entity_id, *RESOURCE, "ackId")
    return get_id(url, access_token, "ack_id")


def post_activation_ack(
    host: str,
    port: str | int,
    entity_id: str,
    access_token: str,
    flex_activation_ack: FlexibilityActivationACK,
    version: str = "v1",
) -> JsonObject:
    """Post an acknowledgement of `create_activation_ack`; the server's response, by default empty."""
    return post(
        address(host, port, version, "aggregators", entity_id, *RESOURCE), access_token, flex_activation_ack
    )


def get_all_activation_acks(
    host: str, port: str | int, access_token: str, aggregator: str, version: str = "v1"
) -> list[FlexibilityActivationACK]:
    """All acknowledgements of `aggregator` that the caller may see."""
    url = address(host, port, version, "aggregators", aggregator, *RESOURCE)
    return cast(list[FlexibilityActivationACK], get_list(url, access_token))


def delete_activation_ack(
    host: str,
    port: str | int,
    access_token: str,
    aggregator: str,
    activation_ack_id: str,
    version: str = "v1",
) -> JsonObject:
    """Delete an acknowledgement that became obsolete; the server's response, by default empty."""
    return delete(
        address(host, port, version, "aggregators", aggregator, *RESOURCE, activation_ack_id), access_token
    )


def create_activation_ack(
    ack_id: str,
    timestamp: str,
    offer_id: str,
    flexible_power: float,
    granularity: float,
    duration: float,
    unit: str,
    activation_time: str,
) -> FlexibilityActivationACK:
    """An acknowledgement object: the activation of `offer_id` will be delivered."""
    return FlexibilityActivationACK(
        ack_id=ack_id,
        timestamp=timestamp,
        offer_id=offer_id,
        flexible_power=flexible_power,
        granularity=granularity,
        duration=duration,
        unit=unit,
        activation_time=activation_time,
    )
