"""Lists of consents, asks, activations and agreements, at whichever interface."""

from __future__ import annotations

from typing import Any

from app.platform.rest import consent_schemas as s
from app.queries.models.platform import (
    ConsentView,
    ListAgreements,
    ListConsentAsks,
    ListConsents,
    ListServiceActivations,
    ListToldConsents,
)
from app.rest.access import Caller
from app.rest.fields import Id
from app.rest.paging import Listing, Pager
from app.rest.schemas import Page, Paging
from domain.ids import SubscriptionId
from domain.marketplace.words import ConsentState


class OfSubscription(Paging):
    """Of one subscription; of all where none is named."""

    subscription_id: Id | None = None

    @property
    def wanted(self) -> SubscriptionId | None:
        return SubscriptionId(self.subscription_id) if self.subscription_id else None


class ConsentFilter(OfSubscription):
    state: ConsentState | None = None


CONSENTS = Listing(s.ConsentListedOut, "id")
ASKS = Listing(s.AskOut, "-asked_at,id")
TOLD = Listing(s.ToldOut, "-acknowledged_at,id")
ACTIVATIONS = Listing(s.ActivationOut, "-requested_at,id")
AGREEMENTS = Listing(s.AgreementOut, "id")


def consents(caller: Caller, pager: Pager, where: ConsentFilter) -> Page[s.ConsentListedOut]:
    part = pager.part(CONSENTS, where)
    rows = caller.query(ListConsents(part=part, state=where.state, subscription_id=where.wanted))
    return pager.cut(CONSENTS, where, rows, _consent)


def asks(caller: Caller, pager: Pager, where: OfSubscription) -> Page[s.AskOut]:
    rows = caller.query(ListConsentAsks(part=pager.part(ASKS, where), subscription_id=where.wanted))
    return pager.cut(ASKS, where, rows, s.AskOut.model_validate)


def told(caller: Caller, pager: Pager, where: ConsentFilter) -> Page[s.ToldOut]:
    part = pager.part(TOLD, where)
    rows = caller.query(ListToldConsents(part=part, state=where.state, subscription_id=where.wanted))
    return pager.cut(TOLD, where, rows, s.ToldOut.model_validate)


def activations(caller: Caller, pager: Pager, where: OfSubscription) -> Page[s.ActivationOut]:
    part = pager.part(ACTIVATIONS, where)
    rows = caller.query(ListServiceActivations(part=part, subscription_id=where.wanted))
    return pager.cut(ACTIVATIONS, where, rows, _activation)


def agreements(caller: Caller, pager: Pager, where: OfSubscription) -> Page[s.AgreementOut]:
    part = pager.part(AGREEMENTS, where)
    rows = caller.query(ListAgreements(part=part, subscription_id=where.wanted))
    return pager.cut(AGREEMENTS, where, rows, _agreement)


def _consent(view: ConsentView) -> s.ConsentListedOut:
    known = s.ConsentOut.model_validate(view.consent).model_dump()
    return s.ConsentListedOut(**known, requester=view.requester, standing=[str(pod) for pod in view.standing])


def _activation(row: Any) -> s.ActivationOut:
    return s.ActivationOut.model_validate(row)


def _agreement(row: Any) -> s.AgreementOut:
    return s.AgreementOut.model_validate(row)
