"""OAuth2 authorization code with PKCE (RFC 6749, 7636): S256 only, a state always, addresses letter by letter."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, cast
from urllib.parse import parse_qsl, urlencode

from fastapi import APIRouter, Path, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from app.platform.rest import consent_schemas as s
from app.platform.rest.b2c import pages
from app.queries.models.platform import (
    AuthorizationAsked,
    GetAuthorization,
    GetLinkedConsent,
    GetTokenConsent,
)
from app.rest.access import FromServices, Services, address_of
from app.rest.description import CONSENT
from app.rest.edges.prefixes import prefix_of
from app.rest.forms import Form, described
from app.rest.oauth import OAuthRoute, client_of
from domain.commands.platform import AuthorizeClient, ExchangeCode, RefreshConsentTokens, RevokeConsentToken
from domain.errors import Refused, refuse
from domain.ids import PodId, ServiceDescriptionId, SubscriptionId
from domain.parties import SYSTEM, Principal, Role

public = APIRouter(tags=["OAuth2"])
tokens = APIRouter(route_class=OAuthRoute, tags=["OAuth2"])
COOKIE = "flexdesk-b2c"
AUTHORIZE = "/b2c/v1/authorize"
_SCOPE = re.compile(r"service:([A-Za-z0-9._: -]{1,100})/([A-Za-z0-9._: -]{1,100})", re.ASCII)
_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)
_LONGEST = 2000
PER_MINUTE = 60
CONSENTS_PAGE = "/platform/consents"
_NO_PAGES = "Sign in to your provider's own program to see who asks for what, and to answer."


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A request to authorize whose client and address fit. `query`: as it came."""

    query: str
    client_id: str
    redirect_uri: str
    state: str
    challenge: str
    subscription_id: str
    description_id: str
    page: AuthorizationAsked

    def back(self, **said: str) -> Response:
        return _back(self.redirect_uri, said | {"state": self.state})


@public.get("/authorize", name="b2c_authorize", include_in_schema=True)
def authorize(request: Request, services: FromServices) -> Response:
    """For a customer's browser: `response_type=code`, `client_id`, `redirect_uri`, `scope` (such as
    `service:SUBSCRIPTION/SERVICE`), `state`, `code_challenge` and `code_challenge_method=S256`."""
    customer = _customer(request, services)
    asked = _asked(services, request.url.query, customer)
    if not isinstance(asked, Asked):
        return asked
    if customer is None:
        return pages.sign_in(asked.page, asked.query, "", _action(request, "sign-in"), asked.redirect_uri)
    return _consent_page(request, services, asked, "")


@public.post("/authorize/sign-in", name="b2c_sign_in", openapi_extra=described({"account": "", "password": ""}))
def sign_in(form: Form, request: Request, services: FromServices) -> Response:
    """The sign-in form of the page before."""
    _same_site(request)
    services.rates.count(f"consent sign-ins of {address_of(request)}", PER_MINUTE)
    asked = _asked(services, form.get("request", ""), None)
    if not isinstance(asked, Asked):
        return asked
    try:
        issued = services.auth.issue_token(form.get("account", ""), form.get("password", ""), address_of(request))
    except Refused as refused:
        wrong = refused.findings[0].sentence
        return pages.sign_in(asked.page, asked.query, wrong, _action(request, "sign-in"), asked.redirect_uri)
    answer = RedirectResponse(f"{AUTHORIZE}?{asked.query}", 303)
    secure = request.url.scheme == "https"
    path = f"{prefix_of(request.scope)}/b2c"
    answer.set_cookie(COOKIE, issued.token, path=path, httponly=True, secure=secure, samesite="lax")
    return answer


@public.post("/authorize/decision", name="b2c_decide", openapi_extra=described({"decision": "give or refuse"}))
def decide(form: Form, request: Request, services: FromServices) -> Response:
    """The consent form: back to the client with a code, or with `access_denied`."""
    _same_site(request)
    customer = _customer(request, services)
    asked = _asked(services, form.get("request", ""), customer)
    if not isinstance(asked, Asked):
        return asked
    if customer is None or not hmac.compare_digest(form.get("csrf", ""), _csrf(request, services, asked)):
        raise refuse("not_permitted", "csrf", "This form is not from the consent page; begin again.")
    if form.get("decision") != "give":
        return asked.back(error="access_denied")
    chosen = tuple(PodId(value) for name, value in form.items() if name.startswith("pod-"))
    pods = asked.page.pod_ids if len(asked.page.pod_ids) > pages.MOST_CHOICES else chosen
    if not pods:
        return _consent_page(request, services, asked, "Choose at least one point of delivery.")
    command = AuthorizeClient(
        client_id=asked.client_id,
        redirect_uri=asked.redirect_uri,
        challenge=asked.challenge,
        subscription_id=SubscriptionId(asked.subscription_id),
        description_id=ServiceDescriptionId(asked.description_id),
        pod_ids=pods,
        consent_id=asked.page.consent_id,
    )
    try:
        code = cast(str, services.desk.execute(customer, command))
    except Refused as refused:
        return _consent_page(request, services, asked, refused.findings[0].sentence)
    return asked.back(code=code)


_FIELDS = {
    "grant_type": "authorization_code or refresh_token",
    "code": "of the redirect; it serves once, for 60 seconds",
    "redirect_uri": "as in the request to authorize",
    "code_verifier": "whose S256 was the challenge",
    "refresh_token": "of the last answer; it serves once",
    "client_id": "or HTTP Basic",
    "client_secret": "or HTTP Basic",
}


@tokens.post("/token", name="b2c_token", openapi_extra=described(_FIELDS, ("grant_type",)))
def token(form: Form, request: Request, services: FromServices) -> s.ConsentTokensOut:
    """Tokens of a consent, for a code or for a refresh token."""
    client = client_of(form, request)
    services.rates.count(f"consent tokens of {address_of(request)}", PER_MINUTE)
    command: ExchangeCode | RefreshConsentTokens
    if form.get("grant_type") == "authorization_code":
        command = ExchangeCode(
            client_id=client.id,
            secret=client.secret,
            redirect_uri=form.get("redirect_uri", ""),
            token=form.get("code", ""),
            present=form.get("code_verifier", ""),
        )
    elif form.get("grant_type") == "refresh_token":
        command = RefreshConsentTokens(
            client_id=client.id, secret=client.secret, token=form.get("refresh_token", "")
        )
    else:
        raise refuse("unknown_grant", "grant_type", "Give authorization_code or refresh_token.")
    issued: Any = services.desk.execute(SYSTEM, command)
    if issued is None:
        raise refuse("wrong_grant", "code", "This code or token gives nothing, or nothing any more.")
    return s.ConsentTokensOut(
        access_token=issued.access_token,
        expires_in=issued.expires_in_s,
        refresh_token=issued.refresh_token,
        scope=issued.scope,
    )


_OF_REVOCATION = {"token": "an access token, or a refresh token: all tokens of its code end"}
_OF_REVOCATION |= {name: _FIELDS[name] for name in ("client_id", "client_secret")}


@tokens.post("/revoke", name="b2c_revoke_token", openapi_extra=described(_OF_REVOCATION, ("token",)))
def revoke(form: Form, request: Request, services: FromServices) -> dict[str, str]:
    """End a token of the client (RFC 7009). Unknown ones are no error; the consent stands on."""
    client = client_of(form, request)
    services.rates.count(f"consent tokens of {address_of(request)}", PER_MINUTE)
    if not form.get("token"):
        raise refuse("missing", "token", "This is needed.")
    command = RevokeConsentToken(client_id=client.id, secret=client.secret, token=form["token"])
    services.desk.execute(SYSTEM, command)
    return {}


def bearer_of(request: Request) -> str:
    """The access token, from the header alone. Raises `Refused` (`signed_out`) without one."""
    given = request.headers.getlist("authorization")
    scheme, _, token = given[0].partition(" ") if len(given) == 1 else ("", "", "")
    if scheme.lower() != "bearer" or not token.strip():
        raise refuse("signed_out", "", "Send one access token: Authorization: Bearer ...")
    return token.strip()


BY_CONSENT: dict[str, Any] = {"security": [{CONSENT: []}]}


@public.get("/authorization", name="b2c_authorization", openapi_extra=BY_CONSENT)
def authorization(request: Request, services: FromServices) -> s.AuthorizationOut:
    """What an access token opens: the consent, and the PoDs by the names that the client knows. Needs the access
    token as a bearer token."""
    found = services.desk.query(SYSTEM, GetTokenConsent(token=bearer_of(request)))
    return s.AuthorizationOut(
        consent_id=found.consent.id,
        subscription_id=found.consent.subscription_id,
        description_id=found.consent.description_id,
        state=found.consent.state,
        starts_at=found.consent.starts_at,
        ends_at=found.consent.ends_at,
        pod_names=list(found.names),
    )


@public.get(
    "/asks/{token}",
    name="b2c_linked_ask",
    response_class=HTMLResponse,
    responses={303: {"description": "To the sign-in and the ask."}},
)
def linked_ask(
    token: Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{43}$")], request: Request, services: FromServices
) -> Response:
    """For a customer's browser: the link of a letter leads to the platform's page of that ask, where the customer
    signs in. By itself it opens nothing."""
    services.rates.count(f"consent links of {address_of(request)}", PER_MINUTE)
    try:
        consent = services.desk.query(SYSTEM, GetLinkedConsent(token=token))
    except Refused as refused:
        return pages.page("Nothing is asked here", pages.sentence(refused.findings[0].sentence), 404)
    if not services.pages_url:
        return pages.page("You are asked for your consent", pages.sentence(_NO_PAGES))
    return RedirectResponse(f"{services.pages_url}{CONSENTS_PAGE}?{urlencode({'consent': consent.id})}", 303)


def _asked(services: Services, query: str, customer: Principal | None) -> Asked | Response:
    """What is asked, or the answer that it gets: a page while the address is not known to be the client's, and a
    redirect with an error from then on."""
    said = _fields(query)
    if said is None:
        return pages.page("Not possible", pages.sentence("This address cannot be read."), 400)
    scope = _SCOPE.fullmatch(said.get("scope", ""))
    client_id, redirect_uri, state = (said.get(name, "") for name in ("client_id", "redirect_uri", "state"))
    ask = GetAuthorization(
        client_id=client_id,
        redirect_uri=redirect_uri,
        subscription_id=scope[1] if scope else "",
        description_id=scope[2] if scope else "",
        customer_id=customer.party_id if customer else None,
    )
    try:
        shown = services.desk.query(SYSTEM, ask)
    except Refused as refused:
        first = refused.findings[0]
        if first.field != "scope":
            return pages.page("Not possible", pages.sentence(first.sentence), 400)
        return _back(redirect_uri, {"error": "invalid_scope"} | ({"state": state} if state else {}))
    error = _error(said)
    if error:
        return _back(redirect_uri, {"error": error} | ({"state": state} if state else {}))
    return Asked(
        query=urlencode(said),
        client_id=client_id,
        redirect_uri=redirect_uri,
        state=state,
        challenge=said["code_challenge"],
        subscription_id=ask.subscription_id,
        description_id=ask.description_id,
        page=shown,
    )


def _fields(query: str) -> Mapping[str, str] | None:
    try:
        pairs = parse_qsl(query, keep_blank_values=True, errors="strict", max_num_fields=20)
    except ValueError:
        return None
    fields = dict(pairs)
    return fields if len(fields) == len(pairs) and len(query) <= _LONGEST else None


def _error(said: Mapping[str, str]) -> str:
    if said.get("response_type") != "code":
        return "unsupported_response_type"
    pkce = said.get("code_challenge_method") == "S256" and _CHALLENGE.fullmatch(said.get("code_challenge", ""))
    return "" if pkce and 1 <= len(said.get("state", "")) <= 500 else "invalid_request"


def _back(redirect_uri: str, said: Mapping[str, str]) -> Response:
    """To an address that is known to be the client's own."""
    return RedirectResponse(f"{redirect_uri}{'&' if '?' in redirect_uri else '?'}{urlencode(said)}", 303)


def _consent_page(request: Request, services: Services, asked: Asked, wrong: str) -> Response:
    csrf = _csrf(request, services, asked)
    return pages.consent(asked.page, asked.query, csrf, wrong, _action(request, "decision"), asked.redirect_uri)


def _action(request: Request, step: str) -> str:
    return f"{prefix_of(request.scope)}{AUTHORIZE}/{step}"


def _customer(request: Request, services: Services) -> Principal | None:
    found = services.auth.principal_of_bearer(request.cookies.get(COOKIE, ""))
    return found if found is not None and found.role is Role.CUSTOMER else None


def _csrf(request: Request, services: Services, asked: Asked) -> str:
    """Of this session, this request and what the page says: no other page can know it, and nothing else is given
    than what was read."""
    shown = (asked.page.consent_id or "", asked.page.data_details, asked.page.processing_details)
    said = "\0".join(("consent", request.cookies.get(COOKIE, ""), asked.query, *shown)).encode()
    return hmac.new(services.fingerprint_key, said, hashlib.sha256).hexdigest()


def _same_site(request: Request) -> None:
    """Browsers say where a form comes from; `Origin` is null under our own Referrer-Policy."""
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        raise refuse("not_permitted", "", "This form is not from here.")
