"""A DSO's network and its day's schedules: checked by the bridge, stored, and the needs computed from both."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from app.bridge import cases, networks, schedules, states
from app.trading import trades_on
from app.usecases.alarms import follow_day
from app.usecases.ownership import own_region
from app.usecases.queue import NEEDS, enqueue, supersede
from domain.checks import LOCKED, day_findings
from domain.commands import ComputeNeeds, UploadNetwork, UploadSchedules
from domain.errors import Finding, Refused, raise_if, refuse
from domain.events import GridStateComputed, NetworkUploaded, SchedulesDropped, SchedulesUploaded
from domain.flexibility.assets import FlexAsset
from domain.flexibility.grids import GridState, Job, Network, Schedule
from domain.flexibility.market import FlexRequest, MarketSession
from domain.ids import PartyId, RegionId
from domain.lifecycle import MAY_OFFER, AssetState, RequestState, SessionState
from domain.parties import Principal
from domain.ports import UnitOfWork
from domain.time import MARKET_ZONE, DeliveryDay


def upload_network(uow: UnitOfWork, principal: Principal, command: UploadNetwork) -> Network:
    """Store a new version of a region's network; needs of coming days are computed again.

    Coming days whose schedules do not fit it lose them, and the DSO is told. Days that are past or whose gate has
    closed keep their schedules and results as they are.

    Raises:
        Refused: `not_yours`; `gate_closed` while a session is being cleared or may be cleared again; the bridge's
            findings; `unknown_unit`, `unknown_bus` when registered assets or open requests name what the document
            lacks.
    """
    region = own_region(uow, principal, command.region_id)
    if any(_clears_on_network(uow, session) for session in uow.find(MarketSession, region_id=region.id)):
        raise refuse("gate_closed", "region_id", "A session of the region is yet to be cleared on its network.")
    if trades_on(uow, region.id):
        raise refuse("gate_closed", "region_id", "A continuous session of the region trades on its network.")
    facts = networks.read(command.document)
    raise_if(_left_behind(uow, region.id, facts))
    stored = uow.find(Network, id=region.id)
    network = Network(
        id=region.id,
        document=command.document,
        sha256=facts.sha256,
        uploaded_at=uow.market,
        version=stored[0].version if stored else 0,
    )
    (uow.save if stored else uow.add)(network)
    uow.record(NetworkUploaded(region_id=region.id))
    today = uow.market.astimezone(MARKET_ZONE).date()
    decided = {s.delivery_day for s in uow.find(MarketSession, region_id=region.id, state=LOCKED)}
    for schedule in uow.find(Schedule, region_id=region.id):
        if schedule.delivery_day >= today and schedule.delivery_day not in decided:
            _carry_over(uow, principal.party_id, network, schedule)
    return network


def _clears_on_network(uow: UnitOfWork, session: MarketSession) -> bool:
    """Being cleared, or not cleared with its delivery day ahead, so that the FMO may try again."""
    again = session.state is SessionState.NOT_CLEARED and uow.market < DeliveryDay(day=session.delivery_day).start
    return again or session.state is SessionState.CLEARING


def _carry_over(uow: UnitOfWork, owner_id: PartyId, network: Network, schedule: Schedule) -> None:
    """A day's schedules with a new network: kept where they fit it, else dropped with what came of them."""
    try:
        schedules.read(network.document, schedule.document, schedule.delivery_day)
    except Refused:
        _drop(uow, schedule)
        return
    carried = replace(schedule, network_document=network.document)
    uow.save(carried)
    _compute_needs(uow, owner_id, carried)


def _drop(uow: UnitOfWork, schedule: Schedule) -> None:
    region_id, day = schedule.region_id, schedule.delivery_day
    supersede(uow, kind=NEEDS, region_id=region_id, day=day)
    for state in uow.find(GridState, region_id=region_id, delivery_day=day, session_id=None):
        uow.remove(state)
    uow.remove(schedule)
    follow_day(uow, region_id, day, ())
    uow.record(SchedulesDropped(region_id=region_id, delivery_day=day))


def _left_behind(uow: UnitOfWork, region_id: RegionId, facts: networks.NetworkFacts) -> list[Finding]:
    buses = set(facts.bus_ids)
    assets = uow.find(FlexAsset, region_id=region_id, state=(AssetState.REGISTERED, *MAY_OFFER))
    requests = uow.find(FlexRequest, region_id=region_id, state=RequestState.PUBLISHED)
    found = [
        Finding(
            code="unknown_unit",
            field="document",
            sentence=f"The network lacks unit {asset.unit_id} at bus {asset.bus}, of the asset {asset.name}.",
        )
        for asset in assets
        if asset.unit_id not in facts.unit_of or facts.unit_of[asset.unit_id].bus != asset.bus
    ]
    return found + [
        Finding(
            code="unknown_bus",
            field="document",
            sentence=f"The open request at {request.congestion_point} names bus {bus}, which the network lacks.",
        )
        for request in requests
        for bus in request.buses
        if bus not in buses
    ]


def upload_schedules(uow: UnitOfWork, principal: Principal, command: UploadSchedules) -> Schedule:
    """Store a new version of a day's schedules and queue the computation of the day's needs.

    Raises:
        Refused: `not_yours`, `deadline_passed`, `no_network`; `gate_closed` when the day's session has its offers
            locked; the bridge's findings.
    """
    region = own_region(uow, principal, command.region_id)
    day = command.delivery_day
    raise_if(day_findings(day, uow.market))
    stored_networks = uow.find(Network, id=region.id)
    if not stored_networks:
        raise refuse("no_network", "region_id", "Upload the network first.")
    if uow.find(MarketSession, region_id=region.id, delivery_day=day, state=LOCKED):
        raise refuse("gate_closed", "delivery_day", "The day's session is being cleared or has its result.")
    if trades_on(uow, region.id, delivery_day=day):
        raise refuse("gate_closed", "delivery_day", "The day's continuous session trades on its schedules.")
    facts = schedules.read(stored_networks[0].document, command.document, day)
    stored = uow.find(Schedule, region_id=region.id, delivery_day=day)
    schedule = Schedule(
        id=f"{region.id}-{day.isoformat()}",
        region_id=region.id,
        delivery_day=day,
        document=command.document,
        network_document=stored_networks[0].document,
        sha256=facts.sha256,
        uploaded_at=uow.market,
        version=stored[0].version if stored else 0,
    )
    (uow.save if stored else uow.add)(schedule)
    uow.record(SchedulesUploaded(region_id=region.id, delivery_day=day))
    _compute_needs(uow, principal.party_id, schedule)
    return schedule


def compute_needs(uow: UnitOfWork, principal: Principal, command: ComputeNeeds) -> Job:
    """Queue the computation of a day's needs once more; one that is under way is given up for it.

    Raises:
        Refused: `not_yours`, `no_schedule`; `deadline_passed` for a day that is over.
    """
    region = own_region(uow, principal, command.region_id)
    raise_if(day_findings(command.delivery_day, uow.market))
    stored = uow.find(Schedule, region_id=region.id, delivery_day=command.delivery_day)
    if not stored:
        raise refuse("no_schedule", "delivery_day", "Upload the day's schedules first.")
    return _compute_needs(uow, principal.party_id, stored[0])


def _compute_needs(uow: UnitOfWork, owner_id: PartyId, schedule: Schedule) -> Job:
    region_id, day = schedule.region_id, schedule.delivery_day
    supersede(uow, kind=NEEDS, region_id=region_id, day=day)
    inputs = cases.needs_inputs(schedule.network_document, schedule.document, region_id, day)
    return enqueue(uow, kind=NEEDS, owner_id=owner_id, region_id=region_id, day=day, inputs=inputs)


def apply_needs(uow: UnitOfWork, job: Job) -> None:
    """Take over the computed state of a day; newer inputs would have cancelled the job, so it is up to date."""
    payload = states.before_from(job.result)
    store_state(uow, job, payload, session_id=None)
    follow_day(uow, job.region_id, job.delivery_day, states.violations(payload, "before"))
    uow.record(
        GridStateComputed(region_id=job.region_id, delivery_day=job.delivery_day, n_needs=states.n_needs(payload))
    )


def store_state(uow: UnitOfWork, job: Job, payload: bytes, *, session_id: str | None) -> None:
    """Store a computed grid state of the job's day, before (no session) or after a session's clearing."""
    day: date = job.delivery_day
    state_id = f"{session_id or job.region_id}-{day.isoformat()}"
    stored = uow.find(GridState, id=state_id)
    (schedule,) = uow.find(Schedule, region_id=job.region_id, delivery_day=day)
    state = GridState(
        id=state_id,
        region_id=job.region_id,
        delivery_day=day,
        session_id=job.session_id if session_id else None,
        payload=payload,
        network_sha256=networks.sha256_of(schedule.network_document),
        schedule_sha256=schedule.sha256,
    )
    if stored:
        uow.save(replace(state, version=stored[0].version))
    else:
        uow.add(state)
