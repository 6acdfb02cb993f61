"""Introductions: who shows the word of a confirmation gets a key and brings one, for as long as they subscribe."""

from __future__ import annotations

import hmac
from dataclasses import replace
from datetime import timedelta

from app.platform.usecases.keys import issued, no_password
from app.transport.sending import address
from app.usecases.access import revoke_keys_of
from domain.commands.platform import (
    AcceptIntroduction,
    BeginIntroduction,
    DelayIntroduction,
    EndPeer,
    ExpectPeer,
    FinishIntroduction,
)
from domain.errors import Refused, refuse
from domain.events.platform import PeerEnded, PeerMet
from domain.ids import KeyId
from domain.marketplace.words import PlatformRole
from domain.parties import ApiKey, IssuedKey, Party, Principal, Role
from domain.platform.peers import OVERLAP, SHOWN_WITHIN, Introduction, Meeting, pause
from domain.platform.subscriptions import PlatformSubscription, SubscriptionStanding
from domain.ports import UnitOfWork
from domain.transport import Correspondent

KEY_LIFE = timedelta(days=366)
LONGEST_ERROR = 200
_NO_WORD = "\0"


def expect_peer(uow: UnitOfWork, _principal: Principal, command: ExpectPeer) -> Meeting:
    """Raises `Refused`: `not_found`, `duplicate` when it is expected already."""
    subscription = uow.get(PlatformSubscription, command.subscription_id)
    meeting = _expected(uow, subscription)
    uow.add(meeting)
    return meeting


def begin_introduction(uow: UnitOfWork, _principal: Principal, command: BeginIntroduction) -> Introduction:
    """What is to be shown to the provider's platform, with a new key for it; one of a try before ends.

    Raises:
        Refused: `not_found`; `wrong_state` when nothing is to be shown (any more).
    """
    meeting = uow.get(Meeting, command.subscription_id)
    subscription = uow.get(PlatformSubscription, command.subscription_id)
    url = _url(uow, subscription)
    if subscription.state is not SubscriptionStanding.ACTIVE or not meeting.is_due(uow.wall) or not url:
        raise refuse("wrong_state", "subscription_id", "There is nothing to show now.")
    key = _given(uow, meeting)
    uow.save(replace(meeting, key_id=key.key.id))
    return Introduction(
        url=url,
        subscription_id=subscription.id,
        requester_id=subscription.own_id,
        word=subscription.introduction,
        key=key.secret,
    )


def finish_introduction(uow: UnitOfWork, _principal: Principal, command: FinishIntroduction) -> Meeting:
    """From now on messages go to the provider's platform with the key that it gave.

    Raises:
        Refused: `not_found`; `wrong_state` when the subscription was canceled meanwhile; findings on the key.
    """
    subscription = uow.get(PlatformSubscription, command.subscription_id)
    if subscription.state is not SubscriptionStanding.ACTIVE:
        raise refuse("wrong_state", "subscription_id", "The subscription was canceled.")
    address(uow, subscription.peer_id, _url(uow, subscription), command.secret)
    return _met(uow, subscription, uow.get(Meeting, command.subscription_id))


def delay_introduction(uow: UnitOfWork, _principal: Principal, command: DelayIntroduction) -> Meeting:
    meeting = uow.get(Meeting, command.subscription_id)
    delayed = replace(
        meeting,
        n_tries=meeting.n_tries + 1,
        next_at=uow.wall + pause(meeting.n_tries),
        error=command.error[:LONGEST_ERROR],
    )
    uow.save(delayed)
    return delayed


def accept_introduction(uow: UnitOfWork, _principal: Principal, command: AcceptIntroduction) -> IssuedKey:
    """A key for the requester's platform; the one that it brings is what we call it with.

    The same word may come again until the key that it got was used, so that a lost answer locks nobody out; the
    key of the answer before ends then.

    Raises:
        Refused: `wrong_introduction`, the same whatever does not fit: subscription, requester, word, time, or that
            it was shown before; findings on the key that is brought.
    """
    subscription, meeting = _shown(uow, command)
    key = _given(uow, meeting)
    url = _url(uow, subscription)
    if url:
        address(uow, subscription.peer_id, url, command.token)
    _met(uow, subscription, replace(meeting, key_id=key.key.id))
    return key


def end_peer(uow: UnitOfWork, _principal: Principal, command: EndPeer) -> None:
    """No key of either side opens anything any more."""
    revoke_keys_of(uow, command.peer_id)
    for correspondent in uow.find(Correspondent, id=command.peer_id):
        uow.save(replace(correspondent, sealed_key="", sealed_next=""))
    uow.record(PeerEnded(peer_id=command.peer_id))


def _url(uow: UnitOfWork, subscription: PlatformSubscription) -> str:
    """Where the other side's platform is by now; "" for one without."""
    known = uow.find(Correspondent, id=subscription.peer_id)
    if known:
        return known[0].url
    sides = {PlatformRole.PROVIDER: subscription.content.requester}
    return sides.get(subscription.side, subscription.content.provider).platform_url


def _expected(uow: UnitOfWork, subscription: PlatformSubscription) -> Meeting:
    return Meeting(
        id=subscription.id,
        side=subscription.side,
        peer_id=subscription.peer_id,
        since=uow.wall,
        next_at=uow.wall,
    )


def _shown(uow: UnitOfWork, command: AcceptIntroduction) -> tuple[PlatformSubscription, Meeting]:
    found = uow.find(
        PlatformSubscription,
        id=command.subscription_id,
        side=PlatformRole.PROVIDER,
        state=SubscriptionStanding.ACTIVE,
        peer_id=command.requester_id,
    )
    word = (found[0].introduction if found else "") or _NO_WORD
    if not hmac.compare_digest(word.encode(), command.secret.encode()) or not found:
        raise _does_not_fit()
    meeting = _meeting(uow, found[0])
    late = uow.wall >= meeting.since + SHOWN_WITHIN
    if late or (meeting.key_id is not None and _was_used(uow, meeting.key_id)):
        raise _does_not_fit()
    return found[0], meeting


def _does_not_fit() -> Refused:
    return refuse("wrong_introduction", "introduction", "This introduction does not fit, or it is spent.")


def _meeting(uow: UnitOfWork, subscription: PlatformSubscription) -> Meeting:
    """The word may come before the next poll expects it."""
    known = uow.find(Meeting, id=subscription.id)
    if not known:
        uow.add(_expected(uow, subscription))
    return uow.get(Meeting, subscription.id)


def _was_used(uow: UnitOfWork, key_id: KeyId) -> bool:
    use = uow.access.uses((key_id,)).get(key_id)
    return use is None or use.used_at is not None


def _given(uow: UnitOfWork, meeting: Meeting) -> IssuedKey:
    """A new key for the other side. That of the introduction's try before ends now, others in a while."""
    party = uow.get(Party, meeting.peer_id)
    if party.role is not Role.PEER:
        raise refuse("wrong_state", "subscription_id", f"{party.id} is no other player here.")
    if uow.access.party_of(party.id) is None:
        uow.sign_ins.enter(party.id, no_password(), party)
    for key in uow.find(ApiKey, party_id=party.id, revoked_at=None):
        at = uow.wall if key.id == meeting.key_id else min(key.expires_at, uow.wall + OVERLAP)
        uow.sign_ins.let_end(key.id, issued_at=key.issued_at, at=at)
        uow.save(replace(key, expires_at=at))
    return issued(uow, party.id, f"introduction of {meeting.id}"[:80], KEY_LIFE)


def _met(uow: UnitOfWork, subscription: PlatformSubscription, meeting: Meeting) -> Meeting:
    first = meeting.met_at is None
    uow.save(replace(meeting, met_at=uow.wall, error=""))
    if first:
        uow.record(
            PeerMet(subscription_id=subscription.id, peer_id=subscription.peer_id, party_id=subscription.own_id)
        )
    return uow.get(Meeting, subscription.id)
