"""A request-based flexibility negotiation over the InterFlex interface (InterFlex D3.5, section 3.4).

One DSO asks for flexibility, two aggregators offer it, the DSO activates the cheaper offer, its aggregator
acknowledges, and the other one learns that it was not chosen. Start the server (`make run`), then in its folder:

    .venv/bin/python examples/interflex_negotiation.py

Without options it plays on the demo day. Secrets are read from the environment: INTERFLEX_SECRET_AGG1 for `agg1`,
INTERFLEX_CLIENT_SECRET for the client; without them they are the demo's.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeVar

# A script's own folder is on the path, the one above it is not.
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from app.clients.interflex import (
    InterFlexError,
    authentication,
    flexibilityActivation,
    flexibilityActivationACK,
    flexibilityOffer,
    flexibilityRequest,
)
from app.clients.interflex.flexibilityActivation import FlexibilityActivation
from app.clients.interflex.flexibilityActivationACK import FlexibilityActivationACK
from app.clients.interflex.flexibilityOffer import FlexibilityOffer
from app.clients.interflex.flexibilityRequest import FlexibilityRequest

T = TypeVar("T")

UNITS = {
    f"{prefix}{kind}": (kind, f) for kind in ("W", "var") for prefix, f in (("", 1.0), ("k", 1e3), ("M", 1e6))
}
PAUSE_S = 0.5
"""Between two looks at the platform."""


@dataclass(frozen=True)
class Who:
    """A participant with its access token; `at` is host and port."""

    name: str
    token: str
    at: tuple[str, str]


class SurpriseError(Exception):
    """The platform did not tell what it must have."""


class Steps:
    """Prints what is done, numbered."""

    def __init__(self) -> None:
        self.n = 0

    def say(self, text: str) -> None:
        self.n += 1
        print(f"{self.n:2}. {text}", flush=True)


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    made.add_argument("--host", default="127.0.0.1", help="name or address; https://... for TLS (%(default)s)")
    made.add_argument("--port", default="8006", help="port of the REST interface (%(default)s)")
    made.add_argument("--client-id", default="interflex-demo", help="OAuth2 client (%(default)s)")
    made.add_argument("--dso", default="dso1", help="who asks (%(default)s)")
    made.add_argument("--aggregators", nargs=2, default=["agg1", "agg2"], metavar="AGG", help="who offers")
    made.add_argument("--prices", nargs=2, type=float, default=[64.0, 58.5], help="theirs, per MWh (%(default)s)")
    made.add_argument("--region-id", default="MV1.101 Bus 44", help="zone, bus or congestion point (%(default)s)")
    made.add_argument("--power", type=float, default=-20.0, help="upward positive (%(default)s)")
    made.add_argument("--granularity", type=float, default=5.0, help="of what is offered (%(default)s)")
    made.add_argument("--unit", default="kW", help="of power and granularity (%(default)s)")
    made.add_argument("--duration", type=float, default=3600.0, help="seconds (%(default)s)")
    made.add_argument("--flex-type", default="active", help="type of the flexibility (%(default)s)")
    made.add_argument(
        "--delivery",
        type=_instant,
        default=_instant("2016-07-25T12:00:00+02:00"),
        help="when delivery starts, with an offset (noon of the demo's delivery day)",
    )
    made.add_argument("--deadline", type=_instant, help="of request and offers (11:55 on the day before delivery)")
    made.add_argument("--timestamp", type=_instant, help="of what is made (08:30 on the day before delivery)")
    made.add_argument("--wait", type=float, default=0.0, help="seconds to wait for the deadline (%(default)s)")
    return made


def _instant(text: str) -> datetime:
    instant = datetime.fromisoformat(text)
    if instant.utcoffset() is None:
        raise ValueError("a time needs its offset from UTC")
    return instant


def main(arguments: Sequence[str] | None = None) -> int:
    options = parser().parse_args(arguments)
    eve = options.delivery - timedelta(days=1)
    options.deadline = options.deadline or eve.replace(hour=11, minute=55)
    options.timestamp = options.timestamp or eve.replace(hour=8, minute=30)
    try:
        negotiate(options, Steps())
    except InterFlexError as error:
        print(f"A call failed: {error}", file=sys.stderr)
        for finding in error.findings:
            print(f"  {finding.field}: {finding.sentence} ({finding.code})", file=sys.stderr)
        return 1
    except (SurpriseError, ValueError) as error:
        print(f"The negotiation ended: {error}", file=sys.stderr)
        return 1
    return 0


def negotiate(options: argparse.Namespace, steps: Steps) -> None:
    """The whole sequence chart of figure 3-2, with a second aggregator."""
    dso, *aggregators = (_signed_in(name, options, steps) for name in (options.dso, *options.aggregators))
    request = _ask(dso, options, steps)
    offered = {
        agg.name: _offer(agg, dso, request["request_id"], price, options, steps)
        for agg, price in zip(aggregators, options.prices, strict=True)
    }
    chosen = _choose(dso, request, options, steps)
    activation = _activate(dso, chosen, options, steps)
    for agg in aggregators:
        if agg.name == chosen["entity_id"]:
            _acknowledge(agg, dso, activation["activation_id"], options, steps)
    for agg in aggregators:
        if agg.name != chosen["entity_id"]:
            _learn(agg, dso, offered[agg.name], options, steps)


def _signed_in(name: str, options: argparse.Namespace, steps: Steps) -> Who:
    secret = os.environ.get(f"INTERFLEX_SECRET_{name.upper()}", f"demo-{name}")
    client_secret = os.environ.get("INTERFLEX_CLIENT_SECRET", "interflex-demo")
    at = (options.host, options.port)
    answer = authentication.authenticate(*at, name, secret, options.client_id, client_secret)
    steps.say(f"{name} authenticates; its token holds {answer['expires_in']} s.")
    return Who(name=name, token=answer["access_token"], at=at)


def _ask(dso: Who, options: argparse.Namespace, steps: Steps) -> FlexibilityRequest:
    request_id = flexibilityRequest.get_request_id(*dso.at, dso.name, dso.token)
    steps.say(f"{dso.name} asks for a request id: {request_id}.")
    request = flexibilityRequest.create_request(
        request_id=request_id,
        timestamp=options.timestamp.isoformat(),
        deadline=options.deadline.isoformat(),
        region_id=options.region_id,
        flexible_power=options.power,
        duration=options.duration,
        unit=options.unit,
        activation_time=options.delivery.isoformat(),
    )
    flexibilityRequest.post_request(*dso.at, dso.name, dso.token, request)
    steps.say(f"{dso.name} posts the request: {_terms(request)}, offers until {request['deadline']}.")
    return request


def _offer(
    agg: Who, dso: Who, request_id: str, price: float, options: argparse.Namespace, steps: Steps
) -> FlexibilityOffer:
    """The aggregator reads the request and answers it in full; the offer that it posts."""
    requests = flexibilityRequest.get_all_requests(*agg.at, dso.name, agg.token)
    request = _found((one for one in requests if one["request_id"] == request_id), request_id)
    steps.say(f"{agg.name} reads {len(requests)} request(s) of {dso.name}, {request_id} is among them.")
    offer_id = flexibilityOffer.get_offer_id(*agg.at, agg.name, agg.token)
    steps.say(f"{agg.name} asks for an offer id: {offer_id}.")
    offer = flexibilityOffer.create_offer(
        offer_id=offer_id,
        entity_id=agg.name,
        timestamp=options.timestamp.isoformat(),
        deadline=request["deadline"],
        region_id=request["region_id"],
        flexible_power=request["flexible_power"],
        granularity=options.granularity,
        duration=request["duration"],
        unit=request["unit"],
        activation_time=request.get("activation_time", options.delivery.isoformat()),
        flex_price=price,
        flex_type=options.flex_type,
        currency="EUR",
    )
    flexibilityOffer.post_offer(*agg.at, agg.name, agg.token, offer)
    steps.say(f"{agg.name} posts the offer: {_terms(offer)}, for {_price(offer)}.")
    return offer


def _choose(dso: Who, request: FlexibilityRequest, options: argparse.Namespace, steps: Steps) -> FlexibilityOffer:
    """The cheapest offer that answers the request."""
    listed = flexibilityOffer.get_all_offers(*dso.at, dso.token)
    answers = sorted(
        _answers(listed, request, options), key=lambda offer: (offer["flex_price"], offer["offer_id"])
    )
    told = ", ".join(f"{offer['offer_id']} of {offer['entity_id']} for {_price(offer)}" for offer in answers)
    steps.say(f"{dso.name} reads {len(listed)} offer(s); {len(answers)} answer the request: {told}.")
    if len(answers) < len(options.aggregators):
        raise SurpriseError("Not every aggregator's offer is listed.")
    steps.say(f"{dso.name} chooses the cheapest, {answers[0]['offer_id']} of {answers[0]['entity_id']}.")
    return answers[0]


def _answers(
    listed: Sequence[FlexibilityOffer], request: FlexibilityRequest, options: argparse.Namespace
) -> Iterator[FlexibilityOffer]:
    """Offers made for the request: an offer names none, so they are known by who, where, when and how much."""
    for offer in listed:
        if (
            offer["entity_id"] in options.aggregators
            and offer["region_id"] == request["region_id"]
            and _power_of(offer) == _power_of(request)
            and datetime.fromisoformat(offer["activation_time"]) == options.delivery
            and datetime.fromisoformat(offer["timestamp"]) >= options.timestamp
        ):
            yield offer


def _activate(
    dso: Who, offer: FlexibilityOffer, options: argparse.Namespace, steps: Steps
) -> FlexibilityActivation:
    activation_id = flexibilityActivation.get_activation_id(*dso.at, dso.name, dso.token)
    steps.say(f"{dso.name} asks for an activation id: {activation_id}.")
    activation = flexibilityActivation.create_activation(
        activation_id=activation_id,
        timestamp=options.timestamp.isoformat(),
        offer_id=offer["offer_id"],
        flexible_power=offer["flexible_power"],
        granularity=offer["granularity"],
        duration=offer["duration"],
        unit=offer["unit"],
        activation_time=offer["activation_time"],
        flex_price=offer["flex_price"],
        flex_type=offer["flex_type"],
        currency=offer["currency"],
    )
    flexibilityActivation.post_activation(*dso.at, dso.name, offer["entity_id"], dso.token, activation)
    steps.say(f"{dso.name} posts the activation of {offer['offer_id']} to {offer['entity_id']}.")
    return activation


def _acknowledge(agg: Who, dso: Who, activation_id: str, options: argparse.Namespace, steps: Steps) -> None:
    """The aggregator reads its activation and acknowledges it, and the DSO reads that."""
    activations = flexibilityActivation.get_all_activations(*agg.at, dso.name, agg.token, agg.name)
    activation = _found((one for one in activations if one["activation_id"] == activation_id), activation_id)
    steps.say(f"{agg.name} reads the activation {activation_id} of its offer {activation['offer_id']}.")
    ack_id = flexibilityActivationACK.get_activation_ack_id(*agg.at, agg.name, agg.token)
    ack = flexibilityActivationACK.create_activation_ack(
        ack_id=ack_id,
        timestamp=options.timestamp.isoformat(),
        offer_id=activation["offer_id"],
        flexible_power=activation["flexible_power"],
        granularity=activation["granularity"],
        duration=activation["duration"],
        unit=activation["unit"],
        activation_time=activation["activation_time"],
    )
    flexibilityActivationACK.post_activation_ack(*agg.at, agg.name, agg.token, ack)
    steps.say(f"{agg.name} acknowledges it: {ack_id}.")
    acks = flexibilityActivationACK.get_all_activation_acks(*dso.at, dso.token, agg.name)
    read = _found((one for one in acks if one["ack_id"] == ack_id), ack_id)
    steps.say(f"{dso.name} reads the acknowledgement of {read['offer_id']}: {_power(read)} will be delivered.")


def _learn(agg: Who, dso: Who, offer: FlexibilityOffer, options: argparse.Namespace, steps: Steps) -> None:
    """The other aggregator: no activation comes, and at its deadline the offer lapses (finding 005)."""
    offer_id, end = offer["offer_id"], time.monotonic() + options.wait
    stands = _stands(agg, dso, offer_id)
    if stands and options.wait > 0:
        steps.say(f"{agg.name} sees no activation of {offer_id} and waits for its deadline.")
    while stands and time.monotonic() < end:
        time.sleep(PAUSE_S)
        stands = _stands(agg, dso, offer_id)
    if stands:
        steps.say(
            f"{agg.name} is informed: no activation names {offer_id}; without one until {offer['deadline']} "
            "it lapses, which the market then notifies."
        )
    else:
        steps.say(f"{agg.name} is informed: {offer_id} was not activated and does not stand any more.")


def _stands(agg: Who, dso: Who, offer_id: str) -> bool:
    """Whether the offer is still listed; no activation may name it."""
    activations = flexibilityActivation.get_all_activations(*agg.at, dso.name, agg.token, agg.name)
    if any(one["offer_id"] == offer_id for one in activations):
        raise SurpriseError(f"{offer_id} was activated, too.")
    return any(one["offer_id"] == offer_id for one in flexibilityOffer.get_all_offers(*agg.at, agg.token))


def _found(things: Iterator[T], name: str) -> T:
    for thing in things:
        return thing
    raise SurpriseError(f"{name} is not listed.")


def _terms(thing: FlexibilityRequest | FlexibilityOffer) -> str:
    when = thing.get("activation_time", "now")
    return f"{_power(thing)} at {thing['region_id']} from {when} for {thing['duration']:g} s"


def _power(thing: FlexibilityRequest | FlexibilityOffer | FlexibilityActivationACK) -> str:
    return f"{thing['flexible_power']:+g} {thing['unit']}"


def _power_of(thing: FlexibilityRequest | FlexibilityOffer) -> tuple[str, float]:
    """What kind of power and how much: the platform may write it in another unit than it came in."""
    kind, factor = UNITS[thing["unit"]]
    return kind, round(thing["flexible_power"] * factor, 6)


def _price(offer: FlexibilityOffer) -> str:
    return f"{offer['flex_price']:.2f} {offer['currency']}/MWh"


if __name__ == "__main__":
    raise SystemExit(main())
