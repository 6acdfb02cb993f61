"""Negative acknowledgements of activations by an aggregator (InterFlex D3.5, section 3.2.6)."""

from __future__ import annotations

from typing import TypedDict, cast

from app.clients.interflex._addresses import address
from app.clients.interflex._calls import JsonObject, delete, get_id, get_list, post

RESOURCE = ("flexibilityActivations", "nacks")


class FlexibilityActivationNACK(TypedDict):
    """Times are ISO 8601 with an offset; `duration` is in seconds, `flexible_power` in `unit`, upward positive."""

    nack_id: str
    timestamp: str
    offer_id: str
    flexible_power: float
    granularity: float
    duration: float
    unit: str
    activation_time: str


def get_activation_nack_id(
    host: str, port: str | int, entity_id: str, access_token: str, version: str = "v1"
) -> str:
    """A unique id of a negative acknowledgement from the platform, which the document's appendix has."""
    url = address(host, port, version, "aggregators", entity_id, *RESOURCE, "nackId")
    return get_id(url, access_token, "nack_id")


def post_activation_nack(
    host: str,
    port: str | int,
    entity_id: str,
    access_token: str,
    flexibility_activation: FlexibilityActivationNACK,
    version: str = "v1",
) -> JsonObject:
    """Post a negative acknowledgement of `create_activation_nack`; the server's response, by default empty.

    `flexibility_activation` is the document's name for it.
    """
    url = address(host, port, version, "aggregators", entity_id, *RESOURCE)
    return post(url, access_token, flexibility_activation)


def get_all_activation_nacks(
    host: str, port: str | int, access_token: str, aggregator: str, version: str = "v1"
) -> list[FlexibilityActivationNACK]:
    """All negative acknowledgements of `aggregator` that the caller may see."""
    url = address(host, port, version, "aggregators", aggregator, *RESOURCE)
    return cast(list[FlexibilityActivationNACK], get_list(url, access_token))


def delete_activation_nack(
    host: str,
    port: str | int,
    access_token: str,
    aggregator: str,
    activation_ack_id: str,
    version: str = "v1",
) -> JsonObject:
    """Delete a negative acknowledgement that became obsolete; the server's response, by default empty.

    `activation_ack_id` is the document's name for the id of the negative acknowledgement.
    """
    url = address(host, port, version, "aggregators", aggregator, *RESOURCE, activation_ack_id)
    return delete(url, access_token)


def create_activation_nack(
    nack_id: str,
    timestamp: str,
    offer_id: str,
    flexible_power: float,
    granularity: float,
    duration: float,
    unit: str,
    activation_time: str,
) -> FlexibilityActivationNACK:
    """A negative acknowledgement object: the activation of `offer_id` will not be delivered."""
    return FlexibilityActivationNACK(
        nack_id=nack_id,
        timestamp=timestamp,
        offer_id=offer_id,
        flexible_power=flexible_power,
        granularity=granularity,
        duration=duration,
        unit=unit,
        activation_time=activation_time,
    )
