"""OAuth2 clients as they may be used now: their addresses, and the services that they may ask for."""

from __future__ import annotations

from domain.errors import refuse
from domain.ids import PartyId, ServiceDescriptionId
from domain.marketplace.words import ConsentState, PlatformRole
from domain.platform.consents import Consent, own_words
from domain.platform.subscriptions import PlatformSubscription
from domain.platform.tokens import ConsentClient
from domain.ports import UnitOfWork


def known_client(uow: UnitOfWork, client_id: str, redirect_uri: str) -> ConsentClient:
    """Raises `Refused` (`not_found`): nothing is ever sent to an address that is not the client's own."""
    found = uow.find(ConsentClient, id=client_id, active=True)
    if not found or redirect_uri not in found[0].redirect_uris:
        raise refuse("not_found", "redirect_uri", "This address belongs to no such client.")
    return found[0]


def service_of(
    uow: UnitOfWork, client: ConsentClient, subscription_id: str, description_id: str
) -> PlatformSubscription:
    """The client's subscription with that service.

    Raises:
        Refused: `not_found`, `not_in_force`, `not_offered`.
    """
    found = uow.find(PlatformSubscription, id=subscription_id, peer_id=client.peer_id, side=PlatformRole.PROVIDER)
    description = found[0].description(description_id) if found else None
    if description is None:
        raise refuse("not_found", "scope", "The client has no such service here.")
    if not found[0].in_force(uow.market):
        raise refuse("not_in_force", "scope", "The subscription is not in force.")
    if not description.consent_mandatory:
        raise refuse("not_offered", "scope", "This service needs no consent.")
    return found[0]


def waiting_ask(
    uow: UnitOfWork, subscription: PlatformSubscription, description_id: str, customer_id: PartyId
) -> Consent | None:
    """The oldest ask that waits for this customer with the subscription's very words. Others are answered where
    theirs are read."""
    found = uow.find(
        Consent,
        customer_id=customer_id,
        subscription_id=subscription.id,
        description_id=description_id,
        state=ConsentState.ASKED,
    )
    fit = (each for each in found if uow.market < each.answer_until and in_its_words(subscription, each))
    return min(fit, key=lambda each: (each.asked_at, each.id), default=None)


def in_its_words(subscription: PlatformSubscription, consent: Consent) -> bool:
    """Whether a consent says of the data and of their processing what the subscription says."""
    return (consent.data_details, consent.processing_details) == words_of(subscription, consent.description_id)


def words_of(subscription: PlatformSubscription, description_id: str) -> tuple[str, str]:
    """As `own_words`, of a service that the subscription has."""
    description = subscription.description(ServiceDescriptionId(description_id))
    assert description is not None
    return own_words(subscription.content, description)
