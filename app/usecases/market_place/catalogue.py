"""Providers' service offers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from app.usecases.market_place.finding import own_registration
from domain.commands.place import EditServiceOffer, PublishServiceOffer, WithdrawServiceOffer
from domain.errors import Finding, raise_if, refuse
from domain.events.place import ServiceOfferEdited, ServiceOfferPublished, ServiceOfferWithdrawn
from domain.ids import PartyId, ServiceDescriptionId, ServiceOfferId, new_id
from domain.lifecycle import advance
from domain.marketplace.areas import ServedArea
from domain.marketplace.offers import (
    OFFER,
    ServiceOffer,
    ServiceOfferState,
    countries_of,
    offer_findings,
)
from domain.marketplace.registrations import Registration
from domain.marketplace.services import ServiceDescription
from domain.marketplace.words import ENVIRONMENT
from domain.parties import Principal
from domain.ports import UnitOfWork

MOST_OFFERS = 200
"""Published at once by one provider."""


def publish(uow: UnitOfWork, principal: Principal, command: PublishServiceOffer) -> ServiceOffer:
    """An offer in the environment of its provider's role. Others see it once the provider is certified.

    Raises:
        Refused: all findings on what does not go together; `out_of_range` when it has too many.
    """
    registration = own_registration(uow, principal)
    raise_if(_findings(uow, registration, command))
    standing = {"provider_id": registration.id, "state": ServiceOfferState.PUBLISHED}
    if uow.count(ServiceOffer, standing) >= MOST_OFFERS:
        raise refuse("out_of_range", "", f"A provider has at most {MOST_OFFERS} offers at once.")
    offer_id = ServiceOfferId(new_id("SO"))
    offer = ServiceOffer(
        id=offer_id,
        provider_id=registration.id,
        environment=ENVIRONMENT[registration.player_role],
        service_type=command.service_type,
        title=command.title.strip(),
        text=command.text.strip(),
        descriptions=_named(command.descriptions, offer_id, frozenset()),
        terms=command.terms,
        published_at=uow.market,
        changed_at=uow.market,
    )
    uow.add(offer)
    uow.record(ServiceOfferPublished(offer_id=offer.id, provider_id=registration.id))
    return offer


def edit(uow: UnitOfWork, principal: Principal, command: EditServiceOffer) -> ServiceOffer:
    """Raises `Refused`: `not_found` for another's offer, `wrong_state`, findings as `publish`."""
    registration = own_registration(uow, principal)
    offer = own_offer(uow, principal, command.offer_id)
    state = advance(OFFER, offer.state, "edit", "offer_id")
    again = PublishServiceOffer(
        service_type=offer.service_type,
        title=command.title,
        text=command.text,
        descriptions=command.descriptions,
        terms=command.terms,
    )
    raise_if(_findings(uow, registration, again))
    known = frozenset(description.id for description in offer.descriptions)
    changed = replace(
        offer,
        title=command.title.strip(),
        text=command.text.strip(),
        descriptions=_named(command.descriptions, offer.id, known),
        terms=command.terms,
        changed_at=uow.market,
        state=state,
    )
    uow.save(changed)
    uow.record(ServiceOfferEdited(offer_id=offer.id, provider_id=offer.provider_id))
    return uow.get(ServiceOffer, offer.id)


def withdraw(uow: UnitOfWork, principal: Principal, command: WithdrawServiceOffer) -> ServiceOffer:
    """No longer to be had; subscriptions to it stay. Raises `Refused`: `not_found`, `wrong_state`."""
    own_registration(uow, principal)
    return withdrawn(uow, own_offer(uow, principal, command.offer_id))


def withdraw_all(uow: UnitOfWork, provider_id: PartyId) -> None:
    """A provider leaves."""
    for offer in uow.find(ServiceOffer, provider_id=provider_id, state=ServiceOfferState.PUBLISHED):
        withdrawn(uow, offer)


def withdrawn(uow: UnitOfWork, offer: ServiceOffer) -> ServiceOffer:
    state = advance(OFFER, offer.state, "withdraw", "offer_id")
    uow.save(replace(offer, state=state, changed_at=uow.market))
    uow.record(ServiceOfferWithdrawn(offer_id=offer.id, provider_id=offer.provider_id))
    return uow.get(ServiceOffer, offer.id)


def own_offer(uow: UnitOfWork, principal: Principal, offer_id: ServiceOfferId) -> ServiceOffer:
    found = uow.find(ServiceOffer, id=offer_id, provider_id=principal.party_id)
    if not found:
        raise refuse("not_found", "offer_id", "There is no such offer, or it is not yours.")
    return found[0]


def _findings(uow: UnitOfWork, registration: Registration, command: PublishServiceOffer) -> list[Finding]:
    found = offer_findings(
        registration.player_role,
        command.service_type,
        command.title,
        command.text,
        command.descriptions,
        command.terms,
    )
    areas = uow.find(ServedArea, id=registration.id)
    served = frozenset(areas[0].countries) if areas else None
    for index, description in enumerate(command.descriptions if served is not None and not found else ()):
        beyond = sorted(countries_of(description) - (served or frozenset()))
        if beyond:
            sentence = f"You do not serve {', '.join(beyond)}; see your served area."
            field = f"descriptions[{index}].localisation"
            found.append(Finding(code="out_of_range", field=field, sentence=sentence))
    return found


def _named(
    descriptions: Iterable[ServiceDescription], offer_id: ServiceOfferId, known: frozenset[ServiceDescriptionId]
) -> tuple[ServiceDescription, ...]:
    """With ids: those that are known stay, each once; all others are new."""
    left = set(known)
    made = []
    for description in descriptions:
        if description.id in left:
            left.discard(description.id)
            id = description.id
        else:
            id = ServiceDescriptionId(new_id("SD"))
        made.append(
            replace(
                description,
                id=id,
                offer_id=offer_id,
                short_description=description.short_description.strip(),
                usage_details=description.usage_details.strip(),
            )
        )
    return tuple(made)
