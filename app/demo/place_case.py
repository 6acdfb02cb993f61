"""The worked case of the EU Market Place (FLEXICIENCY, document 000, section IV and figure 4), step by step.

An aggregator finds the DSOs of its customers, subscribes to their meter data, customers consent, data flow; from
them it makes offers of flexibility, publishes its own service, and a DSO, a TSO and a retailer subscribe to it,
acquire of the offers and activate them. What it keeps back for it, it offers in a DSO's local market.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.demo.place_data import (
    DATA,
    activated,
    consented,
    customers_pods,
    delivered,
    locate,
    n_values,
    received,
    subscribed,
)
from app.demo.place_energy import LOCAL_SHARE, PRICES, SERVICES, bought, offered, potentials
from app.demo.place_local import bid
from app.demo.place_scene import Actor, Scene
from domain.marketplace.requests import Subscription
from domain.marketplace.words import ConsentState
from domain.platform.consents import Consent
from domain.platform.deliveries import Delivery, DeliveryState
from domain.platform.energy_service import Acquisition, CallUp, CallUpState, Flexibility


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What the case ended with, counted on the platforms."""

    n_data_subscriptions: int
    n_consents: int
    n_deliveries_acknowledged: int
    n_series_received: int
    n_values_received: int
    n_offers: int
    n_acquisitions: int
    n_activations: int
    n_local_offers: int


def play(scene: Scene) -> Outcome:
    """All of it. What was done already, by hand or by a run that was broken off, is not done again."""
    agg = scene.actor(DATA)
    pods = customers_pods(scene)
    found = locate(scene, agg, pods)
    subscriptions = subscribed(scene, agg, found)
    consented(scene, agg, subscriptions, pods)
    activated(scene, agg, subscriptions, pods)
    delivered(scene, agg, subscriptions)
    offers = offered(scene, agg)
    bought(scene, offers)
    local = bid(scene, potentials(scene, agg, LOCAL_SHARE), PRICES)
    return outcome(scene, agg, subscriptions, len(local))


def outcome(scene: Scene, agg: Actor, subscriptions: Sequence[Subscription], n_local_offers: int) -> Outcome:
    """Counted on both sides' platforms."""
    seller = scene.actor(SERVICES)
    providers = {s.id: scene.actor(scene.account(s.provider_id)) for s in subscriptions}
    standing = (ConsentState.GIVEN, ConsentState.ACKNOWLEDGED)
    came = [one for s in subscriptions for one in received(agg, s)]
    return Outcome(
        n_data_subscriptions=len(subscriptions),
        n_consents=sum(
            one.state in standing for id, p in providers.items() for one in p.held(Consent, subscription_id=id)
        ),
        n_deliveries_acknowledged=sum(
            len(p.held(Delivery, subscription_id=id, state=DeliveryState.ACKNOWLEDGED))
            for id, p in providers.items()
        ),
        n_series_received=len(came),
        n_values_received=sum(n_values(one) for one in came),
        n_offers=len(seller.held(Flexibility)),
        n_acquisitions=len(seller.held(Acquisition)),
        n_activations=len(seller.held(CallUp, state=CallUpState.ACKNOWLEDGED)),
        n_local_offers=n_local_offers,
    )
