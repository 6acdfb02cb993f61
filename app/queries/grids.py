"""The grid, its units and assets, and what flows at the coupling points."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal

from app.bridge import maps, networks, states
from app.offering import reach, taken_mw
from app.queries import models as q
from app.queries.market import session_of_day
from app.queries.visibility import (
    OWNING,
    region_for,
    sees_result,
    visible_awards,
    visible_regions,
)
from domain.errors import refuse
from domain.flexibility.assets import Direction, FlexAsset, Headroom
from domain.flexibility.commodity import Commodity
from domain.flexibility.grids import GridState, Job, Network, Schedule
from domain.flexibility.market import Award, FlexRequest, MarketSession
from domain.lifecycle import MAY_OFFER, AssetState, JobState, RequestState
from domain.parties import Principal, Region, Role
from domain.ports import UnitOfWork
from domain.time import DeliveryDay
from domain.units import Series, add_series

ZERO = Decimal(0)
PROPOSED_TO = (Role.DSO, Role.FMO, Role.TSO)


def get_grid(uow: UnitOfWork, principal: Principal, query: q.GetGrid) -> q.GridView | None:
    """Map and states of a region's day. A result keeps the map it was computed on; the day's own state is left out
    once its network or its schedules have been replaced."""
    region = region_for(uow, principal, query.region_id)
    network = _network(uow, region)
    if network is None:
        return None
    schedules = uow.find(Schedule, region_id=region.id, delivery_day=query.delivery_day)
    day = _day_state(uow, region, query.delivery_day)
    session = session_of_day(uow, region, query.delivery_day)
    cleared = session is not None and sees_result(principal, session)
    result = _result_state(uow, session) if session is not None and cleared else None
    shown = result or day
    return q.GridView(
        grid=shown.grid if shown else maps.grid_map(network.document, region.id),
        before=shown.before if shown else None,
        after=result.after if result else None,
        proposed=day.proposed if day and principal.role in PROPOSED_TO else (),
        computing=_computing(uow, region, query.delivery_day),
        network_uploaded_at=network.uploaded_at,
        schedule_uploaded_at=schedules[0].uploaded_at if schedules else None,
    )


def _network(uow: UnitOfWork, region: Region) -> Network | None:
    found = uow.find(Network, id=region.id)
    return found[0] if found else None


def _day_state(uow: UnitOfWork, region: Region, day: date) -> states.Decoded | None:
    """The state computed of the day's present schedules and the network that they are for."""
    for schedule in uow.find(Schedule, region_id=region.id, delivery_day=day):
        inputs = (networks.sha256_of(schedule.network_document), schedule.sha256)
        for state in uow.find(GridState, region_id=region.id, delivery_day=day, session_id=None):
            if (state.network_sha256, state.schedule_sha256) == inputs:
                return states.decode(state.payload, region.id)
    return None


def _result_state(uow: UnitOfWork, session: MarketSession) -> states.Decoded | None:
    found = uow.find(GridState, session_id=session.id)
    return states.decode(found[0].payload, session.region_id) if found else None


def _computing(uow: UnitOfWork, region: Region, day: date) -> Job | None:
    unfinished = (JobState.QUEUED, JobState.RUNNING)
    jobs = uow.find_bare(Job, kind="needs", region_id=region.id, delivery_day=day, state=unfinished)
    return jobs[-1] if jobs else None


def list_units(uow: UnitOfWork, principal: Principal, query: q.ListUnits) -> tuple[q.UnitRow, ...]:
    """Units of a region. An offering party sees those that are free and its own."""
    region = region_for(uow, principal, query.region_id)
    network = _network(uow, region)
    if network is None:
        return ()
    standing = (AssetState.REGISTERED, *MAY_OFFER)
    assets = {a.unit_id: a for a in uow.find(FlexAsset, region_id=region.id, state=standing)}
    rows = [
        q.UnitRow(
            unit_id=unit.unit_id,
            bus=unit.bus,
            kind=unit.kind,
            type=unit.type,
            p_max_mw=float(unit.p_max_mw),
            s_max_mva=None if unit.s_max_mva is None else float(unit.s_max_mva),
            asset=assets.get(unit.unit_id),
        )
        for unit in networks.read(network.document).units
    ]
    if principal.role not in OWNING:
        return tuple(rows)
    return tuple(row for row in rows if row.asset is None or row.asset.owner_id == principal.party_id)


def list_assets(uow: UnitOfWork, principal: Principal, query: q.ListAssets) -> tuple[FlexAsset, ...]:
    """By name. Owners their own, a DSO those in its regions, the FMO all."""
    assets = uow.find(FlexAsset, **({"region_id": query.region_id} if query.region_id else {}))
    return tuple(sorted((a for a in assets if _sees_asset(uow, principal, a)), key=lambda a: (a.name, a.id)))


def _sees_asset(uow: UnitOfWork, principal: Principal, asset: FlexAsset) -> bool:
    if principal.role in OWNING:
        return asset.owner_id == principal.party_id
    return asset.region_id in {region.id for region in visible_regions(uow, principal)}


def get_asset_day(uow: UnitOfWork, principal: Principal, query: q.GetAssetDay) -> q.AssetDay:
    """An asset's day. What its offers take is shown to the owner and the FMO only.

    Raises:
        Refused: `not_found`, `no_network`, `no_schedule`.
    """
    asset = uow.get(FlexAsset, query.asset_id)
    if not _sees_asset(uow, principal, asset):
        raise refuse("not_found", "asset_id", "There is no such asset, or it is not yours to see.")
    day = reach(uow, asset, query.delivery_day)
    session = session_of_day(uow, uow.get(Region, asset.region_id), query.delivery_day)
    open_book = session is not None and principal.role is not Role.DSO
    none = (ZERO,) * len(day.schedule_p_mw)

    def taken(direction: Direction, commodity: Commodity) -> Series:
        if session is None or not open_book:
            return none
        return taken_mw(uow, asset.owner_id, session.id, direction, commodity).get(asset.id, none)

    return q.AssetDay(
        asset=asset,
        schedule_p_mw=day.schedule_p_mw,
        baseline=day.baseline,
        headroom=day.headroom,
        offered=Headroom(
            up_mw=taken(Direction.UP, Commodity.P),
            down_mw=taken(Direction.DOWN, Commodity.P),
            up_mvar=taken(Direction.UP, Commodity.Q),
            down_mvar=taken(Direction.DOWN, Commodity.Q),
        ),
    )


def sum_by_coupling(uow: UnitOfWork, principal: Principal, query: q.SumByCoupling) -> tuple[q.CouplingRow, ...]:
    """One row for each visible region that has a network."""
    rows = []
    for region in visible_regions(uow, principal):
        network = _network(uow, region)
        if network is not None:
            rows.append(_coupling_row(uow, principal, region, network, query.delivery_day))
    return tuple(rows)


def _coupling_row(
    uow: UnitOfWork, principal: Principal, region: Region, network: Network, day: date
) -> q.CouplingRow:
    session = session_of_day(uow, region, day)
    requests: Sequence[FlexRequest] = uow.find(FlexRequest, session_id=session.id) if session else ()
    asked = [r for r in requests if r.dso_id == region.dso_id]  # a BRP's purchase is no need of the grid
    standing = [r for r in asked if r.state is not RequestState.WITHDRAWN]
    awards: Sequence[Award] = uow.find(Award, session_id=session.id) if session else ()
    visible = visible_awards(principal, session, awards) if session else ()
    result = _result_state(uow, session) if session and sees_result(principal, session) else None
    before = result or _day_state(uow, region, day)
    n_steps = DeliveryDay(day=day).n_steps

    def summed(things: Iterable[FlexRequest | Award], direction: Direction) -> Series:
        own = [t for t in things if (t.direction, t.commodity) == (direction, Commodity.P)]
        return add_series([t.quantity_mw if isinstance(t, FlexRequest) else t.accepted_mw for t in own], n_steps)

    return q.CouplingRow(
        region=region,
        coupling_bus=networks.read(network.document).coupling_bus,
        requested_up_mw=summed(standing, Direction.UP),
        requested_down_mw=summed(standing, Direction.DOWN),
        awarded_up_mw=summed(visible, Direction.UP),
        awarded_down_mw=summed(visible, Direction.DOWN),
        p_before_mw=before.before.p_coupling_mw if before else None,
        p_after_mw=result.after.p_coupling_mw if result and result.after else None,
    )


def get_files(uow: UnitOfWork, principal: Principal, query: q.GetFiles) -> q.ExampleFiles:
    """The documents as uploaded. Raises `Refused`: `not_found`, `no_network`, `no_schedule`."""
    region = region_for(uow, principal, query.region_id)
    network = _network(uow, region)
    if network is None:
        raise refuse("no_network", "region_id", f"The network of {region.name} is not there yet.")
    schedules = uow.find(Schedule, region_id=region.id, delivery_day=query.delivery_day)
    if not schedules:
        sentence = f"The schedules of {query.delivery_day:%d.%m.%Y} are not there yet."
        raise refuse("no_schedule", "delivery_day", sentence)
    return q.ExampleFiles(network_json=network.document, schedule_csv=schedules[0].document)
