"""Lists of technical validations, for the company and for its peers."""

from __future__ import annotations

from app.platform.rest import validation_schemas as s
from app.queries.models.platform import GetTechnicalValidation, ListTechnicalValidations
from app.rest.access import Caller
from app.rest.paging import Listing, Pager
from app.rest.schemas import Page
from domain.ids import SubscriptionId

VALIDATIONS = Listing(s.ValidationOut, "-asked_at,id")


def page_of(caller: Caller, pager: Pager, where: s.ValidationFilter) -> Page[s.ValidationOut]:
    query = ListTechnicalValidations(
        part=pager.part(VALIDATIONS, where),
        subscription_id=SubscriptionId(where.subscription_id) if where.subscription_id else None,
        state=where.state,
    )
    rows = caller.query(query)
    return pager.cut(VALIDATIONS, where, rows, s.ValidationOut.of)


def one_of(caller: Caller, validation_id: str) -> s.ValidationOut:
    return s.ValidationOut.of(caller.query(GetTechnicalValidation(validation_id=validation_id)))
