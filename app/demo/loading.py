"""Loads the demo day through the desk, each command as the participant that would send it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

from app.demo import inputs, portfolio, trading
from app.demo.loader import DemoApp, Loader, Progress
from app.demo.place import Hosts, load_place
from app.demo.scenario import SCENARIOS, DemoRegion, read_scenario
from app.queries.models import GetGrid, Plan
from domain.commands import (
    MarkNotificationsRead,
    PassGate,
    PlanSession,
    PublishRequest,
    SubmitOffer,
    UploadSchedules,
)
from domain.flexibility.assets import Direction
from domain.flexibility.market import Gate, GateKind, MarketSession, OfferLine
from domain.flexibility.rules import ClearingMode, PaymentRule
from domain.ids import AssetId, RegionId
from domain.parties import SYSTEM, Party


def is_empty(app: DemoApp) -> bool:
    """Whether the database has no participant yet."""
    with app.store.read() as uow:
        return not uow.find(Party)


def load(
    app: DemoApp,
    cache_dir: Path,
    scenario: str = "full",
    progress: Progress | None = None,
    hosts: Hosts | None = None,
) -> None:
    """Load the demo day into an empty database. `progress(stage, share)` with share 0..1.

    cache_dir : keeps SimBench's compiled networks and profiles after the first load
    scenario : a name in `SCENARIOS`
    hosts : where the companies' platforms are made; none are without

    Raises:
        KeyError: no such scenario.
        ValueError: the database is not empty.
        Refused: a command was refused; what was loaded before stays.
    """
    silent = SCENARIOS[scenario]
    if not is_empty(app):
        raise ValueError("the database is not empty")
    _run(Loader(app, read_scenario(), scenario, progress or _silently), cache_dir, silent, hosts)


def _silently(_stage: str, _share: float) -> None:
    """Nobody watches."""


def _run(load: Loader, cache_dir: Path, silent: frozenset[str], hosts: Hosts | None) -> None:
    scenario = load.scenario
    load.at("uploads", "Participants", 0.0)
    inputs.participants(load)
    facts = inputs.uploads(load, cache_dir)
    load.at("assets", "FlexAssets", 0.35)
    lots = {
        demo.region.id: portfolio.lots(scenario, demo.region.id, network, schedule)
        for demo, network, schedule in facts
    }
    assets = {demo.region.id: inputs.assets(load, demo, lots[demo.region.id]) for demo in scenario.regions}
    for demo, _, schedule in facts:
        region = demo.region.id
        inputs.meters(load, demo, lots[region], assets[region], schedule)
    load.at("session", "Market sessions", 0.65)
    sessions = {demo.region.id: _plan(load, demo.region.id, scenario.delivery_day) for demo in scenario.regions}
    load.at("opens", "Market sessions", 0.67)
    for session in sessions.values():
        _open(load, session)
    load.at("offers", "FlexOffers", 0.68)
    for demo, _, schedule in facts:
        region = demo.region.id
        for plan in portfolio.offers(scenario, region, schedule, lots[region], silent):
            _offer(load, plan, sessions[region], assets[region])
    load.progress("EU Market Place", 0.92)
    load_place(load, hosts)
    _read_notifications(load)
    load.at("requests", "FlexRequests", 0.95)
    for demo in scenario.regions:
        _requests(load, demo, sessions[demo.region.id])
    load.progress("Trading", 0.97)
    for demo in scenario.regions:
        if demo.region.id == scenario.trading.region_id:
            _trade(load, demo, cache_dir, lots[demo.region.id], assets[demo.region.id], silent)
    load.app.dispatcher.run()
    load.set_clock("clock_starts", speed=1.0)
    load.progress("Done", 1.0)


def _plan(load: Loader, region_id: RegionId, day: date, its: str = "", **rules: Any) -> MarketSession:
    """its : what the names of the session's times begin with"""
    times = load.scenario.times
    command = PlanSession(
        region_id=region_id,
        delivery_day=day,
        opens_at=times["opens"],
        gate_closes_at=times[f"{its}gate_closes"],
        publishes_at=times[f"{its}publishes"],
        **rules,
    )
    return cast(MarketSession, load.do(load.fmo, command))


def _open(load: Loader, session: MarketSession) -> None:
    with load.app.store.read() as uow:
        gate = uow.find(Gate, session_id=session.id, kind=GateKind.OPEN)[0]
    load.app.desk.execute(SYSTEM, PassGate(gate_id=gate.id))


def _offer(load: Loader, plan: portfolio.OfferPlan, session: MarketSession, assets: Mapping[str, AssetId]) -> None:
    lines = tuple(
        OfferLine(asset_id=assets[unit], quantity_mw=values) for unit, values in plan.quantity_mw.items()
    )
    n_steps = len(lines[0].quantity_mw)
    command = SubmitOffer(
        session_id=session.id,
        direction=plan.direction,
        lines=lines,
        price_eur_per_mwh=(plan.price_eur_per_mwh,) * n_steps,
    )
    load.do(plan.owner_id, command)


def _requests(load: Loader, demo: DemoRegion, session: MarketSession) -> None:
    """The proposals drawn from the network, published as they are where the file sets a price cap."""
    if demo.cap_eur_per_mwh is None:
        return
    dso = load.principals[demo.region.dso_id]
    query = GetGrid(region_id=demo.region.id, delivery_day=load.scenario.delivery_day)
    view = load.app.desk.query(dso, query)
    for proposed in (row for row in (view.proposed if view else ()) if row.plan is Plan.P):
        command = PublishRequest(
            session_id=session.id,
            congestion_point=proposed.zone,
            buses=proposed.buses,
            direction=Direction(proposed.direction),
            quantity_mw=proposed.quantity_mw,
            price_cap_eur_per_mwh=Decimal(demo.cap_eur_per_mwh),
            deadline=load.scenario.times["gate_closes"],
            commodity=proposed.commodity,
        )
        load.do(demo.region.dso_id, command)


def _trade(
    load: Loader,
    demo: DemoRegion,
    cache_dir: Path,
    lots: Sequence[portfolio.Lot],
    assets: Mapping[str, AssetId],
    silent: frozenset[str],
) -> None:
    """The continuous session of the day after, open and with a book; the server matches it when it starts.

    Requests are left for the DSO: the first one it places trades at once.
    """
    region = demo.region
    day = trading.trading_day(load.scenario, demo, cache_dir, lots, silent)
    upload = UploadSchedules(region_id=region.id, delivery_day=day.day, document=day.schedule)
    load.do(region.dso_id, upload)
    rules = {"clearing": ClearingMode.CONTINUOUS, "payment": PaymentRule.NODAL}
    session = _plan(load, region.id, day.day, "trading_", **rules)
    _open(load, session)
    for plan in day.offers:
        _offer(load, plan, session, assets)


def _read_notifications(load: Loader) -> None:
    """Everyone starts with what is new since the offers, not with hundreds of registrations."""
    load.app.dispatcher.run()
    for principal in load.principals.values():
        load.app.desk.execute(principal, MarkNotificationsRead())
