"""Requests, proposals and subscriptions as rows and as names and values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from app.queries.models.place import Matches, ProposalRow, ServiceRequestRow, SubscriptionRow, WishRow
from domain.ids import PartyId
from domain.marketplace.requests import ProposalLine, ServiceRequest
from domain.marketplace.services import ServiceTerms
from domain.marketplace.words import PlatformRole
from domain.parties import Role
from views.state.common import MISSING, local, number, utc
from views.state.place_drafts import midnight
from views.state.place_words import Facts, capital, description_facts, short_type, terms_facts

_SHOWN = "%d %b %Y %H:%M"
_DAY = "%d %b %Y"
OVER = "expired"
MOST_FOUND = 50
"""Providers of a localisation that a page's address may name."""


def request_record(row: ServiceRequestRow) -> dict[str, Any]:
    request = row.request
    return {
        "id": request.id,
        "state": request.state.value,
        "title": request.title,
        "requester": row.requester_name,
        "environment": capital(request.environment.value),
        "type": ", ".join(map(short_type, request.service_types)),
        "wishes": len(request.wishes),
        "proposals": row.n_proposals,
        "subscriptions": row.n_subscriptions,
        "at": local(request.asked_at, _SHOWN),
        "at_utc": utc(request.asked_at),
    }


def request_facts(request: ServiceRequest) -> Facts:
    """MKP-SRV-SUB."""
    return [
        ("Environment", capital(request.environment.value)),
        ("Data", request.data_details or MISSING),
        ("What they are for", request.processing_details),
        ("Asked", local(request.asked_at, _SHOWN)),
    ]


def provider_records(found: Matches) -> list[dict[str, Any]]:
    """Who meets the wishes, with the price of the cheapest offers of each."""
    n = len(found.request.wishes)
    return [
        {
            "id": one.provider_id,
            "name": one.provider_name,
            "meets": f"{len(one.wish_ids)} of {n}",
            "offers": ", ".join(dict.fromkeys(m.offer.title for m in matches_of(found, one.provider_id))),
            "price_eur": number(asked_terms(found, one.provider_id).price_eur),
            "asked": "✓" if one.proposal_id else "",
        }
        for one in found.providers
    ]


def unmet_words(found: Matches) -> str:
    """The wishes that nobody meets, in a sentence."""
    names = [wish.short_description for wish in found.request.wishes if wish.id in found.unmet]
    return f"Nobody meets: {'; '.join(names)}." if names else ""


def matches_of(found: Matches, provider_id: str) -> list[Any]:
    """The provider's cheapest match of each wish that it meets."""
    best = (_best(row, provider_id) for row in found.wishes)
    return [match for match in best if match is not None]


def _best(row: WishRow, provider_id: str) -> Any:
    return next((match for match in row.matches if match.offer.provider_id == provider_id), None)


def lines_for(found: Matches, provider_id: str) -> tuple[ProposalLine, ...]:
    """A line for each wish that the provider meets."""
    pairs = [(row.wish.id, _best(row, provider_id)) for row in found.wishes]
    return tuple(
        ProposalLine(wish_id=wish_id, offer_id=match.offer.id, description_id=match.description.id)
        for wish_id, match in pairs
        if match is not None
    )


def asked_terms(found: Matches, provider_id: str) -> ServiceTerms:
    """To begin with: those of the one offer, of several the sum of prices and the first one's promises."""
    offers = {match.offer.id: match.offer for match in matches_of(found, provider_id)}
    terms = [offer.terms for offer in offers.values()]
    if not terms:
        return ServiceTerms()
    return ServiceTerms(
        price_eur=sum((one.price_eur for one in terms), start=terms[0].price_eur * 0),
        max_delay_minutes=max(one.max_delay_minutes for one in terms),
        availability_share=min(one.availability_share for one in terms),
        interim_hours=max(one.interim_hours for one in terms),
        conditions="\n".join(one.conditions for one in terms if one.conditions),
    )


def proposal_state(row: ProposalRow) -> str:
    return OVER if row.expired else row.proposal.state.value


def proposal_record(row: ProposalRow, side: Role) -> dict[str, Any]:
    one = row.proposal
    return {
        "id": one.id,
        "turn": "◆ you" if row.turn else "",
        "state": proposal_state(row),
        "other": row.provider_name if side is Role.REQUESTER else row.requester_name,
        "request": row.request_title,
        "services": "; ".join(row.services),
        "price_eur": number(one.terms.price_eur),
        "deadline": local(one.deadline, _SHOWN),
        "deadline_utc": utc(one.deadline),
    }


def proposal_facts(row: ProposalRow) -> Facts:
    one = row.proposal
    until = local(one.ends_at, _DAY) if one.ends_at else "until it is cancelled"
    return [
        ("Provider", row.provider_name),
        ("Requester", row.requester_name),
        ("Request", row.request_title),
        ("Services", "\n".join(row.services)),
        ("In force", f"from {local(one.starts_at, _DAY)}, {until}"),
        ("State", capital(proposal_state(row))),
        ("Answer until", local(one.deadline, _SHOWN)),
        *([("Reason", one.reason)] if one.reason else []),
    ]


def terms_lines(row: ProposalRow) -> list[tuple[str, Sequence[str], bool]]:
    """Asked and offered terms side by side."""
    asked, now = terms_facts(row.proposal.asked_terms), terms_facts(row.proposal.terms)
    return [(a[0], (a[1], b[1]), a[1] != b[1]) for a, b in zip(asked, now, strict=True)]


def subscription_state(row: SubscriptionRow) -> str:
    """Cancelled, over by its time, or what it is."""
    state = row.subscription.state.value
    return "over" if row.ended and state == "active" else state


def subscription_record(row: SubscriptionRow) -> dict[str, Any]:
    content = row.subscription.content
    return {
        "id": row.subscription.id,
        "state": subscription_state(row),
        "provider": row.provider_name,
        "requester": row.requester_name,
        "side": "" if row.side is None else capital(row.side.value),
        "services": "; ".join(one.short_description for one in content.descriptions),
        "price_eur": number(content.terms.price_eur),
        "starts": local(content.starts_at, _DAY),
        "ends": local(content.ends_at, _DAY) if content.ends_at else "Open",
    }


def subscription_facts(row: SubscriptionRow) -> Facts:
    """B2B-SRV-SUB."""
    one, content = row.subscription, row.subscription.content
    ends = local(content.ends_at, _SHOWN) if content.ends_at else "Open"
    canceled = []
    if one.canceled_at is not None:
        canceled = [("Cancelled", local(one.canceled_at, _SHOWN)), ("Reason", one.reason)]
    return [
        ("Subscription", one.id),
        ("State", capital(subscription_state(row))),
        *canceled,
        ("Provider", row.provider_name),
        ("Requester", row.requester_name),
        ("Environment", capital(content.environment.value)),
        ("Agreed on", local(content.validated_at, _SHOWN)),
        ("In force", f"{local(content.starts_at, _SHOWN)} to {ends}"),
        ("Data", content.data_details or MISSING),
        ("Processing", content.processing_details or MISSING),
        *terms_facts(content.terms),
    ]


def subscribed_services(row: SubscriptionRow) -> list[tuple[str, Facts]]:
    """(heading, names and values) of each service."""
    return [
        (one.short_description, [fact for fact in description_facts(one) if fact[0] != "What it is"])
        for one in row.subscription.content.descriptions
    ]


def other_side(row: SubscriptionRow) -> str:
    return row.requester_name if row.side is PlatformRole.PROVIDER else row.provider_name


def times_of(first: date | None, last: date | None, until: date | None, now: datetime) -> dict[str, Any]:
    """Start, end and deadline of a proposal: whole days; without a first day it starts now."""
    return {
        "starts_at": midnight(first) or now,
        "ends_at": None if last is None else midnight(last + timedelta(days=1)),
        "deadline": None if until is None else midnight(until + timedelta(days=1)),
    }


def found_ids(found: str) -> tuple[PartyId, ...]:
    """Registrations in an address, with commas between."""
    return tuple(PartyId(id) for id in dict.fromkeys(found.split(",")) if id)[:MOST_FOUND]


def found_words(found: Sequence[PartyId], names: Mapping[PartyId, str]) -> str:
    """Whom requests are shown to on this page."""
    known = ", ".join(dict.fromkeys(names[id] for id in found if id in names))
    return f"Only providers that the localisation found: {known or 'none that takes part now'}."
