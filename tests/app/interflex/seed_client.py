"""A client written from the text of InterFlex D3.5 alone: the standard library and the URIs of its appendix.

It knows nothing of ours: not the client package, not the OpenAPI document. `negotiate` plays section 3.4.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any
from urllib.parse import quote, urlencode
from urllib.request import Request, urlopen

TIMEOUT_S = 60


@dataclass
class Outcome:
    """What the parties have seen at the end."""

    request: dict[str, Any]
    offers: list[dict[str, Any]]
    activation: dict[str, Any]
    ack: dict[str, Any]
    other_saw: list[dict[str, Any]]


class Party:
    """One entity on the platform."""

    def __init__(self, host: str, port: int, entity_id: str) -> None:
        self.entity_id = entity_id
        self.base = f"http://{host}:{port}/interflex/api/v1"
        form = {
            "grant_type": "password",
            "username": entity_id,
            "password": f"demo-{entity_id}",
            "client_id": "interflex-demo",
            "client_secret": "interflex-demo",
        }
        self.token: str = ""
        self.response = self._send(
            "POST", "/authentication/token", urlencode(form).encode(), "application/x-www-form-urlencoded"
        )
        self.token = self.response["access_token"]
        assert self.response["token_type"] == "bearer"
        assert self.response["expires_in"] > 0

    def refresh(self) -> None:
        """The next token, by the refresh token of the last answer."""
        form = {
            "grant_type": "refresh_token",
            "refresh_token": self.response["refresh_token"],
            "client_id": "interflex-demo",
            "client_secret": "interflex-demo",
        }
        body = urlencode(form).encode()
        self.token = ""
        self.response = self._send("POST", "/authentication/refresh", body, "application/x-www-form-urlencoded")
        self.token = self.response["access_token"]

    def get(self, *path: str) -> Any:
        return self._send("GET", _path(path))

    def post(self, body: dict[str, Any], *path: str) -> Any:
        return self._send("POST", _path(path), json.dumps(body).encode(), "application/json")

    def delete(self, *path: str) -> Any:
        return self._send("DELETE", _path(path))

    def _send(self, method: str, path: str, body: bytes | None = None, media_type: str | None = None) -> Any:
        request = Request(self.base + path, body, method=method)
        request.add_header("Accept", "application/json")
        request.add_header("Accept-Encoding", "gzip")
        if self.token:
            request.add_header("Authorization", f"Bearer {self.token}")
        if media_type:
            request.add_header("Content-Type", media_type)
        with urlopen(request, timeout=TIMEOUT_S) as answer:
            read = answer.read()
            if answer.headers.get("Content-Encoding") == "gzip":
                read = gzip.decompress(read)
        return json.loads(read) if read else {}


def _path(parts: tuple[str, ...]) -> str:
    return "".join("/" + quote(part, safe="") for part in parts)


def negotiate(
    host: str,
    port: int,
    *,
    region_id: str,
    activation_time: str,
    deadline: str,
    timestamp: str,
    flexible_power: float,
    unit: str = "kW",
    duration: float = 3600,
    dso: str = "dso1",
    prices: Mapping[str, float] = MappingProxyType({"agg1": 71.0, "agg2": 66.0}),
    party: Callable[[str, int, str], Any] = Party,
) -> Outcome:
    """One DSO, two aggregators; the cheapest of their offers is activated and acknowledged.

    party : who signs in and calls, in place of `Party`
    """
    buyer = party(host, port, dso)
    sellers = {name: party(host, port, name) for name in prices}

    request = {
        "request_id": buyer.get("dsos", dso, "flexibilityRequests", "requestId")["request_id"],
        "timestamp": timestamp,
        "deadline": deadline,
        "region_id": region_id,
        "flexible_power": flexible_power,
        "duration": duration,
        "unit": unit,
        "activation_time": activation_time,
    }
    buyer.post(request, "dsos", dso, "flexibilityRequests")

    for name, seller in sellers.items():
        seller.refresh()
        asked = _one(seller.get("dsos", dso, "flexibilityRequests"), "request_id", request["request_id"])
        seller.post(
            {
                "offer_id": seller.get("aggregators", name, "flexibilityOffers", "offerId")["offer_id"],
                "entity_id": name,
                "timestamp": timestamp,
                "deadline": asked["deadline"],
                "region_id": asked["region_id"],
                "flexible_power": asked["flexible_power"],
                "granularity": 5,
                "duration": asked["duration"],
                "unit": asked["unit"],
                "activation_time": asked["activation_time"],
                "flex_price": prices[name],
                "flex_type": "active",
                "currency": "EUR",
            },
            "aggregators",
            name,
            "flexibilityOffers",
        )

    offers = [
        offer
        for offer in buyer.get("aggregators", "flexibilityOffers")
        if offer["entity_id"] in prices
        and offer["region_id"] == region_id
        and datetime.fromisoformat(offer["activation_time"]) == datetime.fromisoformat(activation_time)
    ]
    cheapest = min(offers, key=lambda offer: offer["flex_price"])
    winner = sellers[cheapest["entity_id"]]
    (other,) = [name for name in sellers if name != winner.entity_id]

    activation = {
        "activation_id": buyer.get("dsos", dso, "flexibilityActivations", "activationId")["activation_id"],
        "timestamp": timestamp,
        **{name: cheapest[name] for name in ("offer_id", "flexible_power", "granularity", "duration", "unit")},
        **{name: cheapest[name] for name in ("activation_time", "flex_price", "flex_type", "currency")},
    }
    buyer.post(activation, "dsos", dso, "flexibilityActivations", winner.entity_id)

    called = _one(
        winner.get("dsos", dso, "flexibilityActivations", winner.entity_id),
        "activation_id",
        activation["activation_id"],
    )
    acks = ("aggregators", winner.entity_id, "flexibilityActivations", "acks")
    ack = {
        "ack_id": winner.get(*acks, "ackId")["ack_id"],
        "timestamp": timestamp,
        **{name: called[name] for name in ("offer_id", "flexible_power", "granularity", "duration", "unit")},
        "activation_time": called["activation_time"],
    }
    winner.post(ack, *acks)

    return Outcome(
        request=request,
        offers=offers,
        activation=called,
        ack=_one(buyer.get(*acks), "ack_id", ack["ack_id"]),
        other_saw=sellers[other].get("dsos", dso, "flexibilityActivations", other),
    )


def _one(listed: list[dict[str, Any]], name: str, value: object) -> dict[str, Any]:
    (found,) = [entry for entry in listed if entry[name] == value]
    return found
