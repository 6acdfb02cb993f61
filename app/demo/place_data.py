"""The worked case's first half (figure 4, upper part): an aggregator comes to its customers' meter data."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from math import exp, sin
from zoneinfo import ZoneInfo

from app.demo.place_scene import Actor, Scene, wish
from app.queries.models.place import LocateProviders, SearchServices
from domain.commands.platform import AskForConsents, GiveConsent, RequestActivation
from domain.ids import PartyId, PodId
from domain.marketplace.areas import Place
from domain.marketplace.requests import Subscription
from domain.marketplace.services import ServiceDescription
from domain.marketplace.words import ConsentState, Environment, Quantity, ServiceType, TimeStep
from domain.platform.activations import DataSelection, ServiceActivation, ServiceAgreement
from domain.platform.consents import Consent, ConsentAsk
from domain.platform.deliveries import Delivery, DeliveryState, ReceivedSeries
from domain.platform.grid import midnight, starts
from domain.platform.pods import ZONES, Pod
from domain.time import DeliveryDay, market_day

DATA = "flotte-data"
N_KINDS = 7
"""Of households."""
BUMPS = ((7.5, 1.8, 0.35), (19.0, 2.3, 0.6))
"""When, how long and how high consumption rises: hour of the day, hours, kWh in a quarter hour."""
CUSTOMERS = ("casa", "haus")
PURPOSE = {
    "data_details": "Quarter-hourly consumption of the day before and of the days to come.",
    "processing_details": "To see when and how much consumption can be shifted, and to offer that as flexibility.",
}


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
    standing = [s for s in scene.subscriptions(agg) if s.provider_id in providers]
    for subscription in standing:
        scene.until_met(agg, subscription)
    missing = [id for id in providers if id not in {s.provider_id for s in standing}]
    return [*standing, *_subscribed_now(scene, agg, missing)] if missing else standing


def _subscribed_now(scene: Scene, agg: Actor, providers: Sequence[PartyId]) -> list[Subscription]:
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
        if not agg.held(ConsentAsk, subscription_id=subscription.id):
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
            scene.until(lambda c=customer, id=subscription.id: bool(_consents(c, id)))  # type: ignore[misc]
            asked = next((c for c in _consents(customer, subscription.id) if c.state is ConsentState.ASKED), None)
            if asked is None:
                continue
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
        provider = scene.actor(scene.account(subscription.provider_id))
        wanted = tuple(pod for name in CUSTOMERS for pod in _of(provider, pods[name]))
        asked = next(iter(agg.held(ServiceActivation, subscription_id=subscription.id)), None) or agg.do(
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
        values = sum(n_values(one) for one in received(agg, subscription))
        scene.say(f"{provider.principal.name} delivered {values} values; they are acknowledged.")


def readings(provider: Actor, day: date) -> Iterator[str]:
    """A day of each PoD in quarter hours, kWh: a base load, a morning and an evening."""
    for number, pod in enumerate(sorted(provider.held(Pod), key=lambda pod: pod.id)):
        zone = ZoneInfo(ZONES[pod.country])
        start, end = midnight(day, zone), midnight(day + timedelta(days=1), zone)
        values = (
            _kwh(step, number % N_KINDS) for step in range(len(starts(start, end, TimeStep.MINUTES_15, zone)))
        )
        yield f"{pod.id},{Quantity.CONSUMPTION.value},PT15M,{start.isoformat()},{','.join(values)}"


def _kwh(step: int, kind: int) -> str:
    hour = (step % 96) / 4
    bumps = sum(high * exp(-(((hour - at) / width) ** 4)) for at, width, high in BUMPS)
    ripple = 0.02 * sin(2.1 * step + kind)
    return f"{(0.1 + bumps + ripple) * (1 + 0.15 * kind):.3f}"


def _service(descriptions: Sequence[ServiceDescription], quantity: Quantity) -> ServiceDescription:
    return next(one for one in descriptions if one.quantity is quantity)


def _of(provider: Actor, pods: Sequence[PodId]) -> tuple[PodId, ...]:
    """Those that the provider has."""
    return tuple(pod.id for pod in provider.held(Pod, id=tuple(pods))) if pods else ()


def _consents(customer: Actor, subscription_id: str) -> tuple[Consent, ...]:
    """What it was asked for under a subscription."""
    return customer.held(Consent, subscription_id=subscription_id, customer_id=customer.principal.party_id)


def _confirmed(agg: Actor, activation_id: str) -> bool:
    return agg.held(ServiceActivation, id=activation_id)[0].status is not None


def _acknowledged(provider: Actor, subscription_id: str) -> bool:
    return bool(provider.held(Delivery, subscription_id=subscription_id, state=DeliveryState.ACKNOWLEDGED))


def received(agg: Actor, subscription: Subscription) -> list[ReceivedSeries]:
    agreed = {one.id for one in agg.held(ServiceAgreement, subscription_id=subscription.id)}
    return [one for one in agg.held(ReceivedSeries) if one.agreement_id in agreed]


def n_values(one: ReceivedSeries) -> int:
    return sum(value is not None for value in one.values)
