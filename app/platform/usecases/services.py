"""Subscriptions as the market place confirms and cancels them."""

from __future__ import annotations

from dataclasses import replace

from app.platform.activating import end
from app.platform.withdrawing import take_back
from app.transport.receiving import once
from app.transport.sending import address
from domain.commands.platform import CancelService, ConfirmService
from domain.errors import Finding, raise_if, refuse
from domain.events.platform import SubscriptionCanceled, SubscriptionEntered
from domain.ids import PartyId
from domain.marketplace.services import Player, SubscriptionContent
from domain.marketplace.words import PlatformRole
from domain.parties import Party, Principal, Role
from domain.platform.activations import AgreementState, ServiceAgreement
from domain.platform.subscriptions import PlatformSubscription, SubscriptionStanding
from domain.ports import UnitOfWork
from domain.texts import REASON, text_findings
from domain.transport import Receipt

_ROLE = {PlatformRole.PROVIDER: Role.PROVIDER, PlatformRole.REQUESTER: Role.REQUESTER}
_OTHERS = {Role.PEER, Role.PROVIDER, Role.REQUESTER}


def confirm_service(uow: UnitOfWork, principal: Principal, command: ConfirmService) -> Receipt:
    """The subscription is entered, and the other side with the address of its platform; or, without a word, the
    address that the other side has by now.

    Raises:
        Refused: as `once`; `unknown_party` when our side is none of our registrations, `duplicate` for a
            subscription that is there, findings on the other side's name and address.
    """
    return once(uow, principal, command, lambda: _enter(uow, command))


def _enter(uow: UnitOfWork, command: ConfirmService) -> None:
    content = command.subscription
    sides = {PlatformRole.PROVIDER: content.provider, PlatformRole.REQUESTER: content.requester}
    own = sides.pop(command.side)
    (peer,) = sides.values()
    _check_own(uow, own, command.side)
    peer_field = "provider" if command.side is PlatformRole.REQUESTER else "requester"
    held = uow.find(PlatformSubscription, id=content.id)
    if held:
        _follow(uow, held[0], command)
        _know(uow, peer, peer_field)
        return
    _know(uow, peer, peer_field)
    uow.add(
        PlatformSubscription(
            id=content.id, side=command.side, peer_id=peer.id, content=content, introduction=command.secret
        )
    )
    uow.record(SubscriptionEntered(subscription_id=content.id, party_id=own.id))


def _follow(uow: UnitOfWork, held: PlatformSubscription, command: ConfirmService) -> None:
    """Without a word it is the subscription that is there, with the platforms' addresses of now."""
    told = command.subscription
    same = _without_addresses(told) == _without_addresses(held.content) and command.side is held.side
    if command.secret or not same:
        raise refuse("duplicate", "subscription.id", "There is such a subscription already.")
    uow.save(replace(held, content=told))


def _without_addresses(content: SubscriptionContent) -> SubscriptionContent:
    provider, requester = (
        replace(side, name="", platform_url="") for side in (content.provider, content.requester)
    )
    return replace(content, provider=provider, requester=requester)


def _check_own(uow: UnitOfWork, own: Player, side: PlatformRole) -> None:
    if not uow.find(Party, id=own.id, role=_ROLE[side]):
        sentence = f"{own.id} is no registration of ours as {side.value}."
        raise refuse("unknown_party", f"subscription.{side.value}.id", sentence)


def _know(uow: UnitOfWork, peer: Player, field: str) -> None:
    """The other side is a participant here, with its address; it has no key of ours yet."""
    raise_if(replace(found, field=f"subscription.{field}.name") for found in text_findings(peer.name, "name"))
    known = uow.find(Party, id=peer.id)
    if not known:
        uow.add(Party(id=PartyId(peer.id), name=peer.name, role=Role.PEER))
    elif known[0].role not in _OTHERS:
        raise refuse("unknown_party", f"subscription.{field}.id", f"{peer.id} is no other player here.")
    if peer.platform_url:
        address(uow, peer.id, peer.platform_url, "")


def cancel_service(uow: UnitOfWork, principal: Principal, command: CancelService) -> Receipt:
    """The subscription is canceled and the agreements under it are over; when it was already, with what was told
    last.

    Raises:
        Refused: as `once`; `not_found`, findings on the reason.
    """
    return once(uow, principal, command, lambda: _cancel(uow, command))


def _cancel(uow: UnitOfWork, command: CancelService) -> None:
    found: list[Finding] = text_findings(command.reason, "reason", REASON)
    held = uow.find(PlatformSubscription, id=command.subscription_id, side=command.side)
    if not held:
        raise refuse("not_found", "subscription_id", "There is no such subscription here.")
    raise_if(found)
    subscription = replace(
        held[0],
        state=SubscriptionStanding.CANCELED,
        canceled_at=command.canceled_at,
        reason=command.reason,
        introduction="",
    )
    uow.save(subscription)
    take_back(uow, subscription.id)
    for agreement in uow.find(
        ServiceAgreement, subscription_id=subscription.id, side=command.side, state=AgreementState.IN_FORCE
    ):
        end(uow, subscription, agreement)
    uow.record(SubscriptionCanceled(subscription_id=subscription.id, party_id=subscription.own_id))
