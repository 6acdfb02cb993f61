"""Whom a platform is to meet and whom to part from: rows of `app.platform.due`."""

from __future__ import annotations

from collections.abc import Iterator

from domain.commands import Command
from domain.commands.platform import EndPeer, ExpectPeer
from domain.parties import ApiKey, Party, Role
from domain.platform.peers import AFTER_END, Meeting
from domain.platform.subscriptions import PlatformSubscription, SubscriptionStanding
from domain.ports import UnitOfWork
from domain.transport import Correspondent


def expected(uow: UnitOfWork) -> Iterator[Command]:
    """Confirmed subscriptions whose other side is not expected yet."""
    active = uow.find(PlatformSubscription, state=SubscriptionStanding.ACTIVE)
    known = {meeting.id for meeting in uow.find(Meeting)} if active else set()
    for each in active:
        if each.id not in known and each.introduction:
            yield ExpectPeer(subscription_id=each.id)


def ended(uow: UnitOfWork) -> Iterator[Command]:
    """Peers with whom nothing is subscribed any more, though keys of one side still open something."""
    peers = tuple(party.id for party in uow.find(Party, role=Role.PEER))
    if not peers:
        return
    subscribed = {each.peer_id for each in uow.find(PlatformSubscription, peer_id=peers) if _counts(uow, each)}
    living = {key.party_id for key in uow.find(ApiKey, party_id=peers, revoked_at=None) if key.lives(uow.wall)}
    keyed = {each.id for each in uow.find(Correspondent, id=peers) if each.sealed_key}
    for peer in peers:
        if peer not in subscribed and peer in living | keyed:
            yield EndPeer(peer_id=peer)


def _counts(uow: UnitOfWork, subscription: PlatformSubscription) -> bool:
    ends = subscription.content.ends_at
    running = ends is None or uow.market < ends + AFTER_END
    return running and subscription.state is SubscriptionStanding.ACTIVE
