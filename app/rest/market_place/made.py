"""What bodies become, and what answers are made of."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from pydantic import BaseModel

from app.queries.models import place as q
from app.rest.envelopes import domain_of
from app.rest.market_place import schemas as s
from domain.marketplace.services import ServiceDescription, ServiceTerms

Kind = TypeVar("Kind")


def tupled(kind: type[Kind], bodies: Iterable[BaseModel]) -> tuple[Kind, ...]:
    """Bodies as the dataclasses that have the same fields."""
    return tuple(domain_of(kind, body) for body in bodies)


def descriptions_of(bodies: Iterable[s.DescriptionIn]) -> tuple[ServiceDescription, ...]:
    return tupled(ServiceDescription, bodies)


def terms_of(body: s.TermsIn) -> ServiceTerms:
    return domain_of(ServiceTerms, body)


def registration(row: q.RegistrationRow) -> s.RegistrationOut:
    own = {key: value for key, value in vars(row).items() if key != "registration"}
    return s.RegistrationOut.model_validate({**vars(row.registration), **own})


def company(row: q.CompanyRow) -> s.CompanyOut:
    one = row.company
    return s.CompanyOut(
        id=one.id,
        name=one.name,
        legal=s.Legal(**vars(one.legal)),
        company_type=one.company_type,
        contact=s.ContactPart(**vars(one.contact)),
        address=s.AddressPart(**vars(one.address)),
        applied_at=one.applied_at,
        state=one.state,
        reason=one.reason,
        agreed_version=one.agreed_version,
        agreed_at=one.agreed_at,
        registrations=[registration(part) for part in row.registrations],
    )


def offer(row: q.ServiceOfferRow) -> s.OfferOut:
    own = {key: value for key, value in vars(row).items() if key not in ("offer", "asked_by")}
    described = [{**vars(one), "request_ids": row.asked_by.get(one.id, ())} for one in row.offer.descriptions]
    return s.OfferOut.model_validate({**vars(row.offer), **own, "descriptions": described})


def request(row: q.ServiceRequestRow) -> s.RequestOut:
    own = {key: value for key, value in vars(row).items() if key != "request"}
    return s.RequestOut.model_validate({**vars(row.request), "service_types": row.request.service_types, **own})


def proposal(row: q.ProposalRow) -> s.ProposalOut:
    own = {key: value for key, value in vars(row).items() if key != "proposal"}
    return s.ProposalOut.model_validate({**vars(row.proposal), **own})


def subscription(row: q.SubscriptionRow) -> s.SubscriptionOut:
    one = row.subscription
    own = {key: value for key, value in vars(row).items() if key != "subscription"}
    return s.SubscriptionOut.model_validate({**vars(one.content), **vars(one), **own})


def agreement(row: q.Agreement) -> s.AgreementOut:
    return s.AgreementOut(
        name=row.document.name,
        title=row.document.title,
        text=row.document.text,
        version=row.version,
        accepted=row.accepted,
    )


def matches(found: q.Matches) -> s.MatchesOut:
    return s.MatchesOut(
        wishes=[
            s.WishOut(
                wish_id=row.wish.id,
                short_description=row.wish.short_description,
                matches=[
                    s.WishMatchOut(
                        offer_id=match.offer.id,
                        description_id=match.description.id,
                        provider_id=match.offer.provider_id,
                        provider_name=match.provider_name,
                        title=match.offer.title,
                        short_description=match.description.short_description,
                        price_eur=match.offer.terms.price_eur,
                    )
                    for match in row.matches
                ],
            )
            for row in found.wishes
        ],
        providers=[s.MatchingProviderOut.model_validate(one) for one in found.providers],
        unmet=list(found.unmet),
    )
