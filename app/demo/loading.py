"""Loads the demo day through the desk, each command as the participant that would send it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Protocol, cast

from app.applying import ApplicationForm, Applying
from app.auth import Auth
from app.bridge import networks, schedules, simbench
from app.bridge.schedules import ScheduleFacts
from app.demo import metering, portfolio, prices, trading
from app.demo.scenario import SCENARIOS, DemoRegion, Scenario, read_scenario
from app.desk import Desk
from app.lanes import JobLanes
from app.outbox import Dispatcher
from app.queries.models import GetGrid, Plan
from domain.commands import (
    Command,
    ConfirmAsset,
    MarkNotificationsRead,
    PassGate,
    PlanSession,
    PublishRequest,
    RegisterAsset,
    SubmitOffer,
    UploadBaseline,
    UploadMetering,
    UploadNetwork,
    UploadPrices,
    UploadSchedules,
)
from domain.flexibility.assets import Direction, FlexAsset
from domain.flexibility.market import Gate, GateKind, MarketSession, OfferLine, PriceKind
from domain.ids import AssetId, PartyId
from domain.parties import SYSTEM, Party, Principal, Role
from domain.ports import UnitOfWork
from domain.time import MarketClock

Progress = Callable[[str, float], None]


class Store(Protocol):
    """The part of the store that sets up participants and the clock, for which there are no commands."""

    def write(self, principal: Principal, command: object) -> AbstractContextManager[UnitOfWork]: ...
    def read(self) -> AbstractContextManager[UnitOfWork]: ...


class DemoApp(Protocol):
    """What loading needs of the running application."""

    @property
    def store(self) -> Store: ...
    @property
    def auth(self) -> Auth: ...
    @property
    def applying(self) -> Applying: ...
    @property
    def desk(self) -> Desk: ...
    @property
    def jobs(self) -> JobLanes: ...
    @property
    def dispatcher(self) -> Dispatcher: ...


@dataclass(frozen=True, kw_only=True)
class LoadDemo:
    """For the audit trail: the demo's participants, regions and clock are set up."""

    scenario: str
    step: str


@dataclass(frozen=True, kw_only=True)
class DemoAccount:
    """A sign-in of the demo."""

    account: str
    password: str
    name: str
    role: str


def accounts() -> tuple[DemoAccount, ...]:
    """The demo's sign-ins: one for each participant, named as it, password `demo-` and the name."""
    return tuple(
        DemoAccount(account=party.id, password=f"demo-{party.id}", name=party.name, role=party.role.value)
        for party in read_scenario().parties
    )


def is_empty(app: DemoApp) -> bool:
    """Whether the database has no participant yet."""
    with app.store.read() as uow:
        return not uow.find(Party)


def load(app: DemoApp, cache_dir: Path, scenario: str = "full", progress: Progress | None = None) -> None:
    """Load the demo day into an empty database. `progress(stage, share)` with share 0..1.

    cache_dir : keeps SimBench's compiled networks and profiles after the first load
    scenario : a name in `SCENARIOS`

    Raises:
        KeyError: no such scenario.
        ValueError: the database is not empty.
        Refused: a command was refused; what was loaded before stays.
    """
    silent = SCENARIOS[scenario]
    if not is_empty(app):
        raise ValueError("the database is not empty")
    _Load(app, read_scenario(), scenario, progress or _silently).run(cache_dir, silent)


def _silently(_stage: str, _share: float) -> None:
    """Nobody watches."""


class _Load:
    """One load: steps in the order of the demo's clock."""

    def __init__(self, app: DemoApp, scenario: Scenario, name: str, progress: Progress) -> None:
        self._app, self._scenario, self._name, self._progress = app, scenario, name, progress
        self._principals = {
            party.id: Principal(account=party.id, party_id=party.id, role=party.role, name=party.name)
            for party in scenario.parties
        }
        self._fmo = next(p for p in self._principals.values() if p.role.value == "fmo")

    def run(self, cache_dir: Path, silent: frozenset[str]) -> None:
        scenario = self._scenario
        self._at("uploads", "Participants", 0.0)
        self._participants()
        facts = self._uploads(cache_dir)
        self._at("assets", "FlexAssets", 0.35)
        lots = {
            demo.region.id: portfolio.lots(scenario, demo.region.id, network, schedule)
            for demo, network, schedule in facts
        }
        assets = {demo.region.id: self._assets(demo, lots[demo.region.id]) for demo in scenario.regions}
        for demo, _, schedule in facts:
            region = demo.region.id
            self._meters(demo, lots[region], assets[region], schedule)
        self._at("session", "Market sessions", 0.65)
        sessions = {demo.region.id: self._plan(demo) for demo in scenario.regions}
        self._at("opens", "Market sessions", 0.67)
        for session in sessions.values():
            self._open(session)
        self._at("offers", "FlexOffers", 0.68)
        for demo, _, schedule in facts:
            region = demo.region.id
            for plan in portfolio.offers(scenario, region, schedule, lots[region], silent):
                self._offer(plan, sessions[region], assets[region])
        self._read_notifications()
        self._at("requests", "FlexRequests", 0.95)
        for demo in scenario.regions:
            self._requests(demo, sessions[demo.region.id])
        self._progress("Trading", 0.97)
        for demo in scenario.regions:
            if demo.region.id == scenario.trading.region_id:
                self._trade(demo, cache_dir, lots[demo.region.id], assets[demo.region.id], silent)
        self._app.dispatcher.run()
        self._set_clock("clock_starts", speed=1.0)
        self._progress("Done", 1.0)

    def _do(self, party_id: PartyId, command: Command) -> object:
        return self._app.desk.execute(self._principals[party_id], command)

    def _at(self, time: str, stage: str, share: float) -> None:
        self._progress(stage, share)
        self._set_clock(time, speed=0.0)

    def _set_clock(self, time: str, speed: float) -> None:
        with self._app.store.write(SYSTEM, LoadDemo(scenario=self._name, step=f"clock {time}")) as uow:
            market: datetime = self._scenario.times[time]
            uow.set_clock(MarketClock(anchor_market=market, anchor_wall=uow.wall, speed=speed, movable=True))

    def _participants(self) -> None:
        with self._app.store.write(SYSTEM, LoadDemo(scenario=self._name, step="participants")) as uow:
            for party in sorted(self._scenario.parties, key=lambda party: party.brp_id is not None):
                uow.add(party)
            for demo in self._scenario.regions:
                uow.add(demo.region)
        for account in accounts():
            party_id = PartyId(account.account)
            role = self._principals[party_id].role
            self._app.auth.create_account(account.account, account.password, party_id, role)
        wish = self._scenario.application
        form = {**wish, "role": Role(wish["role"]), "password": f"demo-{wish['account']}"}
        self._app.applying.apply(ApplicationForm(**form), "demo")

    def _uploads(self, cache_dir: Path) -> list[tuple[DemoRegion, networks.NetworkFacts, ScheduleFacts]]:
        """Networks, schedules, the needs computed from them, and the day's prices."""
        day = self._scenario.delivery_day
        facts = []
        for number, demo in enumerate(self._scenario.regions):
            region = demo.region
            self._progress(f"Network of the {region.name.lower()}", 0.05 + 0.1 * number)
            network, schedule = simbench.region_files(demo.grid, day, cache_dir, demo.outage)
            self._do(region.dso_id, UploadNetwork(region_id=region.id, document=network))
            upload = UploadSchedules(region_id=region.id, delivery_day=day, document=schedule)
            self._do(region.dso_id, upload)
            facts.append((demo, networks.read(network), schedules.read(network, schedule, day)))
        self._progress("Needs of the day", 0.25)
        self._app.jobs.run_queued_inline()
        self._upload_prices([schedule for _, _, schedule in facts])
        return facts

    def _upload_prices(self, facts: Sequence[ScheduleFacts]) -> None:
        residual = prices.residual_load_mw(facts)
        rules = {
            PriceKind.DAY_AHEAD: (prices.day_ahead, "Merit order of the demo"),
            PriceKind.BALANCING: (prices.balancing, "Merit order of the demo, with imbalances"),
        }
        for kind, (rule, source) in rules.items():
            command = UploadPrices(
                kind=kind,
                delivery_day=self._scenario.delivery_day,
                price_eur_per_mwh=rule(self._scenario, residual),
                source=source,
            )
            self._do(self._fmo.party_id, command)

    def _assets(self, demo: DemoRegion, lots: Sequence[portfolio.Lot]) -> Mapping[str, AssetId]:
        """Asset id by unit id."""
        ids: dict[str, AssetId] = {}
        behind = self._scenario.customer
        customers: list[portfolio.Lot] = []
        for lot in lots:
            command: RegisterAsset = lot.command
            if not customers and (lot.owner_id, demo.region.id) == (behind["owner"], behind["region"]):
                command = replace(command, customer_id=PartyId(behind["id"]))
                customers.append(lot)
            asset = cast(FlexAsset, self._do(lot.owner_id, command))
            ids[lot.unit.unit_id] = asset.id
            if not lot.pending:
                self._do(demo.region.dso_id, ConfirmAsset(asset_id=asset.id))
            if lot.own_p_mw is not None:
                day = self._scenario.delivery_day
                self._do(lot.owner_id, UploadBaseline(asset_id=asset.id, delivery_day=day, p_mw=lot.own_p_mw))
        return ids

    def _meters(
        self,
        demo: DemoRegion,
        lots: Sequence[portfolio.Lot],
        assets: Mapping[str, AssetId],
        planned: ScheduleFacts,
    ) -> None:
        """Points of delivery in one transaction, contracts, and readings of earlier days."""
        region, day = demo.region, self._scenario.delivery_day
        mappings = metering.pods(region.id, assets.values(), day)
        with self._app.store.write(SYSTEM, LoadDemo(scenario=self._name, step=f"meters {region.id}")) as uow:
            for mapping in mappings:
                uow.add(mapping)
        for contract in metering.contracts(region.id, day):
            self._do(self._fmo.party_id, contract)
        pod_of = {unit: mapping.pod_id for unit, mapping in zip(assets, mappings, strict=True)}
        for earlier in metering.earlier_days(day):
            document = metering.earlier_readings(self._scenario.seed, lots, pod_of, planned.p_mw, earlier)
            self._do(region.dso_id, UploadMetering(delivery_day=earlier, document=document))

    def _plan(self, demo: DemoRegion) -> MarketSession:
        times = self._scenario.times
        command = PlanSession(
            region_id=demo.region.id,
            delivery_day=self._scenario.delivery_day,
            opens_at=times["opens"],
            gate_closes_at=times["gate_closes"],
            publishes_at=times["publishes"],
        )
        return cast(MarketSession, self._do(self._fmo.party_id, command))

    def _open(self, session: MarketSession) -> None:
        with self._app.store.read() as uow:
            gate = uow.find(Gate, session_id=session.id, kind=GateKind.OPEN)[0]
        self._app.desk.execute(SYSTEM, PassGate(gate_id=gate.id))

    def _offer(self, plan: portfolio.OfferPlan, session: MarketSession, assets: Mapping[str, AssetId]) -> None:
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
        self._do(plan.owner_id, command)

    def _requests(self, demo: DemoRegion, session: MarketSession) -> None:
        """The proposals drawn from the network, published as they are where the file sets a price cap."""
        if demo.cap_eur_per_mwh is None:
            return
        dso = self._principals[demo.region.dso_id]
        query = GetGrid(region_id=demo.region.id, delivery_day=self._scenario.delivery_day)
        view = self._app.desk.query(dso, query)
        for proposed in (row for row in (view.proposed if view else ()) if row.plan is Plan.P):
            command = PublishRequest(
                session_id=session.id,
                congestion_point=proposed.zone,
                buses=proposed.buses,
                direction=Direction(proposed.direction),
                quantity_mw=proposed.quantity_mw,
                price_cap_eur_per_mwh=Decimal(demo.cap_eur_per_mwh),
                deadline=self._scenario.times["gate_closes"],
                commodity=proposed.commodity,
            )
            self._do(demo.region.dso_id, command)

    def _trade(
        self,
        demo: DemoRegion,
        cache_dir: Path,
        lots: Sequence[portfolio.Lot],
        assets: Mapping[str, AssetId],
        silent: frozenset[str],
    ) -> None:
        """The continuous session of the day after, open and with a book; the server matches it when it starts."""
        day = trading.trading_day(self._scenario, demo, cache_dir, lots, silent)
        session = trading.plan_session(self._do, self._fmo.party_id, self._scenario, demo, day)
        self._open(session)
        trading.place_offers(self._do, self._scenario, day, session, assets)

    def _read_notifications(self) -> None:
        """Everyone starts with what is new since the offers, not with hundreds of registrations."""
        self._app.dispatcher.run()
        for principal in self._principals.values():
            self._app.desk.execute(principal, MarkNotificationsRead())
