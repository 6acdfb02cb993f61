"""The guided demo up to the gate: needs, requests, offers."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import ROUND_DOWN, Decimal

from app.demo.scenario import read_scenario
from app.demo.stage import Stage, count, follow
from app.queries.models import (
    AssetDay,
    GetAssetDay,
    GetFiles,
    GetGrid,
    GridView,
    ListAssets,
    ListJobs,
    ListOffers,
    ListRequests,
    Plan,
)
from domain.commands import ConfirmAsset, PublishRequest, SubmitOffer, UploadSchedules
from domain.errors import refuse
from domain.flexibility.assets import Direction, FlexAsset
from domain.flexibility.market import MarketSession, OfferLine
from domain.ids import JobId
from domain.lifecycle import AssetState, JobState, RequestState
from domain.parties import Principal, Region
from domain.units import Series, energy_mwh, total

KILOWATT = Decimal("0.001")
OFFERED = Decimal("0.8")
"""The part of an asset's headroom that is offered."""


def needs(stage: Stage) -> str:
    """Each DSO sends in the day's schedules again; the needs that follow from them are computed."""
    coming = stage.open_sessions()
    jobs = [_upload(stage, region, session) for region, session in coming]
    for (region, _session), job_id in zip(coming, jobs, strict=True):
        job = follow(stage, stage.party(region.dso_id), job_id, f"Power flows of the {region.name.lower()}")
        if job.state is not JobState.DONE:
            raise refuse("wrong_state", "chapter", f"The needs of the {region.name.lower()}: {job.error}.")
    return " ".join(_needs_words(region, _grid(stage, region, session)) for region, session in coming)


def _upload(stage: Stage, region: Region, session: MarketSession) -> JobId:
    dso, day = stage.party(region.dso_id), session.delivery_day
    stage.say(f"{dso.name} sends in its schedules", 0.05)
    files = stage.ask(dso, GetFiles(region_id=region.id, delivery_day=day))
    stage.do(dso, UploadSchedules(region_id=region.id, delivery_day=day, document=files.schedule_csv))
    own = [job for job in stage.ask(dso, ListJobs()) if job.region_id == region.id and job.delivery_day == day]
    return own[0].id


def _grid(stage: Stage, region: Region, session: MarketSession) -> GridView | None:
    dso = stage.party(region.dso_id)
    return stage.ask(dso, GetGrid(region_id=region.id, delivery_day=session.delivery_day))


def _needs_words(region: Region, view: GridView | None) -> str:
    found = view.before.needs if view is not None and view.before is not None else ()
    if not found:
        return f"{region.name}: nothing leaves its limits."
    worst = max(found, key=lambda need: abs(need.worst_value - need.limit) / need.limit)
    value = f"{worst.worst_value:.3f} pu" if worst.kind == "voltage" else f"{worst.worst_value:.0f} %"
    count = f"{len(found)} elements leave" if len(found) != 1 else "1 element leaves"
    return f"{region.name}: {count} the limits, the worst is {worst.element} with {value}."


def requests(stage: Stage) -> str:
    """Each DSO without a request publishes what the engine proposes from its needs."""
    return " ".join(_request(stage, region, session) for region, session in stage.open_sessions())


def _request(stage: Stage, region: Region, session: MarketSession) -> str:
    dso = stage.party(region.dso_id)
    standing = [
        request
        for request in stage.ask(dso, ListRequests(session_id=session.id))
        if request.state is RequestState.PUBLISHED
    ]
    if standing:
        return f"{dso.name} had published {count(len(standing), 'request')} already."
    stage.say(f"{dso.name} publishes its requests", 0.5)
    view = _grid(stage, region, session)
    cap = next((r.cap_eur_per_mwh for r in read_scenario().regions if r.cap_eur_per_mwh), Decimal("400.00"))
    commands = [
        PublishRequest(
            session_id=session.id,
            congestion_point=proposed.zone,
            buses=proposed.buses,
            direction=Direction(proposed.direction),
            quantity_mw=proposed.quantity_mw,
            price_cap_eur_per_mwh=cap,
            deadline=session.gate_closes_at,
            commodity=proposed.commodity,
        )
        for proposed in (view.proposed if view is not None else ())
        if proposed.plan is Plan.P
    ]
    for command in commands:
        stage.do(dso, command)
    asked = total([energy_mwh(command.quantity_mw) for command in commands])
    return f"{dso.name} published {count(len(commands), 'request')} for {asked:,.2f} MWh, at most {cap} EUR/MWh."


def offers(stage: Stage) -> str:
    """The DSOs confirm the assets that wait, and their owner offers from them."""
    scenario = read_scenario()
    seller = stage.party(scenario.pending_owner)
    said = [_offer(stage, seller, region, session) for region, session in stage.open_sessions()]
    operator = stage.operator()
    n_offers = sum(len(stage.ask(operator, ListOffers(session_id=s.id))) for _region, s in stage.sessions())
    closing = f"The book holds {count(n_offers, 'offer')}; until the gate only the market operator sees all."
    return " ".join([*said, closing])


def _offer(stage: Stage, seller: Principal, region: Region, session: MarketSession) -> str:
    dso = stage.party(region.dso_id)
    waiting = [
        asset
        for asset in stage.ask(dso, ListAssets(region_id=region.id))
        if asset.owner_id == seller.party_id and asset.state is AssetState.REGISTERED
    ]
    for asset in waiting:
        stage.say(f"{dso.name} confirms {asset.name}", 0.3)
        stage.do(dso, ConfirmAsset(asset_id=asset.id))
    stage.say(f"{seller.name} offers in the {region.name.lower()}", 0.7)
    free = list(_free(stage, seller, region, session))
    if not free:
        return f"{seller.name} has no asset in the {region.name.lower()} that is not offered yet."
    price = _price(free[0][0])
    lines = tuple(OfferLine(asset_id=asset.id, quantity_mw=quantity) for asset, quantity in free)
    stage.do(
        seller,
        SubmitOffer(
            session_id=session.id,
            direction=Direction.DOWN,
            lines=lines,
            price_eur_per_mwh=(price,) * len(lines[0].quantity_mw),
        ),
    )
    offered = total([energy_mwh(line.quantity_mw) for line in lines])
    confirmed = f"{dso.name} confirmed {count(len(waiting), 'asset')}. " if waiting else ""
    return f"{confirmed}{seller.name} offers {offered:,.2f} MWh downward there for {price} EUR/MWh."


def _free(
    stage: Stage, seller: Principal, region: Region, session: MarketSession
) -> Iterator[tuple[FlexAsset, Series]]:
    """Confirmed assets that are in no offer yet and can go down, each with what it offers, [n_steps] MW."""
    for asset in stage.ask(seller, ListAssets(region_id=region.id)):
        if asset.state is not AssetState.CONFIRMED:
            continue
        day: AssetDay = stage.ask(seller, GetAssetDay(asset_id=asset.id, delivery_day=session.delivery_day))
        if any(day.offered.down_mw) or any(day.offered.up_mw):
            continue
        room = day.headroom.of(Direction.DOWN)
        quantity = tuple((value * OFFERED).quantize(KILOWATT, rounding=ROUND_DOWN) for value in room)
        if any(quantity):
            yield asset, quantity


def _price(asset: FlexAsset) -> Decimal:
    """What the demo asks for such an asset, EUR/MWh."""
    prices = [rule.price for rule in read_scenario().kinds if rule.kind is asset.kind]
    return prices[-1] if prices else Decimal("60.00")
