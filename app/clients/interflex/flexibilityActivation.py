"""Flexibility activations from a DSO to an aggregator (InterFlex D3.5, section 3.2.4)."""

from __future__ import annotations

from typing import TypedDict, cast

from app.clients.interflex._addresses import address
from app.clients.interflex._calls import JsonObject, delete, get_id, get_list, post

RESOURCE = "flexibilityActivations"


class FlexibilityActivation(TypedDict):
    """Times are ISO 8601 with an offset; `duration` is in seconds, `flexible_power` in `unit`, upward positive."""

    activation_id: str
    timestamp: str
    offer_id: str
    flexible_power: float
    granularity: float
    duration: float
    unit: str
    activation_time: str
    flex_price: float
    flex_type: str
    currency: str


def get_activation_id(host: str, port: str | int, entity_id: str, access_token: str, version: str = "v1") -> str:
    """A unique activation id from the platform."""
    url = address(host, port, version, "dsos", entity_id, RESOURCE, "activationId")
    return get_id(url, access_token, "activation_id")


def post_activation(
    host: str,
    port: str | int,
    entity_id: str,
    aggregator: str,
    access_token: str,
    flexibility_activation: FlexibilityActivation,
    version: str = "v1",
) -> JsonObject:
    """Post an activation of `create_activation` to `aggregator`; the server's response, by default empty."""
    url = address(host, port, version, "dsos", entity_id, RESOURCE, aggregator)
    return post(url, access_token, flexibility_activation)


def get_all_activations(
    host: str, port: str | int, entity_id: str, access_token: str, aggregator: str, version: str = "v1"
) -> list[FlexibilityActivation]:
    """All activations of the DSO `entity_id` to `aggregator`."""
    url = address(host, port, version, "dsos", entity_id, RESOURCE, aggregator)
    return cast(list[FlexibilityActivation], get_list(url, access_token))


def delete_activation(
    host: str,
    port: str | int,
    entity_id: str,
    access_token: str,
    aggregator: str,
    activation_id: str,
    version: str = "v1",
) -> JsonObject:
    """Delete an activation that became obsolete; the server's response, by default empty."""
    url = address(host, port, version, "dsos", entity_id, RESOURCE, aggregator, activation_id)
    return delete(url, access_token)


def create_activation(
    activation_id: str,
    timestamp: str,
    offer_id: str,
    flexible_power: float,
    granularity: float,
    duration: float,
    unit: str,
    activation_time: str,
    flex_price: float,
    flex_type: str,
    currency: str,
) -> FlexibilityActivation:
    """An activation object."""
    return FlexibilityActivation(
        activation_id=activation_id,
        timestamp=timestamp,
        offer_id=offer_id,
        flexible_power=flexible_power,
        granularity=granularity,
        duration=duration,
        unit=unit,
        activation_time=activation_time,
        flex_price=flex_price,
        flex_type=flex_type,
        currency=currency,
    )
