"""The worked case's second half (figure 4, lower part): offers made from the data, and those who buy them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal

from app.demo.place_scene import Actor, Scene, wish
from app.demo.services import OFFERS
from app.queries.models.place import SearchServices
from app.queries.models.platform import ListFlexibilities, ListReceived
from domain.commands.platform import (
    AcquireFlexibility,
    AnswerCallUp,
    CallUpFlexibility,
    DecideActivation,
    OfferEnergyService,
    RequestActivation,
)
from domain.flexibility.assets import Direction
from domain.marketplace.requests import Subscription
from domain.marketplace.words import Environment, Quantity, ServiceType, TimeStep
from domain.paging import Slice, falling
from domain.platform.activations import DataSelection, ServiceActivation, ServiceAgreement
from domain.platform.deliveries import ReceivedSeries
from domain.platform.energy_service import Acquisition, CallUp, CallUpState, Flexibility
from domain.platform.potential import Metered, Potential, potential, series_of, windows
from domain.time import MTU, DeliveryDay, market_day

SERVICES = "flotte-services"
BUYERS = ("buyer-de", "tso-ch", "retailer-de")
SHARE, LOCAL_SHARE = Decimal("0.4"), Decimal("0.2")
"""Of its consumption that a household is taken to do without for a while: for subscribers of the energy service,
and a further part for the local market, so that nothing is sold twice."""
LEAST_MW = Decimal("0.001")
"""Of what is offered as an energy service."""
MOST_SERIES = 1000
PRICES = (Decimal("58.50"), Decimal("64.00"), Decimal("71.25"))
SERVICE_PURPOSE = {
    "data_details": "Offers of flexibility by the quarter hour.",
    "processing_details": "To relieve lines, balance and hedge by activating what was acquired.",
}


def offered(scene: Scene, agg: Actor) -> list[Flexibility]:
    """Its own service in the catalogue, and offers made of the data that came: other data, other offers."""
    seller = scene.actor(SERVICES)
    published = agg.ask_place(SearchServices(service_type=ServiceType.ENERGY_SERVICE))
    if not any(row.offer.provider_id == seller.principal.party_id for row in published):
        seller.place(OFFERS["flexibility"])
        scene.say(f"{seller.principal.name} publishes an energy service of its own.")
    standing = list(seller.held(Flexibility))
    if standing:
        return standing
    made = [_offer(seller, one, price) for one, price in zip(potentials(scene, agg, SHARE), PRICES, strict=False)]
    for one in made:
        peak = max(one.power_mw) * 1000
        price = one.price_eur_per_mwh
        scene.say(f"From {one.made_from} it makes an offer of up to {peak.normalize():f} kW, {price} EUR/MWh.")
    return made


def potentials(scene: Scene, agg: Actor, share: Decimal) -> tuple[Potential, ...]:
    """When tomorrow so much is consumed that this share of it is worth offering, by the values that may be seen
    now: of a revoked consent nothing is made."""
    with scene.read() as uow:
        tomorrow = DeliveryDay(day=market_day(uow.market) + timedelta(days=1))
    received = agg.ask(ListReceived(part=Slice(order=falling("period_start", "id"), limit=MOST_SERIES)))
    days = [_metered(one) for one in received if not one.aggregated]
    found = potential(days, tomorrow.start, tomorrow.n_steps, share)
    return windows(found, LEAST_MW * share / SHARE)


def _metered(one: ReceivedSeries) -> Metered:
    values = {at: value for at, value in zip(one.starts, one.values, strict=True) if value is not None}
    return series_of(values, one.starts[0], len(one.starts), MTU)


def _offer(seller: Actor, one: Potential, price: Decimal) -> Flexibility:
    made: Flexibility = seller.do(
        OfferEnergyService(
            area="DE, IT",
            direction=Direction.UP,
            starts_at=one.starts_at,
            power_mw=one.power_mw,
            price_eur_per_mwh=price,
            acquire_until=one.starts_at - timedelta(hours=1),
            made_from=f"{one.n_values} readings",
        )
    )
    return made


def bought(scene: Scene, offers: Sequence[Flexibility]) -> None:
    """A DSO, a TSO and a retailer subscribe, acquire a third of an offer each and activate it."""
    seller = scene.actor(SERVICES)
    for account in BUYERS:
        buyer = scene.actor(account)
        standing = [s for s in scene.subscriptions(buyer) if s.provider_id == seller.principal.party_id]
        subscription = standing[0] if standing else _to_energy_service(scene, buyer, seller)
        scene.until_met(buyer, subscription)
        if not buyer.held(ServiceAgreement, subscription_id=subscription.id):
            _activate(scene, buyer, seller, subscription)
        _acquire(scene, buyer, seller, subscription, offers)


def _activate(scene: Scene, buyer: Actor, seller: Actor, subscription: Subscription) -> None:
    """USP-REQ, which the provider's people decide on; USP-CNF and the agreement follow."""
    asked = buyer.held(ServiceActivation, subscription_id=subscription.id)
    if not asked:
        made = buyer.do(
            RequestActivation(
                subscription_id=subscription.id,
                description_id=subscription.content.descriptions[0].id,
                selection=DataSelection(quantity=Quantity.POWER, time_step=TimeStep.MINUTES_15),
            )
        )
        asked = (made,)
    scene.until(lambda: bool(seller.held(ServiceActivation, id=asked[0].id)))
    if seller.held(ServiceActivation, id=asked[0].id)[0].status is None:
        seller.do(DecideActivation(activation_id=asked[0].id, accept=True))
    scene.until(lambda: bool(buyer.held(ServiceAgreement, subscription_id=subscription.id)))


def _to_energy_service(scene: Scene, buyer: Actor, seller: Actor) -> Subscription:
    rows = buyer.ask_place(SearchServices(service_type=ServiceType.ENERGY_SERVICE))
    (row,) = (row for row in rows if row.offer.provider_id == seller.principal.party_id)
    made = scene.subscribe(
        buyer,
        Environment.UNREGULATED,
        "Flexibility",
        SERVICE_PURPOSE,
        tuple(wish(one) for one in row.offer.descriptions),
        (seller.principal.party_id,),
    )
    return made[0]


def _acquire(
    scene: Scene, buyer: Actor, seller: Actor, subscription: Subscription, offers: Sequence[Flexibility]
) -> None:
    offer = offers[BUYERS.index(buyer.principal.account) % len(offers)]
    scene.until(lambda: offer.id in {row.flexibility.id for row in buyer.ask(ListFlexibilities())})
    part = (min(offer.power_mw) / 3).quantize(Decimal("0.000001"), rounding="ROUND_FLOOR")
    if not buyer.held(Acquisition, subscription_id=subscription.id):
        buyer.do(AcquireFlexibility(flexibility_id=offer.id, subscription_id=subscription.id, power_mw=part))
    scene.until(lambda: bool(buyer.held(Acquisition, subscription_id=subscription.id)[0].status))
    (acquired,) = buyer.held(Acquisition, subscription_id=subscription.id)
    if not buyer.held(CallUp, acquisition_id=acquired.id):
        buyer.do(
            CallUpFlexibility(
                acquisition_id=acquired.id,
                starts_at=offer.starts_at,
                ends_at=offer.starts_at + 4 * MTU,
                power_mw=acquired.power_mw,
            )
        )
    (called,) = buyer.held(CallUp, acquisition_id=acquired.id)
    scene.until(lambda: bool(seller.held(CallUp, id=called.id)))
    (asked,) = seller.held(CallUp, id=called.id)
    if asked.state is CallUpState.REQUESTED:
        seller.do(AnswerCallUp(call_up_id=called.id, delivers=True))
    scene.until(lambda: buyer.held(CallUp, id=called.id)[0].state is CallUpState.ACKNOWLEDGED)
    watts = acquired.power_mw * 1000
    scene.say(
        f"{buyer.principal.name} acquired {watts.normalize():f} kW at {offer.price_eur_per_mwh} EUR/MWh"
        " and activated an hour of it; it was acknowledged."
    )
