"""FlexRequests of the DSOs."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC

from app.bridge import networks
from app.usecases.ownership import own_session
from domain.checks import accepts_requests, gate_findings, request_findings
from domain.commands import PublishRequest, WithdrawRequest
from domain.errors import raise_if, refuse
from domain.events import RequestPublished, RequestWithdrawn
from domain.flexibility.grids import Network
from domain.flexibility.market import FlexRequest, MarketSession
from domain.ids import RequestId, new_id
from domain.lifecycle import REQUEST, advance
from domain.parties import Principal
from domain.ports import UnitOfWork


def publish_request(uow: UnitOfWork, principal: Principal, command: PublishRequest) -> FlexRequest:
    """A request at buses of the DSO's own grid.

    Raises:
        Refused: `not_yours`, `no_network`, and all findings of `request_findings`.
    """
    session = own_session(uow, principal, command.session_id)
    stored = uow.find(Network, id=session.region_id)
    if not stored:
        raise refuse("no_network", "session_id", "Upload the network first.")
    bus_ids = frozenset(networks.read(stored[0].document).bus_ids)
    raise_if(request_findings(command, session, uow.market, bus_ids))
    request = FlexRequest(
        id=RequestId(new_id("FR")),
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
        published_at=uow.market,
    )
    uow.add(request)
    uow.record(RequestPublished(request_id=request.id, session_id=session.id, region_id=session.region_id))
    return request


def withdraw_request(uow: UnitOfWork, principal: Principal, command: WithdrawRequest) -> FlexRequest:
    """The DSO takes back a request before the gate.

    Raises:
        Refused: `not_yours`, `gate_closed`, `wrong_state`.
    """
    request = uow.get(FlexRequest, command.request_id)
    if request.dso_id != principal.party_id:
        raise refuse("not_yours", "request_id", "The request belongs to another DSO.")
    session = uow.get(MarketSession, request.session_id)
    raise_if(gate_findings(accepts_requests(session, uow.market), session))
    withdrawn = replace(request, state=advance(REQUEST, request.state, "withdraw", "request_id"))
    uow.save(withdrawn)
    uow.record(RequestWithdrawn(request_id=request.id, session_id=session.id, region_id=session.region_id))
    return withdrawn
