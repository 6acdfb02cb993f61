"""What every signed-in participant asks for."""

from __future__ import annotations

from dataclasses import replace

from app.queries import models as q
from app.queries.alarms import count_open
from app.queries.parts import given, part_of
from app.queries.visibility import visible_regions
from domain.flexibility.assets import FlexAsset
from domain.flexibility.market import Gate, GateKind, MarketSession
from domain.lifecycle import SessionState
from domain.notifications import Notification
from domain.paging import Slice, falling
from domain.parties import PLACE, Party, Principal, Region, Role, governs
from domain.ports import UnitOfWork

_UNLISTED = PLACE | {Role.CUSTOMER}


def get_shell(uow: UnitOfWork, principal: Principal, _query: q.GetShell) -> q.ShellView:
    """The frame's facts; the next gate is the earliest that moves a session of the visible regions on."""
    sessions = _visible_sessions(uow, principal)
    gates = [gate for gate in uow.find(Gate, done=False) if _moves_on(gate, sessions.get(gate.session_id))]
    following = min(gates, key=lambda gate: (gate.due_at, gate.id), default=None)
    clock = uow.clock()
    return q.ShellView(
        principal=principal,
        party=uow.get(Party, principal.party_id),
        clock=clock,
        market_now=uow.market,
        next_gate=following,
        next_gate_region=sessions[following.session_id].region_id if following else None,
        n_unread=uow.count_by(Notification, "read", party_id=principal.party_id, read=False).get(False, 0),
        demo=clock.movable,
        n_alarms=count_open(uow, principal),
    )


def _moves_on(gate: Gate, session: MarketSession | None) -> bool:
    """Status reports move nothing on, and there is nothing to publish of what was not cleared."""
    if session is None or gate.kind is GateKind.INTERIM:
        return False
    return not (gate.kind is GateKind.PUBLISH and session.state is SessionState.NOT_CLEARED)


def _visible_sessions(uow: UnitOfWork, principal: Principal) -> dict[str, MarketSession]:
    regions = tuple(region.id for region in visible_regions(uow, principal))
    return {session.id: session for session in uow.find(MarketSession, region_id=regions)}


def list_notifications(
    uow: UnitOfWork, principal: Principal, query: q.ListNotifications
) -> tuple[Notification, ...]:
    part = query.part or Slice(order=falling("market_at", "id"), limit=max(query.limit, 0))
    return part_of(uow, Notification, part, given(party_id=principal.party_id, read=query.read))


def list_parties(uow: UnitOfWork, principal: Principal, _query: q.ListParties) -> tuple[Party, ...]:
    """The FMO all of its market. Others do not see why somebody is suspended, nor customers but those behind own
    assets."""
    if principal.role is Role.FMO:
        return tuple(party for party in uow.find(Party) if governs(principal.role, party.role))
    own = {asset.customer_id for asset in uow.find(FlexAsset, owner_id=principal.party_id)}
    known = [party for party in uow.find(Party) if party.role not in _UNLISTED or party.id in own]
    return tuple(replace(party, reason="") for party in known)


def list_regions(uow: UnitOfWork, principal: Principal, _query: q.ListRegions) -> tuple[Region, ...]:
    return visible_regions(uow, principal)
