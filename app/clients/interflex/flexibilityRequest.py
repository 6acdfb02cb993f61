"""Flexibility requests of a DSO (InterFlex D3.5, section 3.2.2)."""

from __future__ import annotations

from typing import NotRequired, TypedDict, cast

from app.clients.interflex._addresses import address
from app.clients.interflex._calls import JsonObject, delete, get_id, get_list, post

RESOURCE = "flexibilityRequests"


class FlexibilityRequest(TypedDict):
    """Times are ISO 8601 with an offset; `duration` is in seconds, `flexible_power` in `unit`, upward positive."""

    request_id: str
    timestamp: str
    deadline: str
    region_id: str
    flexible_power: float
    duration: float
    unit: str
    activation_time: NotRequired[str]


def get_request_id(host: str, port: str | int, entity_id: str, access_token: str, version: str = "v1") -> str:
    """A unique request id from the platform."""
    url = address(host, port, version, "dsos", entity_id, RESOURCE, "requestId")
    return get_id(url, access_token, "request_id")


def post_request(
    host: str,
    port: str | int,
    entity_id: str,
    access_token: str,
    request: FlexibilityRequest,
    version: str = "v1",
) -> JsonObject:
    """Post a flexibility request of `create_request`; the server's response, by default empty."""
    return post(address(host, port, version, "dsos", entity_id, RESOURCE), access_token, request)


def get_all_requests(
    host: str, port: str | int, entity_id: str, access_token: str, version: str = "v1"
) -> list[FlexibilityRequest]:
    """All requests of the DSO `entity_id` that still hold."""
    url = address(host, port, version, "dsos", entity_id, RESOURCE)
    return cast(list[FlexibilityRequest], get_list(url, access_token))


def delete_request(
    host: str, port: str | int, entity_id: str, access_token: str, request_id: str, version: str = "v1"
) -> JsonObject:
    """Delete a request that became obsolete; the server's response, by default empty."""
    return delete(address(host, port, version, "dsos", entity_id, RESOURCE, request_id), access_token)


def create_request(
    request_id: str,
    timestamp: str,
    deadline: str,
    region_id: str,
    flexible_power: float,
    duration: float,
    unit: str,
    activation_time: str | None = None,
) -> FlexibilityRequest:
    """A request object; `activation_time`, which section 3.3 adds (finding 006), is left out where it is None."""
    request = FlexibilityRequest(
        request_id=request_id,
        timestamp=timestamp,
        deadline=deadline,
        region_id=region_id,
        flexible_power=flexible_power,
        duration=duration,
        unit=unit,
    )
    if activation_time is not None:
        request["activation_time"] = activation_time
    return request
