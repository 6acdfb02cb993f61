"""Values that a customer's consent opens to a client, in the manner of Green Button: by its access token alone."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request, Response

from app.platform.rest import value_schemas as s
from app.platform.rest.b2c.oauth import BY_CONSENT, bearer_of
from app.platform.values.exporting import as_xml, of_consented
from app.queries.models.platform import ConsentedValues, ListConsentedValues
from app.rest.access import FromServices, Services, address_of
from app.rest.documents import AsUploaded
from app.rest.strict import StrictRoute
from domain.parties import SYSTEM

router = APIRouter(route_class=StrictRoute, tags=["OAuth2"])
XML = "application/xml"
PER_MINUTE = 300
_FILE: dict[int | str, dict[str, Any]] = {200: {"content": {XML: {"schema": {"type": "string"}}}}}


@router.get("/values", name="b2c_values", openapi_extra=BY_CONSENT)
def values(
    request: Request, services: FromServices, where: Annotated[s.ConsentedFilter, Query()]
) -> s.ConsentedValuesOut:
    """Values of the consent's service, of the points of delivery and the time that the customer consented to, as
    long as the consent stands. Needs the access token as a bearer token."""
    return s.ConsentedValuesOut.model_validate(_found(request, services, where))


@router.get(
    "/values.xml", name="b2c_values_xml", response_class=Response, responses=_FILE, openapi_extra=BY_CONSENT
)
def values_xml(request: Request, services: FromServices, where: Annotated[s.ConsentedFilter, Query()]) -> Response:
    """The same as an IEC 62325 market document; a Link header names the next part."""
    found = _found(request, services, where)
    body = as_xml(f"values-{found.consent_id}", datetime.now(UTC), of_consented(found))
    answer = AsUploaded(body, media_type=XML)
    if found.after is not None:
        following = where.model_copy(update={"after": found.after}).model_dump(mode="json")
        answer.headers["Link"] = f'<{request.url.path}?{urlencode(following)}>; rel="next"'
    return answer


def _found(request: Request, services: Services, where: s.ConsentedFilter) -> ConsentedValues:
    services.rates.count(f"consented values of {address_of(request)}", PER_MINUTE)
    query = ListConsentedValues(
        token=bearer_of(request), start=where.start, end=where.end, after=where.after or "", limit=where.limit
    )
    return services.desk.query(SYSTEM, query)
