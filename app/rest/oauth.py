"""OAuth2 tokens (RFC 6749, RFC 7009): getting, refreshing and revoking them."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Coroutine, Mapping
from typing import Any, NamedTuple
from urllib.parse import unquote_plus

from fastapi import APIRouter, Request, Response
from fastapi.routing import APIRoute

from app.auth import Grant, Tokens
from app.rest.access import FromServices, TokenAuth, address_of
from app.rest.forms import Form, described
from app.rest.oauth_schemas import TokensOut
from app.rest.problems import refused_answer
from domain.errors import Refused, refuse

INVALID_REQUEST = "invalid_request"
ERRORS: Mapping[str, tuple[str, int]] = {
    "wrong_client": ("invalid_client", 401),
    "wrong_credentials": ("invalid_grant", 400),
    "wrong_grant": ("invalid_grant", 400),
    "must_change": ("invalid_grant", 400),
    "grant_not_allowed": ("unauthorized_client", 400),
    "unknown_grant": ("unsupported_grant_type", 400),
    "throttled": ("temporarily_unavailable", 429),
}
"""Our code -> the word and status of RFC 6749, section 5.2; anything else is an invalid request."""

FIELDS = {
    "grant_type": "password (where it is allowed), refresh_token or client_credentials",
    "username": "the account, with password",
    "password": "of the account",
    "refresh_token": "of the last answer; it serves once",
    "client_id": "or HTTP Basic",
    "client_secret": "or HTTP Basic",
}


class OAuthRoute(APIRoute):
    """A route whose refusals are problem details with the members of RFC 6749, section 5.2."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def answered(request: Request) -> Response:
            try:
                return await handle(request)
            except Refused as refused:
                return oauth_answer(refused)

        return answered


def oauth_answer(refused: Refused) -> Response:
    first = refused.findings[0]
    error, status = ERRORS.get(first.code, (INVALID_REQUEST, 400))
    more = {"error": error, "error_description": first.sentence}
    return refused_answer(refused, status, more, scheme='Basic realm="oauth"')


router = APIRouter(route_class=OAuthRoute, tags=["access"])


@router.post(
    "/oauth/token",
    openapi_extra=described(FIELDS, ("grant_type",)),
    response_model_exclude_none=True,
)
def get_tokens(form: Form, request: Request, services: FromServices) -> TokensOut:
    """OAuth2 tokens for a client: with a refresh token, by its own credentials, or with somebody's password."""
    return granted(services.auth, form, request)


@router.post(
    "/oauth/revoke",
    openapi_extra=described(
        {"token": "an access or refresh token of the client"}
        | {name: FIELDS[name] for name in ("client_id", "client_secret")},
        ("token",),
    ),
)
def revoke(form: Form, request: Request, services: FromServices) -> dict[str, str]:
    """End a token of the client; a refresh token with all tokens of its grant. Unknown ones are no error."""
    client, remote_ip = client_of(form, request), address_of(request)
    services.auth.revoke_token(_needed(form, "token"), client.id, client.secret, remote_ip)
    return {}


class Client(NamedTuple):
    id: str
    secret: str


def granted(auth: TokenAuth, form: Mapping[str, str], request: Request) -> TokensOut:
    """What the form's `grant_type` gives. Raises `Refused`."""
    word = _needed(form, "grant_type")
    if word not in _BY_GRANT:
        sentence = f"Give one of {', '.join(grant.value for grant in Grant)}."
        raise refuse("unknown_grant", "grant_type", sentence)
    tokens = _BY_GRANT[Grant(word)](auth, form, client_of(form, request), request)
    return TokensOut(
        access_token=tokens.access_token, expires_in=tokens.expires_in_s, refresh_token=tokens.refresh_token
    )


def client_of(form: Mapping[str, str], request: Request) -> Client:
    """The client's id and secret, from HTTP Basic or from the form, not from both.

    Raises:
        Refused: `wrong_client` for none or a header that cannot be read, `malformed` for both.
    """
    header = request.headers.get("authorization", "")
    basic = header.lower().startswith("basic ")
    if basic and "client_secret" in form:
        raise refuse("malformed", "client_secret", "Send the client's secret once: by HTTP Basic or in the form.")
    if not basic and form.get("client_id"):  # a token that is sent with everything is no client's
        return Client(form["client_id"], form.get("client_secret", ""))
    if not header:
        raise refuse("wrong_client", "client_id", "Send the client's id and secret.")
    client = _basic(header)
    if form.get("client_id", client.id) != client.id:
        raise refuse("malformed", "client_id", "The form names another client than HTTP Basic.")
    return client


def _basic(header: str) -> Client:
    scheme, _, encoded = header.partition(" ")
    try:
        if scheme.lower() != "basic":
            raise ValueError
        id, colon, secret = base64.b64decode(encoded.strip(), validate=True).decode("utf-8").partition(":")
        if not colon:
            raise ValueError
        return Client(unquote_plus(id, errors="strict"), unquote_plus(secret, errors="strict"))
    except (ValueError, binascii.Error):
        raise refuse("wrong_client", "Authorization", "Send the client's id and secret by HTTP Basic.") from None


def _password(auth: TokenAuth, form: Mapping[str, str], client: Client, request: Request) -> Tokens:
    account, password = _needed(form, "username"), _needed(form, "password")
    return auth.grant_password(account, password, client.id, client.secret, address_of(request), _agent(request))


def _refresh(auth: TokenAuth, form: Mapping[str, str], client: Client, request: Request) -> Tokens:
    token = _needed(form, "refresh_token")
    return auth.grant_refresh(token, client.id, client.secret, address_of(request), _agent(request))


def _client(auth: TokenAuth, _form: Mapping[str, str], client: Client, request: Request) -> Tokens:
    return auth.grant_client(client.id, client.secret, address_of(request), _agent(request))


_BY_GRANT: Mapping[str, Callable[[TokenAuth, Mapping[str, str], Client, Request], Tokens]] = {
    Grant.PASSWORD: _password,
    Grant.REFRESH: _refresh,
    Grant.CLIENT: _client,
}


def _needed(form: Mapping[str, str], name: str) -> str:
    if not form.get(name):
        raise refuse("missing", name, "This is needed.")
    return form[name]


def _agent(request: Request) -> str:
    return request.headers.get("user-agent", "")
