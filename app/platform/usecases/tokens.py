"""OAuth2 authorization code with PKCE for customers' consents (RFC 6749, 7636, 9700).

What a stranger does wrong twice has an effect (all tokens of a code end), so it is answered with None and stored;
a refusal would leave everything as it was.
"""

from __future__ import annotations

import hmac
import re
from dataclasses import dataclass, field, replace

from authlib.oauth2.rfc7636 import create_s256_code_challenge

from app.auth import new_token, sha256
from app.platform import consenting
from app.platform.consent_clients import in_its_words, known_client, service_of, waiting_ask, words_of
from app.platform.usecases.consents import new_consent
from domain.commands.platform import (
    AuthorizeClient,
    EndConsentClient,
    ExchangeCode,
    RefreshConsentTokens,
    RegisterConsentClient,
    RevokeConsentToken,
)
from domain.errors import Finding, raise_if, refuse
from domain.ids import ConsentAskId, PartyId, PodId, new_id
from domain.marketplace.words import ConsentState, PlatformRole
from domain.parties import Principal
from domain.platform.activations import USUAL_TERM
from domain.platform.consents import STANDING, Consent, ConsentedPod, ConsentWay
from domain.platform.messages import AskMessage
from domain.platform.subscriptions import PlatformSubscription
from domain.platform.tokens import (
    ACCESS_LASTS,
    CODE_LASTS,
    MOST_REDIRECTS,
    AuthorizationCode,
    ConsentClient,
    ConsentToken,
    TokenKind,
    redirect_findings,
)
from domain.ports import UnitOfWork
from domain.texts import text_findings

_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)
_VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}", re.ASCII)


@dataclass(frozen=True, kw_only=True)
class IssuedConsentClient:
    """A new client with its secret, shown this once."""

    id: str
    secret: str = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class ConsentTokens:
    """Shown this once."""

    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    expires_in_s: int
    scope: str


def scope_of(subscription_id: str, description_id: str) -> str:
    """What a client asks for: a service under a subscription."""
    return f"service:{subscription_id}/{description_id}"


def register_client(uow: UnitOfWork, principal: Principal, command: RegisterConsentClient) -> IssuedConsentClient:
    """Raises `Refused`: findings on name and addresses; `unknown_party` for who has no subscription with us."""
    found = text_findings(command.name, "name")
    if not 1 <= len(command.redirect_uris) <= MOST_REDIRECTS:
        sentence = f"Give 1 to {MOST_REDIRECTS} addresses."
        found.append(Finding(code="out_of_range", field="redirect_uris", sentence=sentence))
    for i, uri in enumerate(command.redirect_uris):
        found += redirect_findings(uri, f"redirect_uris[{i}]")
    peers = uow.find(PlatformSubscription, peer_id=command.peer_id, side=PlatformRole.PROVIDER)
    if not any(each.own_id == principal.party_id for each in peers):
        sentence = "No requester of yours has this id."
        found.append(Finding(code="unknown_party", field="peer_id", sentence=sentence))
    raise_if(found)
    secret = new_token()
    client = ConsentClient(
        id=new_id("CC"),
        peer_id=command.peer_id,
        name=command.name,
        redirect_uris=command.redirect_uris,
        secret_sha256=sha256(secret),
    )
    uow.add(client)
    return IssuedConsentClient(id=client.id, secret=secret)


def end_client(uow: UnitOfWork, principal: Principal, command: EndConsentClient) -> None:
    """Raises `Refused`: `not_found`."""
    found = uow.find(ConsentClient, id=command.client_id, active=True)
    subscriptions = uow.find(PlatformSubscription, peer_id=found[0].peer_id) if found else ()
    if not any(each.own_id == principal.party_id for each in subscriptions):
        raise refuse("not_found", "client_id", "There is no such client, or it is not yours.")
    uow.save(replace(found[0], active=False))
    for token in uow.find(ConsentToken, client_id=command.client_id):
        uow.remove(token)


def authorize(uow: UnitOfWork, principal: Principal, command: AuthorizeClient) -> str:
    """The consent is given, or stands already; a code for it, which serves once and for a minute.

    Raises:
        Refused: `not_found`, `malformed` for a client, address or challenge that does not fit; `wrong_state` where
            another ask is to be read first; as `consenting.give`.
    """
    client = known_client(uow, command.client_id, command.redirect_uri)
    if not _CHALLENGE.fullmatch(command.challenge):
        raise refuse("malformed", "code_challenge", "An S256 challenge is expected.")
    subscription = service_of(uow, client, command.subscription_id, command.description_id)
    ask = _shown(uow, principal.party_id, subscription, command)
    consent = _standing(uow, principal.party_id, subscription, command) if ask is None else None
    if consent is None:
        asked = ask or _new(uow, principal.party_id, subscription, command)
        consent = consenting.give(uow, asked, command.pod_ids)
    code = new_token()
    uow.add(
        AuthorizationCode(
            id=sha256(code),
            client_id=client.id,
            redirect_uri=command.redirect_uri,
            challenge=command.challenge,
            consent_id=consent.id,
            expires_at=uow.wall + CODE_LASTS,
        )
    )
    return code


def exchange(uow: UnitOfWork, _principal: Principal, command: ExchangeCode) -> ConsentTokens | None:
    """Tokens; None for a code that is none, over, of another client, address or verifier, or that was used: then
    the tokens that it gave end.

    Raises:
        Refused: `wrong_client`.
    """
    client = _authenticated(uow, command.client_id, command.secret)
    found = uow.find(AuthorizationCode, id=sha256(command.token), client_id=client.id)
    if not found:
        return None
    code = found[0]
    if code.family:
        _end_family(uow, code.family)
        return None
    fits = _VERIFIER.fullmatch(command.present) is not None and hmac.compare_digest(
        create_s256_code_challenge(command.present), code.challenge
    )
    family = new_id("CF")
    uow.save(replace(code, family=family))  # one try: a code that was shown with a wrong verifier is spent, too
    consent = _alive(uow, code.consent_id)
    if not fits or consent is None or uow.wall >= code.expires_at or code.redirect_uri != command.redirect_uri:
        return None
    return _issue(uow, client, consent, family)


def refresh(uow: UnitOfWork, _principal: Principal, command: RefreshConsentTokens) -> ConsentTokens | None:
    """The next tokens; None for a token that gives nothing. One that was spent before ends all of its code's.

    Raises:
        Refused: `wrong_client`.
    """
    client = _authenticated(uow, command.client_id, command.secret)
    found = uow.find(ConsentToken, id=sha256(command.token), client_id=client.id, kind=TokenKind.REFRESH)
    if not found:
        return None
    token = found[0]
    if token.spent:
        _end_family(uow, token.family)
        return None
    consent = _alive(uow, token.consent_id)
    if consent is None or uow.wall >= token.expires_at:
        return None
    uow.save(replace(token, spent=True))
    for access in uow.find(ConsentToken, family=token.family, kind=TokenKind.ACCESS):
        uow.remove(access)
    return _issue(uow, client, consent, token.family)


def revoke(uow: UnitOfWork, _principal: Principal, command: RevokeConsentToken) -> None:
    """Unknown tokens, and those of others, are no error and stay as they are (RFC 7009, section 2.2).

    Raises:
        Refused: `wrong_client`.
    """
    client = _authenticated(uow, command.client_id, command.secret)
    for token in uow.find(ConsentToken, id=sha256(command.token), client_id=client.id):
        if token.kind is TokenKind.REFRESH:
            _end_family(uow, token.family)
        else:
            uow.remove(token)


def _shown(
    uow: UnitOfWork, customer: PartyId, subscription: PlatformSubscription, command: AuthorizeClient
) -> Consent | None:
    """The ask that the customer has read; None where it has read the subscription's own words.

    Raises:
        Refused: `wrong_state` where another one would be shown by now.
    """
    waiting = waiting_ask(uow, subscription, command.description_id, customer)
    if (waiting.id if waiting else None) != command.consent_id:
        raise refuse("wrong_state", "consent_id", "What is asked has changed; read it again.")
    return waiting


def _new(
    uow: UnitOfWork, customer: PartyId, subscription: PlatformSubscription, command: AuthorizeClient
) -> Consent:
    """An ask in the subscription's own words, which were shown."""
    content = subscription.content
    data, processing = words_of(subscription, command.description_id)
    until = uow.market + USUAL_TERM
    message = AskMessage(
        ask_id=ConsentAskId(new_id("CA")),
        subscription_id=subscription.id,
        description_id=command.description_id,
        pod_ids=command.pod_ids,
        data_details=data,
        processing_details=processing,
        starts_at=uow.market,
        ends_at=min(until, content.ends_at or until),
    )
    consent = new_consent(uow, subscription, message, customer, command.pod_ids, ConsentWay.SIGN_IN)
    uow.add(consent)
    consenting.notify(uow, consent, ConsentState.ASKED)
    return consent


def _standing(
    uow: UnitOfWork, customer: PartyId, subscription: PlatformSubscription, command: AuthorizeClient
) -> Consent | None:
    """A consent of this customer in these words that stands for the very same PoDs."""
    found = uow.find(
        Consent,
        customer_id=customer,
        subscription_id=subscription.id,
        description_id=command.description_id,
        state=STANDING,
    )
    wanted = frozenset(command.pod_ids)
    same = (each for each in found if in_its_words(subscription, each) and _alive(uow, each.id))
    return next((each for each in same if wanted == _stands_for(uow, each)), None)


def _stands_for(uow: UnitOfWork, consent: Consent) -> frozenset[PodId]:
    return frozenset(row.pod_id for row in uow.find(ConsentedPod, consent_id=consent.id, stands=True))


def _authenticated(uow: UnitOfWork, client_id: str, secret: str) -> ConsentClient:
    found = uow.find(ConsentClient, id=client_id, active=True)
    kept = found[0].secret_sha256 if found else sha256("")
    if not hmac.compare_digest(sha256(secret), kept) or not found:
        raise refuse("wrong_client", "client_id", "The client's id and secret do not fit.")
    return found[0]


def _alive(uow: UnitOfWork, consent_id: str) -> Consent | None:
    found = uow.find(Consent, id=consent_id, state=STANDING)
    return found[0] if found and uow.market < found[0].ends_at else None


def _end_family(uow: UnitOfWork, family: str) -> None:
    for token in uow.find(ConsentToken, family=family):
        uow.remove(token)


def _issue(uow: UnitOfWork, client: ConsentClient, consent: Consent, family: str) -> ConsentTokens:
    access, again = new_token(), new_token()
    lasting = (
        (TokenKind.ACCESS, access, uow.wall + ACCESS_LASTS),
        (TokenKind.REFRESH, again, uow.wall + (consent.ends_at - uow.market)),
    )
    for kind, secret, until in lasting:
        uow.add(
            ConsentToken(
                id=sha256(secret),
                kind=kind,
                family=family,
                client_id=client.id,
                consent_id=consent.id,
                expires_at=until,
            )
        )
    return ConsentTokens(
        access_token=access,
        refresh_token=again,
        expires_in_s=int(ACCESS_LASTS.total_seconds()),
        scope=scope_of(consent.subscription_id, consent.description_id),
    )
