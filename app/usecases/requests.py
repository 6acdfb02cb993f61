"""FlexRequests of the buyers: DSOs for their grid, balance responsible parties for their balance."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC

from app.bridge import networks
from app.trading import moment
from app.usecases.ownership import own_session
from app.usecases.trading import book_changed, note_withdrawal, rest_findings
from domain.checks import accepts_requests, gate_findings, request_findings
from domain.commands import PublishRequest, WithdrawRequest
from domain.errors import raise_if, refuse
from domain.events import RequestPublished, RequestWithdrawn
from domain.flexibility.commodity import Commodity
from domain.flexibility.grids import Network
from domain.flexibility.market import FlexRequest, MarketSession
from domain.flexibility.rules import ClearingMode
from domain.ids import RequestId, new_id
from domain.lifecycle import REQUEST, advance
from domain.parties import Principal, Role
from domain.ports import UnitOfWork


def publish_request(uow: UnitOfWork, principal: Principal, command: PublishRequest) -> FlexRequest:
    """`publish` with an id of its own."""
    return publish(uow, principal, command, RequestId(new_id("FR")))


def publish(uow: UnitOfWork, principal: Principal, command: PublishRequest, request_id: RequestId) -> FlexRequest:
    """A request at buses of the DSO's own grid, or of a BRP anywhere in a region.

    Raises:
        Refused: `not_yours`, `no_network`, `no_buyers`, and all findings of `request_findings`.
    """
    session = _session_for(uow, principal, command)
    stored = uow.find(Network, id=session.region_id)
    if not stored:
        raise refuse("no_network", "session_id", "Upload the network first.")
    bus_ids = frozenset(networks.read(stored[0].document).bus_ids)
    if principal.role is Role.BRP and not command.buses:
        command = replace(command, buses=tuple(sorted(bus_ids)))
    raise_if(request_findings(command, session, uow.market, bus_ids))
    request = FlexRequest(
        id=request_id,
        dso_id=principal.party_id,
        region_id=session.region_id,
        session_id=session.id,
        congestion_point=command.congestion_point.strip(),
        buses=command.buses,
        direction=command.direction,
        quantity_mw=command.quantity_mw,
        price_cap_eur_per_mwh=command.price_cap_eur_per_mwh,
        deadline=command.deadline.astimezone(UTC),
        commodity=command.commodity,
        published_at=moment(uow, session),
    )
    uow.add(request)
    uow.record(RequestPublished(request_id=request.id, session_id=session.id, region_id=session.region_id))
    book_changed(uow, session)
    return request


def _session_for(uow: UnitOfWork, principal: Principal, command: PublishRequest) -> MarketSession:
    """The DSO's own session; for a BRP one that clears between buyers and sellers.

    On the network a request only caps what relief may cost at its buses: a BRP would pay nothing and get nothing.
    """
    if principal.role is not Role.BRP:
        return own_session(uow, principal, command.session_id)
    session = uow.get(MarketSession, command.session_id)
    if session.clearing is ClearingMode.NETWORK:
        sentence = (
            "This session is cleared on the network, where only the DSO buys; choose a session cleared by "
            "requests or continuously."
        )
        raise refuse("no_buyers", "session_id", sentence)
    if command.commodity is not Commodity.P:
        raise refuse("out_of_range", "commodity", "A balance is of active power; ask for P.")
    return session


def withdraw_request(uow: UnitOfWork, principal: Principal, command: WithdrawRequest) -> FlexRequest:
    """The buyer takes back a request before the gate, in a continuous session what has not been matched.

    Raises:
        Refused: `not_yours`, `gate_closed`, `wrong_state`.
    """
    request = uow.get(FlexRequest, command.request_id)
    if request.dso_id != principal.party_id:
        raise refuse("not_yours", "request_id", "The request belongs to another buyer.")
    session = uow.get(MarketSession, request.session_id)
    raise_if(gate_findings(accepts_requests(session, uow.market), session))
    raise_if(rest_findings(uow, session, request, "request_id"))
    withdrawn = replace(request, state=advance(REQUEST, request.state, "withdraw", "request_id"))
    uow.save(withdrawn)
    note_withdrawal(uow, session, request)
    uow.record(RequestWithdrawn(request_id=request.id, session_id=session.id, region_id=session.region_id))
    return withdrawn
