"""What the consent page shows, what a token opens, and what a link is about."""

from __future__ import annotations

from dataclasses import replace

from app.auth import sha256
from app.platform.consent_clients import known_client, service_of, waiting_ask, words_of
from app.queries.models.platform import (
    AuthorizationAsked,
    GetAuthorization,
    GetLinkedConsent,
    GetTokenConsent,
    TokenConsent,
)
from domain.errors import refuse
from domain.marketplace.words import ConsentState
from domain.parties import Principal
from domain.platform.activations import USUAL_TERM
from domain.platform.consents import STANDING, Consent, ConsentedPod
from domain.platform.pods import Pod
from domain.platform.tokens import ConsentClient, ConsentToken, TokenKind
from domain.ports import UnitOfWork


def get_authorization(uow: UnitOfWork, _principal: Principal, query: GetAuthorization) -> AuthorizationAsked:
    client = known_client(uow, query.client_id, query.redirect_uri)
    subscription = service_of(uow, client, query.subscription_id, query.description_id)
    pods = uow.find(Pod, customer_id=query.customer_id) if query.customer_id else ()
    ask = waiting_ask(uow, subscription, query.description_id, query.customer_id) if query.customer_id else None
    content, until = subscription.content, uow.market + USUAL_TERM
    data, processing = words_of(subscription, query.description_id)
    description = subscription.description(query.description_id)
    return AuthorizationAsked(
        client=client.name,
        requester=content.requester.name,
        service=description.short_description if description else "",
        data_details=data,
        processing_details=processing,
        since=ask.starts_at if ask else uow.market,
        until=ask.ends_at if ask else min(until, content.ends_at or until),
        pod_ids=tuple(pod.id for pod in pods if ask is None or pod.id in ask.pod_ids),
        consent_id=ask.id if ask else None,
    )


def get_token_consent(uow: UnitOfWork, _principal: Principal, query: GetTokenConsent) -> TokenConsent:
    consent = opened(uow, query.token)
    rows = uow.find(ConsentedPod, consent_id=consent.id, stands=True)
    return TokenConsent(consent=replace(consent, link_sha256=""), names=tuple(row.name for row in rows))


def opened(uow: UnitOfWork, token: str) -> Consent:
    """The consent behind an access token, read at this moment.

    Raises:
        Refused: `signed_out` for a token that is none, or over, or whose consent or client is.
    """
    found = uow.find(ConsentToken, id=sha256(token), kind=TokenKind.ACCESS)
    alive = [each for each in found if uow.wall < each.expires_at]
    clients = uow.find(ConsentClient, id=alive[0].client_id, active=True) if alive else ()
    consents = uow.find(Consent, id=alive[0].consent_id, state=STANDING) if clients else ()
    if not consents or uow.market >= consents[0].ends_at or consents[0].requester_id != clients[0].peer_id:
        raise refuse("signed_out", "", "This token opens nothing, or nothing any more.")
    return consents[0]


def get_linked_consent(uow: UnitOfWork, _principal: Principal, query: GetLinkedConsent) -> Consent:
    found = uow.find(Consent, link_sha256=sha256(query.token), state=ConsentState.ASKED)
    over = not found or found[0].link_until is None or uow.wall >= found[0].link_until
    if over or uow.market >= found[0].answer_until:
        raise refuse("not_found", "token", "This link is over, or there is none like it.")
    return replace(found[0], link_sha256="")
