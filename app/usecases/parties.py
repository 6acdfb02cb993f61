"""Participants after their acceptance: other roles, suspension, reinstatement."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from app.usecases.access import revoke_keys_of
from app.usecases.trading import note_withdrawal, rest_findings
from domain.commands import AssignRole, ReinstateParty, SuspendParty
from domain.errors import Finding, raise_if, refuse
from domain.events import OfferWithdrawn, PartyReinstated, PartySuspended, RequestWithdrawn, RoleAssigned
from domain.flexibility.assets import FlexAsset
from domain.flexibility.market import Activation, FlexOffer, FlexRequest, MarketSession
from domain.ids import PartyId
from domain.lifecycle import (
    OFFER,
    REQUEST,
    ActivationState,
    AssetState,
    OfferState,
    RequestState,
    advance,
)
from domain.parties import Party, Principal, Region, Role, governs, role_findings
from domain.ports import UnitOfWork
from domain.texts import REASON, text_findings

STANDING_ASSETS = tuple(state for state in AssetState if state is not AssetState.REFUSED)
STANDING_OFFERS = (OfferState.SUBMITTED, OfferState.LOCKED)
STANDING_REQUESTS = (RequestState.PUBLISHED, RequestState.CLOSED)

Stands = Callable[[UnitOfWork, PartyId], bool]
IN_THE_WAY: Mapping[str, Stands] = {
    "It runs a grid region.": lambda uow, id: bool(uow.find(Region, dso_id=id) or uow.find(Region, tso_id=id)),
    "It has registered assets.": lambda uow, id: bool(uow.find(FlexAsset, owner_id=id, state=STANDING_ASSETS)),
    "It has offers that wait for their result.": lambda uow, id: bool(
        uow.find(FlexOffer, party_id=id, state=STANDING_OFFERS)
    ),
    "It has requests that wait for their result.": lambda uow, id: bool(
        uow.find(FlexRequest, dso_id=id, state=STANDING_REQUESTS)
    ),
    "It has calls to answer.": lambda uow, id: bool(
        uow.find(Activation, party_id=id, state=ActivationState.REQUESTED)
    ),
    "Participants or assets are in its balance group.": lambda uow, id: bool(
        uow.find(Party, brp_id=id) or uow.find(FlexAsset, brp_id=id, state=STANDING_ASSETS)
    ),
}
"""What stands against another role, each with its sentence."""


def assign_role(uow: UnitOfWork, principal: Principal, command: AssignRole) -> Party:
    """Another role: its accounts follow, its logins end, its open pages close.

    Raises:
        Refused: `not_permitted` for the market operator itself and for those of the EU Market Place; findings on
            the role; `in_use` with everything that stands against it.
    """
    party = uow.get(Party, command.party_id)
    _must_govern(principal, party)
    _not_an_operator(principal, party)
    raise_if(role_findings(command.role, command.independent))
    if command.role is not party.role:
        raise_if(
            Finding(code="in_use", field="role", sentence=sentence)
            for sentence, stands in IN_THE_WAY.items()
            if stands(uow, party.id)
        )
    if (command.role, command.independent) == (party.role, party.independent):
        return party
    group = None if command.independent or command.role is not party.role else party.brp_id
    uow.save(replace(party, role=command.role, independent=command.independent, brp_id=group))
    uow.sign_ins.assign(party.id, command.role)
    revoke_keys_of(uow, party.id)
    uow.record(RoleAssigned(party_id=party.id, role=command.role))
    return uow.get(Party, party.id)


def _must_govern(principal: Principal, party: Party) -> None:
    if not governs(principal.role, party.role):
        sentence = "The EU Market Place's operator decides on who takes part there."
        raise refuse("not_permitted", "party_id", sentence)


def _not_an_operator(principal: Principal, party: Party) -> None:
    """The market must not lose its operator: nobody changes or suspends itself or another operator here."""
    if party.id == principal.party_id:
        raise refuse("not_permitted", "party_id", "You cannot do this to yourself.")
    if party.role is Role.FMO:
        raise refuse("not_permitted", "party_id", "A market operator cannot be shut out from the desk.")


def suspend(uow: UnitOfWork, principal: Principal, command: SuspendParty) -> Party:
    """Out at once: logins end, and what stands before a gate is withdrawn. What is locked, awarded or called
    stays and is settled.

    Raises:
        Refused: `not_permitted` for the market operator itself and for those of the EU Market Place;
            `wrong_state`; findings on the reason.
    """
    party = uow.get(Party, command.party_id)
    _must_govern(principal, party)
    _not_an_operator(principal, party)
    raise_if(text_findings(command.reason, "reason", REASON))
    if not party.active:
        raise refuse("wrong_state", "party_id", f"{party.name} is suspended already.")
    uow.save(replace(party, active=False, reason=command.reason.strip()))
    uow.sign_ins.end_logins(party.id)
    revoke_keys_of(uow, party.id)
    _withdraw_standing(uow, party)
    uow.record(PartySuspended(party_id=party.id))
    return uow.get(Party, party.id)


def _withdraw_standing(uow: UnitOfWork, party: Party) -> None:
    """In a continuous session what has been matched stays, and its rest goes."""
    for offer in uow.find(FlexOffer, party_id=party.id, state=OfferState.SUBMITTED):
        session = uow.get(MarketSession, offer.session_id)
        if rest_findings(uow, session, offer, ""):
            continue
        uow.save(replace(offer, state=advance(OFFER, offer.state, "withdraw")))
        note_withdrawal(uow, session, offer)
        uow.record(
            OfferWithdrawn(
                offer_id=offer.id, session_id=session.id, region_id=session.region_id, party_id=party.id
            )
        )
    for request in uow.find(FlexRequest, dso_id=party.id, state=RequestState.PUBLISHED):
        session = uow.get(MarketSession, request.session_id)
        if rest_findings(uow, session, request, ""):
            continue
        uow.save(replace(request, state=advance(REQUEST, request.state, "withdraw")))
        note_withdrawal(uow, session, request)
        uow.record(RequestWithdrawn(request_id=request.id, session_id=session.id, region_id=session.region_id))


def reinstate(uow: UnitOfWork, principal: Principal, command: ReinstateParty) -> Party:
    """In again, in its role; it signs in anew.

    Raises:
        Refused: `wrong_state`; `not_permitted` for those of the EU Market Place.
    """
    party = uow.get(Party, command.party_id)
    _must_govern(principal, party)
    if party.active:
        raise refuse("wrong_state", "party_id", f"{party.name} is not suspended.")
    uow.save(replace(party, active=True, reason=""))
    uow.record(PartyReinstated(party_id=party.id))
    return uow.get(Party, party.id)
