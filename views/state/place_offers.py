"""Offers of the catalogue as rows and as names and values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.queries.models.place import SearchServices, ServiceOfferRow
from domain.marketplace.offers import MAY_OFFER, ServiceOffer, ServiceOfferState
from domain.marketplace.words import (
    AggregationLevel,
    Environment,
    PlayerRole,
    Quantity,
    ServiceType,
    TimeStep,
)
from views.state.common import local, number, utc
from views.state.dso_drafts import parse_decimal
from views.state.place_pick import CatalogueFilter
from views.state.place_words import (
    Facts,
    capital,
    consent_words,
    delay_words,
    description_facts,
    places_words,
    short_type,
    terms_facts,
    words,
)

_SHOWN = "%d %b %Y %H:%M"
NOT_SEEN = "not seen"
MOST_COMPARED = 6


def offer_record(row: ServiceOfferRow, compared: bool = False) -> dict[str, Any]:
    """A row of the catalogue, of what fits the search."""
    offer = row.offer
    fitting = [one for one in offer.descriptions if one.id in row.fitting] or list(offer.descriptions)
    steps = dict.fromkeys(words(one.time_step) for one in fitting)
    return {
        "id": offer.id,
        "compared": "✓" if compared else "",
        "state": state_words(row),
        "title": offer.title,
        "provider": row.provider_name,
        "type": short_type(offer.service_type),
        "environment": capital(offer.environment.value),
        "quantity": ", ".join(dict.fromkeys(capital(one.quantity.value) for one in fitting)),
        "step": ", ".join(steps),
        "countries": places_words(row.countries),
        "consent": ", ".join(dict.fromkeys(consent_words(one.consent_mandatory) for one in fitting)),
        "price_eur": number(offer.terms.price_eur),
        "delay": delay_words(offer.terms.max_delay_minutes),
        "n": len(offer.descriptions),
        "at": local(offer.changed_at, _SHOWN),
        "at_utc": utc(offer.changed_at),
    }


def state_words(row: ServiceOfferRow) -> str:
    """A published offer of a provider without a certificate is not seen."""
    if row.offer.state is ServiceOfferState.PUBLISHED and not row.visible:
        return NOT_SEEN
    return row.offer.state.value


def offer_facts(row: ServiceOfferRow) -> Facts:
    """MKP-SRV-OFF with its terms."""
    offer = row.offer
    return [
        ("Provider", f"{row.provider_name}, {row.player_role.value}"),
        ("Environment", capital(offer.environment.value)),
        ("Service type", capital(offer.service_type.value)),
        *([("About it", offer.text)] if offer.text else []),
        ("Countries", places_words(row.countries)),
        *terms_facts(offer.terms),
        ("Last changed", local(offer.changed_at, _SHOWN)),
        ("Requests for it", str(len({request for asked in row.asked_by.values() for request in asked}))),
    ]


def services_facts(offer: ServiceOffer) -> list[tuple[str, Facts]]:
    """(heading, names and values) of each description; the type is the offer's."""
    n = len(offer.descriptions)
    return [
        (
            one.short_description if n == 1 else f"{index}. {one.short_description}",
            [fact for fact in description_facts(one) if fact[0] not in ("Service type", "What it is")],
        )
        for index, one in enumerate(offer.descriptions, start=1)
    ]


def offerable(role: PlayerRole) -> dict[str, str]:
    """The service types that a role may offer."""
    return {words(kind): kind.value for kind in ServiceType if kind in MAY_OFFER[role]}


_CHOICES: Mapping[str, Any] = {
    "service_type": ServiceType,
    "environment": Environment,
    "quantity": Quantity,
    "time_step": TimeStep,
    "aggregation_level": AggregationLevel,
}


_YES = {"yes": True, "no": False}


def search_of(state: CatalogueFilter) -> SearchServices:
    """What is asked for; a choice that an address names wrongly is none. Raises `Refused` for a price that is no
    number."""
    chosen: dict[str, Any] = {}
    for name, kind in _CHOICES.items():
        value = getattr(state, name)
        if value in {one.value for one in kind}:
            chosen[name] = kind(value)
    return SearchServices(
        text=state.text,
        country=state.country.strip().upper() or None,
        consent_mandatory=_YES.get(state.consent),
        near_real_time=_YES.get(state.flow),
        most_price_eur=parse_decimal(state.most_eur, "most_eur", "a price") if state.most_eur.strip() else None,
        **chosen,
    )
