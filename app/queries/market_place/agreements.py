"""Agreements, to be read and as files."""

from __future__ import annotations

from app.invoicing.papers import text_pdf
from app.queries.market_place.requests import subscription_row
from app.queries.models import place as q
from domain.errors import refuse
from domain.marketplace.agreements import GENERAL_VERSION, general_agreement, service_agreement
from domain.marketplace.companies import Company
from domain.marketplace.registrations import Registration
from domain.marketplace.requests import Subscription
from domain.parties import Principal
from domain.ports import UnitOfWork


def get(uow: UnitOfWork, principal: Principal, query: q.GetAgreement) -> q.Agreement:
    """Raises `Refused`: `not_found` for others' subscriptions."""
    company = _company(uow, principal)
    accepted = company is not None and company.agreed_version == GENERAL_VERSION
    if query.subscription_id is None:
        return q.Agreement(document=general_agreement(company), version=GENERAL_VERSION, accepted=accepted)
    found = uow.find(Subscription, id=query.subscription_id)
    if not found or subscription_row(uow, principal, found[0]) is None:
        raise refuse("not_found", "subscription_id", "There is no such subscription, or it is not yours.")
    document = service_agreement(found[0])
    return q.Agreement(document=document, version=found[0].agreement_version, accepted=True)


def _company(uow: UnitOfWork, principal: Principal) -> Company | None:
    found = uow.find(Registration, id=principal.party_id)
    return uow.get(Company, found[0].company_id) if found else None


def get_file(uow: UnitOfWork, principal: Principal, query: q.GetAgreementFile) -> q.AgreementFile:
    """Raises `Refused`: as `get`; `out_of_range` for another form than `txt` and `pdf`."""
    document = get(uow, principal, q.GetAgreement(subscription_id=query.subscription_id)).document
    if query.form == "txt":
        content = document.text.encode("utf-8", "replace")
        return q.AgreementFile(name=f"{document.name}.txt", media_type="text/plain", content=content)
    if query.form == "pdf":
        content = text_pdf(document.name, document.title, document.parts)
        return q.AgreementFile(name=f"{document.name}.pdf", media_type="application/pdf", content=content)
    raise refuse("out_of_range", "form", "There is txt and pdf.")
