"""InterFlex: token and refresh (D3.5, section 3.1, listings 1 to 3)."""

from __future__ import annotations

from fastapi import APIRouter, Request

from app.auth import Grant
from app.rest.access import FromServices
from app.rest.forms import Form, described
from app.rest.oauth import FIELDS, OAuthRoute, granted
from app.rest.oauth_schemas import TokensOut

router = APIRouter(prefix="/authentication", route_class=OAuthRoute, tags=["InterFlex authentication"])


@router.post(
    "/token",
    operation_id="interflex_get_token",
    openapi_extra=described(FIELDS, ("grant_type",)),
    response_model_exclude_none=True,
)
def authenticate(form: Form, request: Request, services: FromServices) -> TokensOut:
    """An access token and a refresh token for a user's name and secret and the client's."""
    return granted(services.auth, form, request)


@router.post(
    "/refresh",
    operation_id="interflex_refresh_token",
    openapi_extra=described(
        {name: FIELDS[name] for name in ("refresh_token", "client_id", "client_secret")}, ("refresh_token",)
    ),
)
def refresh(form: Form, request: Request, services: FromServices) -> TokensOut:
    """The next tokens for the latest refresh token, which serves once."""
    return granted(services.auth, {**form, "grant_type": Grant.REFRESH}, request)
