"""The worked case of the EU Market Place (FLEXICIENCY, document 000, section IV and figure 4), step by step.

An aggregator finds the DSOs of its customers, subscribes to their meter data, customers consent, data flow; from
them it makes offers of flexibility, publishes its own service, and a DSO, a TSO and a retailer subscribe to it,
acquire of the offers and activate them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from app.demo.place_scene import Actor, Scene, wish
from app.demo.services import OFFERS
from app.queries.models.place import LocateProviders, SearchServices
from app.queries.models.platform import ListFlexibilities
from domain.commands.platform import (
    AcquireFlexibility,
    AnswerCallUp,
    AskForConsents,
    CallUpFlexibility,
    DecideActivation,
    GiveConsent,
    OfferEnergyService,
    RequestActivation,
)
from domain.flexibility.assets import Direction
from domain.ids import PartyId, PodId
from domain.marketplace.areas import Place
from domain.marketplace.requests import Subscription
from domain.marketplace.services import ServiceDescription
from domain.marketplace.words import ConsentState, Environment, Quantity, ServiceType, TimeStep
from domain.platform.activations import DataSelection, ServiceActivation, ServiceAgreement
from domain.platform.consents import Consent
from domain.platform.deliveries import Delivery, DeliveryState, ReceivedSeries
from domain.platform.energy_service import Acquisition, CallUp, CallUpState, Flexibility
from domain.platform.grid import midnight, starts
from domain.platform.pods import ZONES, Pod
from domain.platform.potential import Potential, potential, series_of, windows
from domain.time import DeliveryDay, market_day

DATA, SERVICES = "flotte-data", "flotte-services"
BUYERS = ("buyer-de", "tso-ch", "retailer-de")
CUSTOMERS = ("casa", "haus")
SHARE = Decimal("0.4")
"""Of its consumption that a household is taken to do without for a while."""
LEAST_MW = Decimal("0.001")
PRICES = (Decimal("58.50"), Decimal("64.00"), Decimal("71.25"))
PURPOSE = {
    "data_details": "Quarter-hourly consumption of the day before and of the days to come.",
    "processing_details": "To see when and how much consumption can be shifted, and to offer that as flexibility.",
}
SERVICE_PURPOSE = {
    "data_details": "Offers of flexibility by the quarter hour.",
    "processing_details": "To relieve lines, balance and hedge by activating what was acquired.",
}
QUARTER = timedelta(minutes=15)


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
    return outcome(scene, agg, subscriptions)


def customers_pods(scene: Scene) -> dict[str, tuple[PodId, ...]]:
    """The PoDs that stand on the customers' bills: they gave them to their aggregator."""
    return {name: tuple(pod.id for pod in scene.actor(name).held(Pod, customer_id=name)) for name in CUSTOMERS}


def locate(scene: Scene, agg: Actor, pods: dict[str, tuple[PodId, ...]]) -> list[PartyId]:
    """DSO localisation: who has the meters of these PoDs and of an address. It leaves no trace."""
    asked = tuple(pod for some in pods.values() for pod in some)
    answer = agg.ask_place(LocateProviders(pods=asked, places=(Place(country="FR", postcode="44000"),)))
    names = [f"{match.company_name} ({n})" for match, n in answer.providers]
    scene.say(f"DSO localisation of {len(asked)} PoDs and an address: {', '.join(names)}.")
    by_pod = {match.registration_id for row in answer.pods for match in row.matches}
    return sorted(by_pod)


def subscribed(scene: Scene, agg: Actor, providers: Sequence[PartyId]) -> list[Subscription]:
    """To the individual data of each DSO that was found."""
    standing = [s for s in _subscriptions(scene, agg) if s.provider_id in providers]
    if standing:
        return standing
    offers = agg.ask_place(
        SearchServices(
            service_type=ServiceType.INDIVIDUAL_DATA,
            environment=Environment.REGULATED,
            quantity=Quantity.CONSUMPTION,
            time_step=TimeStep.MINUTES_15,
        )
    )
    mine = [row for row in offers if row.offer.provider_id in providers]
    scene.say(f"The catalogue has {len(offers)} offers of quarter-hourly consumption, {len(mine)} of these DSOs.")
    wanted = replace(_service(mine[0].offer.descriptions, Quantity.CONSUMPTION), localisation=())
    return scene.subscribe(
        agg, Environment.REGULATED, "Meter data of our customers", PURPOSE, (wish(wanted),), tuple(providers)
    )


def consented(
    scene: Scene, agg: Actor, subscriptions: Sequence[Subscription], pods: dict[str, tuple[PodId, ...]]
) -> None:
    """The DSO asks its customers; one agrees in full, the other for one of its PoDs."""
    with scene.read() as uow:
        now = uow.market
    for subscription in subscriptions:
        provider = scene.actor(scene.account(subscription.provider_id))
        service = subscription.content.descriptions[0]
        names = [name for name in CUSTOMERS if _of(provider, pods[name])]
        if provider.held(Consent, subscription_id=subscription.id):
            continue
        agg.do(
            AskForConsents(
                subscription_id=subscription.id,
                description_id=service.id,
                pod_ids=tuple(pod for name in names for pod in pods[name]),
                starts_at=now - timedelta(days=30),
                ends_at=now + timedelta(days=365),
            )
        )
        for name in names:
            customer = scene.actor(name)
            scene.until(lambda c=customer, id=subscription.id: _asked(c, id))  # type: ignore[misc]
            (asked,) = customer.held(Consent, subscription_id=subscription.id, customer_id=name)
            given = pods[name] if name == CUSTOMERS[0] else pods[name][:1]
            customer.do(GiveConsent(consent_id=asked.id, pod_ids=given))
            scene.say(
                f"{customer.principal.name} lets {provider.principal.name} give {agg.principal.name} the data of"
                f" {len(given)} of {len(pods[name])} PoDs."
            )


def activated(
    scene: Scene, agg: Actor, subscriptions: Sequence[Subscription], pods: dict[str, tuple[PodId, ...]]
) -> None:
    """DSO-REQ for all PoDs; DSO-CNF is OK or Partial, as the consents are."""
    with scene.read() as uow:
        yesterday = DeliveryDay(day=market_day(uow.market) - timedelta(days=1))
    for subscription in subscriptions:
        if agg.held(ServiceActivation, subscription_id=subscription.id):
            continue
        provider = scene.actor(scene.account(subscription.provider_id))
        wanted = tuple(pod for name in CUSTOMERS for pod in _of(provider, pods[name]))
        asked = agg.do(
            RequestActivation(
                subscription_id=subscription.id,
                description_id=subscription.content.descriptions[0].id,
                selection=DataSelection(
                    quantity=Quantity.CONSUMPTION,
                    time_step=TimeStep.MINUTES_15,
                    period_start=yesterday.start - timedelta(days=1),
                ),
                pod_ids=wanted,
            )
        )
        scene.until(lambda id=asked.id: _confirmed(agg, id))  # type: ignore[misc]
        (answer,) = agg.held(ServiceActivation, id=asked.id)
        scene.say(
            f"{provider.principal.name} answers the activation with {answer.status.value}:"
            f" {len(answer.confirmed)} of {len(wanted)} PoDs."
        )
        scene.until(lambda id=subscription.id: bool(agg.held(ServiceAgreement, subscription_id=id)))  # type: ignore[misc]


def delivered(scene: Scene, agg: Actor, subscriptions: Sequence[Subscription]) -> None:
    """The DSOs read in yesterday's values; they go out by themselves and are acknowledged."""
    with scene.read() as uow:
        day = market_day(uow.market) - timedelta(days=1)
    for subscription in subscriptions:
        provider = scene.actor(scene.account(subscription.provider_id))
        if provider.held(Delivery, subscription_id=subscription.id, state=DeliveryState.ACKNOWLEDGED):
            continue
        file = "\n".join(["pod_id,quantity,time_step,start,value", *readings(provider, day)]) + "\n"
        scene.players.read_in(provider.principal, file.encode())
        scene.until(lambda p=provider, id=subscription.id: _acknowledged(p, id))  # type: ignore[misc]
        values = sum(_n(one) for one in _received(agg, subscription))
        scene.say(f"{provider.principal.name} delivered {values} values; they are acknowledged.")


def readings(provider: Actor, day: date) -> Iterator[str]:
    """A day of each customer's PoD in quarter hours, kWh: a base load, a morning and an evening."""
    pods = [pod for pod in provider.held(Pod) if pod.customer_id is not None]
    for number, pod in enumerate(sorted(pods, key=lambda pod: pod.id)):
        zone = ZoneInfo(ZONES[pod.country])
        start, end = midnight(day, zone), midnight(day + timedelta(days=1), zone)
        values = (_kwh(step, number) for step in range(len(starts(start, end, TimeStep.MINUTES_15, zone))))
        yield f"{pod.id},{Quantity.CONSUMPTION.value},PT15M,{start.isoformat()},{','.join(values)}"


def _kwh(step: int, number: int) -> str:
    hour = (step // 4) % 24
    bump = 0.35 if 6 <= hour < 9 else 0.6 if 17 <= hour < 21 else 0.0
    return f"{(0.08 + bump) * (1 + 0.15 * number) + 0.01 * (step % 4):.3f}"


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
    made = [_offer(seller, one, price) for one, price in zip(offers_of(scene, agg), PRICES, strict=False)]
    for one in made:
        peak = max(one.power_mw) * 1000
        price = one.price_eur_per_mwh
        scene.say(f"From {one.made_from} it makes an offer of up to {peak.normalize():f} kW, {price} EUR/MWh.")
    return made


def offers_of(scene: Scene, agg: Actor) -> tuple[Potential, ...]:
    """When tomorrow so much is consumed that a share of it is worth offering."""
    with scene.read() as uow:
        tomorrow = DeliveryDay(day=market_day(uow.market) + timedelta(days=1))
    days = [_metered(one) for one in agg.held(ReceivedSeries) if not one.aggregated]
    found = potential(days, tomorrow.start, tomorrow.n_steps, SHARE)
    return windows(found, LEAST_MW)


def _metered(one: ReceivedSeries):  # type: ignore[no-untyped-def]
    values = {at: value for at, value in zip(one.starts, one.values, strict=True) if value is not None}
    return series_of(values, one.starts[0], len(one.starts), QUARTER)


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
        standing = [s for s in _subscriptions(scene, buyer) if s.provider_id == seller.principal.party_id]
        subscription = standing[0] if standing else _to_energy_service(scene, buyer, seller)
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
                ends_at=offer.starts_at + 4 * QUARTER,
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


def outcome(scene: Scene, agg: Actor, subscriptions: Sequence[Subscription]) -> Outcome:
    """Counted on both sides' platforms."""
    seller = scene.actor(SERVICES)
    providers = {s.id: scene.actor(scene.account(s.provider_id)) for s in subscriptions}
    standing = (ConsentState.GIVEN, ConsentState.ACKNOWLEDGED)
    received = [one for s in subscriptions for one in _received(agg, s)]
    return Outcome(
        n_data_subscriptions=len(subscriptions),
        n_consents=sum(
            one.state in standing for id, p in providers.items() for one in p.held(Consent, subscription_id=id)
        ),
        n_deliveries_acknowledged=sum(
            len(p.held(Delivery, subscription_id=id, state=DeliveryState.ACKNOWLEDGED))
            for id, p in providers.items()
        ),
        n_series_received=len(received),
        n_values_received=sum(_n(one) for one in received),
        n_offers=len(seller.held(Flexibility)),
        n_acquisitions=len(seller.held(Acquisition)),
        n_activations=len(seller.held(CallUp, state=CallUpState.ACKNOWLEDGED)),
    )


def _subscriptions(scene: Scene, who: Actor) -> list[Subscription]:
    with scene.read() as uow:
        found = uow.find(Subscription, requester_id=who.principal.party_id)
        return [one for one in found if not one.ended(uow.market)]


def _service(descriptions: Sequence[ServiceDescription], quantity: Quantity) -> ServiceDescription:
    return next(one for one in descriptions if one.quantity is quantity)


def _of(provider: Actor, pods: Sequence[PodId]) -> tuple[PodId, ...]:
    """Those that the provider has."""
    return tuple(pod.id for pod in provider.held(Pod, id=tuple(pods))) if pods else ()


def _asked(customer: Actor, subscription_id: str) -> bool:
    return bool(customer.held(Consent, subscription_id=subscription_id, customer_id=customer.principal.party_id))


def _confirmed(agg: Actor, activation_id: str) -> bool:
    return agg.held(ServiceActivation, id=activation_id)[0].status is not None


def _acknowledged(provider: Actor, subscription_id: str) -> bool:
    return bool(provider.held(Delivery, subscription_id=subscription_id, state=DeliveryState.ACKNOWLEDGED))


def _received(agg: Actor, subscription: Subscription) -> list[ReceivedSeries]:
    agreed = {one.id for one in agg.held(ServiceAgreement, subscription_id=subscription.id)}
    return [one for one in agg.held(ReceivedSeries) if one.agreement_id in agreed]


def _n(one: ReceivedSeries) -> int:
    return sum(value is not None for value in one.values)
