"""A small market in memory that answers the desk's read models: two regions, one day, six buses each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import numpy as np

from app.queries import models as q
from domain.errors import Refused, refuse
from domain.flexibility.assets import AssetKind, Direction, FlexAsset, Headroom, headroom
from domain.flexibility.grids import Job
from domain.flexibility.market import (
    Award,
    FlexOffer,
    FlexRequest,
    Gate,
    GateKind,
    MarketSession,
    OfferLine,
    PriceKind,
    PriceSeries,
)
from domain.guide import ChapterName
from domain.lifecycle import AssetState, JobState, OfferState, SessionState
from domain.notifications import Notification
from domain.parties import Party, Principal, Region, Role
from domain.time import DeliveryDay, MarketClock
from views.state.common import step_labels

DAY = date(2016, 7, 25)
N = DeliveryDay(day=DAY).n_steps
LABELS = step_labels(DeliveryDay(day=DAY))
NOW = datetime(2016, 7, 24, 8, 0, tzinfo=UTC)
ZERO = (Decimal(0),) * N
NOON = tuple(Decimal("0.5") if 44 <= step < 60 else Decimal(0) for step in range(N))

PARTIES = (
    Party(id="fmo", name="FlexMarkt", role=Role.FMO),
    Party(id="dso1", name="Netze Nord", role=Role.DSO),
    Party(id="dso2", name="Netze Süd", role=Role.DSO),
    Party(id="tso", name="Übertragung AG", role=Role.TSO),
    Party(id="esp1", name="Sonne <b>& Wind</b>", role=Role.ESP),
    Party(id="esp2", name="Hofstrom", role=Role.ESP),
    Party(id="agg1", name="Bündler", role=Role.AGGREGATOR, independent=True),
    Party(id="retailer1", name="Stadtstrom", role=Role.RETAILER),
    Party(id="brp1", name="Bilanzkreis 1", role=Role.BRP),
    Party(id="customer1", name="Haus <b>Sonne</b>", role=Role.CUSTOMER),
    Party(id="place1", name="EU <b>Market Place</b>", role=Role.PLACE_OPERATOR),
    Party(id="provider1", name="Meters <b>North</b>", role=Role.PROVIDER),
    Party(id="requester1", name="Pool <b>West</b>", role=Role.REQUESTER),
)
REGIONS = (
    Region(id="north", name="Rural north", dso_id="dso1", tso_id="tso"),
    Region(id="south", name="Suburb south", dso_id="dso2", tso_id="tso"),
)


def principal(party_id: str) -> Principal:
    party = next(p for p in PARTIES if p.id == party_id)
    return Principal(account=party_id, party_id=party.id, role=party.role, name=party.name)


def grid_map(region_id: str) -> q.GridMap:
    """Six buses in a row, the first is the coupling bus."""
    return q.GridMap(
        region_id=region_id,
        bus_ids=tuple(f"B{k}" for k in range(6)),
        lon=np.linspace(9.0, 9.1, 6),
        lat=np.array([53.0, 53.01, 53.0, 53.02, 53.03, 53.01]),
        vn_kv=np.full(6, 20.0),
        vm_min_pu=np.full(6, 0.965),
        vm_max_pu=np.full(6, 1.055),
        branch_ids=tuple(f"L{k}" for k in range(5)),
        from_index=np.arange(5),
        to_index=np.arange(1, 6),
        coupling_bus="B0",
        zone_of_bus=("coupling", "A", "A", "A", "A", "A"),
    )


def day_state(peak_pu: float, peak_percent: float) -> q.DayState:
    """Voltage rises along the feeder with the sun; needs are what passes 1.055 pu."""
    sun = np.clip(np.sin((np.arange(N) - 24) / 48 * np.pi), 0, 1)
    vm_pu = 1.0 + np.outer(sun, np.linspace(0, peak_pu - 1.0, 6))
    over = int((vm_pu[:, 5] > 1.055).sum())
    worst = int(vm_pu[:, 5].argmax())
    needs = (
        q.NeedRow(
            element="B5",
            kind="voltage",
            zone="A",
            first_step=worst - over // 2,
            last_step=worst + over // 2,
            n_steps=over,
            worst_step=worst,
            worst_value=float(vm_pu.max()),
            limit=1.055,
        ),
    )
    return q.DayState(
        vm_pu=vm_pu,
        loading_percent=np.outer(sun, np.linspace(peak_percent, 10, 5)),
        p_coupling_mw=2.0 - 6.0 * sun,
        needs=needs if over else (),
    )


def session_of(region_id: str, state: SessionState) -> MarketSession:
    return MarketSession(
        id=f"MS-{region_id}",
        region_id=region_id,
        delivery_day=DAY,
        opens_at=NOW - timedelta(hours=1),
        gate_closes_at=NOW + timedelta(hours=2),
        publishes_at=NOW + timedelta(hours=3),
        state=state,
    )


def gates_of(session: MarketSession) -> tuple[Gate, ...]:
    moments = (
        (GateKind.OPEN, session.opens_at, True),
        (GateKind.INTERIM, session.opens_at + timedelta(hours=2), False),
        (GateKind.CLOSE, session.gate_closes_at, False),
        (GateKind.PUBLISH, session.publishes_at, False),
    )
    return tuple(
        Gate(id=f"GA-{session.region_id}-{kind}", session_id=session.id, kind=kind, due_at=due, done=done)
        for kind, due, done in moments
    )


def asset_of(party_id: str, region_id: str = "north") -> FlexAsset:
    return FlexAsset(
        id=f"FA-{party_id}",
        owner_id=party_id,
        region_id=region_id,
        unit_id="PV-4",
        bus="B4",
        name=f"Solar field of {party_id} <img src=x onerror=alert(1)>",
        kind=AssetKind.PV,
        p_min_mw=Decimal(0),
        p_max_mw=Decimal(1),
        brp_id="brp1",
        state=AssetState.CONFIRMED,
    )


def offer_of(party_id: str, price: str, state: OfferState = OfferState.SUBMITTED) -> FlexOffer:
    return FlexOffer(
        id=f"FO-{party_id}",
        party_id=party_id,
        session_id="MS-north",
        region_id="north",
        direction=Direction.DOWN,
        lines=(OfferLine(asset_id=f"FA-{party_id}", quantity_mw=NOON),),
        price_eur_per_mwh=(Decimal(price),) * N,
        submitted_at=NOW,
        state=state,
    )


def request_of(region_id: str = "north") -> FlexRequest:
    return FlexRequest(
        id=f"FR-{region_id}",
        dso_id="dso1",
        region_id=region_id,
        session_id=f"MS-{region_id}",
        congestion_point="A",
        buses=("B4", "B5"),
        direction=Direction.DOWN,
        quantity_mw=NOON,
        price_cap_eur_per_mwh=Decimal("150.00"),
        deadline=NOW + timedelta(hours=1),
        published_at=NOW,
    )


def award_of(party_id: str) -> Award:
    return Award(
        id=f"AW-{party_id}",
        session_id="MS-north",
        region_id="north",
        offer_id=f"FO-{party_id}",
        asset_id=f"FA-{party_id}",
        party_id=party_id,
        direction=Direction.DOWN,
        accepted_mw=NOON,
        price_eur_per_mwh=(Decimal("40.00"),) * N,
        payment_eur=Decimal("80.00"),
    )


def job_of(state: JobState = JobState.RUNNING) -> Job:
    return Job(
        id="JB-1",
        kind="clearing",
        owner_id="fmo",
        region_id="north",
        session_id="MS-north",
        delivery_day=DAY,
        submitted_at=NOW,
        inputs=b"",
        state=state,
        stage="Power flow",
        progress=0.4,
    )


@dataclass
class FakeDesk:
    """Answers every query the pages ask; keeps the commands it was given.

    `refusal` is raised by the next command. Change the fields to change the market.
    """

    sessions: dict[str, MarketSession] = field(
        default_factory=lambda: {r.id: session_of(r.id, SessionState.OPEN) for r in REGIONS}
    )
    requests: list[FlexRequest] = field(default_factory=lambda: [request_of()])
    offers: list[FlexOffer] = field(default_factory=lambda: [offer_of("esp1", "40.00"), offer_of("esp2", "55.50")])
    awards: list[Award] = field(default_factory=list)
    jobs: list[Job] = field(default_factory=list)
    notifications: list[Notification] = field(
        default_factory=lambda: [
            Notification(
                id=f"NO-{k}",
                party_id="fmo",
                event="OfferSubmitted",
                sentence=f"Offer {k} <script>alert(1)</script> came in.",
                link="/fmo/session?id=MS-north",
                market_at=NOW - timedelta(minutes=k),
                read=k > 1,
            )
            for k in range(4)
        ]
    )
    prices: list[PriceSeries] = field(
        default_factory=lambda: [
            PriceSeries(
                id=f"PR-{kind}",
                kind=kind,
                delivery_day=DAY,
                price_eur_per_mwh=tuple(Decimal(base + step % 20) for step in range(N)),
                source="rule",
            )
            for kind, base in ((PriceKind.DAY_AHEAD, 30), (PriceKind.BALANCING, 45))
        ]
    )
    clock: MarketClock = field(
        default_factory=lambda: MarketClock(anchor_market=NOW, anchor_wall=NOW, speed=0.0, movable=True)
    )
    unmet: tuple[q.UnmetRow, ...] = ()
    clean: bool = True
    lower_bound_eur: Decimal | None = None
    gap: float | None = None
    prices_at_buses: q.NodalPrices | None = None
    has_network: bool = True
    done: list[Any] = field(default_factory=list)
    refusal: Refused | None = None

    def execute(self, who: Principal, command: Any) -> Any:
        if self.refusal is not None:
            refusal, self.refusal = self.refusal, None
            raise refusal
        self.done.append((who.account, command))
        return None

    def query(self, who: Principal, query: Any) -> Any:
        return _ANSWERS[type(query)](self, who, query)


def _shell(desk: FakeDesk, who: Principal, _query: q.GetShell) -> q.ShellView:
    gate = gates_of(desk.sessions["north"])[2] if "north" in desk.sessions else None
    unread = sum(not n.read and n.party_id == who.party_id for n in desk.notifications)
    return q.ShellView(
        principal=who,
        party=next(p for p in PARTIES if p.id == who.party_id),
        clock=desk.clock,
        market_now=desk.clock.anchor_market,
        next_gate=gate,
        next_gate_region="north" if gate else "",
        n_unread=unread,
        demo=desk.clock.movable,
    )


def _session_rows(desk: FakeDesk, _who: Principal, query: q.ListSessions) -> tuple[q.SessionRow, ...]:
    return tuple(
        q.SessionRow(
            session=desk.sessions[region.id],
            region=region,
            gates=gates_of(desk.sessions[region.id]),
            n_requests=sum(r.region_id == region.id for r in desk.requests),
            n_offers=sum(o.region_id == region.id for o in desk.offers),
            requested_mwh=Decimal(2) * sum(r.region_id == region.id for r in desk.requests),
            offered_mwh=Decimal(2) * sum(o.region_id == region.id for o in desk.offers),
            awarded_mwh=Decimal(2) * sum(a.region_id == region.id for a in desk.awards),
        )
        for region in REGIONS
        if query.region_id in (None, region.id)
        and query.delivery_day in (None, DAY)
        and region.id in desk.sessions
    )


def _party(party_id: str) -> Party:
    return next(p for p in PARTIES if p.id == party_id)


def _offer_rows(desk: FakeDesk, who: Principal, query: q.ListOffers) -> tuple[q.OfferRow, ...]:
    return tuple(
        q.OfferRow(
            offer=offer, party=_party(offer.party_id), offered_mwh=Decimal(2), accepted_mwh=None, payment_eur=None
        )
        for offer in desk.offers
        if query.session_id in (None, offer.session_id)
        and (who.role is Role.FMO or offer.party_id == who.party_id)
    )


def _result(desk: FakeDesk, _who: Principal, query: q.GetResult) -> q.ResultView:
    session = next((s for s in desk.sessions.values() if s.id == query.session_id), None)
    if session is None:
        raise refuse("not_found", "session_id", "There is no such session.")
    if session.state not in (SessionState.CLEARED, SessionState.NOT_CLEARED, SessionState.PUBLISHED):
        raise refuse("no_result", "session_id", "The session has not been cleared yet.")
    return q.ResultView(
        session=session,
        job=desk.jobs[0] if desk.jobs else None,
        status="cleared_with_unmet" if desk.unmet else "cleared",
        reason=session.reason,
        objective_eur=Decimal("160.00"),
        welfare_eur=None,
        lower_bound_eur=desk.lower_bound_eur,
        gap=desk.gap,
        pivotal=(),
        awards=tuple(
            q.AwardRow(
                award=award,
                party=_party(award.party_id),
                asset=asset_of(award.party_id),
                accepted_mwh=Decimal(2),
                activation=None,
            )
            for award in desk.awards
        ),
        unmet=desk.unmet,
        payments_eur={"esp1": Decimal("80.00"), "esp2": Decimal("80.00"), "dso1": Decimal("-160.00")},
        proof=q.ProofView(
            clean=desk.clean,
            vm_min_pu=0.998,
            vm_max_pu=1.0549,
            max_loading_percent=72.0,
            worst="" if desk.clean else "B5 at 13:00: 1.0571 pu",
        ),
        n_needs_before=1,
        case_sha256="c" * 64,
        result_sha256="d" * 64,
        solve_seconds=0.4,
    )


def _grid(desk: FakeDesk, _who: Principal, query: q.GetGrid) -> q.GridView | None:
    if not desk.has_network:
        return None
    cleared = desk.sessions[query.region_id].state in (SessionState.CLEARED, SessionState.PUBLISHED)
    return q.GridView(
        grid=grid_map(query.region_id),
        before=day_state(1.07, 90),
        after=day_state(1.054, 70) if cleared else None,
        proposed=(),
        computing=None,
        network_uploaded_at=NOW,
        schedule_uploaded_at=NOW,
    )


def nodal_prices(*, reactive: bool = True) -> q.NodalPrices:
    """Five of the six buses; around noon voltage lowers the price the farther a bus is along the feeder."""
    sun = np.clip(np.sin((np.arange(N) - 24) / 48 * np.pi), 0, 1)
    far = np.arange(5.0)

    def parts(energy: float, loss: float, voltage: float) -> q.PriceParts:
        by = {
            "energy": np.full((N, 5), energy),
            "loss": loss * np.outer(sun, far),
            "congestion": np.zeros((N, 5)),
            "voltage": voltage * np.outer(np.where(sun > 0.8, sun, 0), far),
        }
        total = sum(by.values())
        return q.PriceParts(up=total, down=-total, total=total, **by)

    return q.NodalPrices(
        bus_ids=("B0", "B1", "B2", "B3", "B4"), p=parts(50, -1.5, -12), q=parts(0, -0.3, -2) if reactive else None
    )


def _coupling(_desk: FakeDesk, _who: Principal, _query: q.SumByCoupling) -> tuple[q.CouplingRow, ...]:
    return tuple(
        q.CouplingRow(
            region=region,
            coupling_bus="B0",
            requested_up_mw=ZERO,
            requested_down_mw=NOON,
            awarded_up_mw=ZERO,
            awarded_down_mw=NOON,
            p_before_mw=day_state(1.07, 90).p_coupling_mw,
            p_after_mw=None if region.id == "south" else day_state(1.054, 70).p_coupling_mw,
        )
        for region in REGIONS
    )


def _portfolio(_desk: FakeDesk, _who: Principal, _query: q.GetPortfolio) -> tuple[q.PortfolioRow, ...]:
    return tuple(
        q.PortfolioRow(
            region=region,
            n_assets=3,
            production_p_mw=NOON,
            load_p_mw=(Decimal("0.25"),) * N,
            awarded_p_mw=tuple(-p for p in NOON),
        )
        for region in REGIONS
    )


def _asset_day(_desk: FakeDesk, who: Principal, query: q.GetAssetDay) -> q.AssetDay:
    asset = asset_of(query.asset_id.removeprefix("FA-"))
    return q.AssetDay(
        asset=asset,
        schedule_p_mw=NOON,
        baseline=None,
        headroom=headroom(asset, NOON),
        offered=Headroom(up_mw=ZERO, down_mw=ZERO, up_mvar=ZERO, down_mvar=ZERO),
    )


def _locations(_desk: FakeDesk, _who: Principal, query: q.GetLocations) -> q.LocationDay:
    grid = grid_map(query.region_id)
    sun = np.clip(np.sin((np.arange(N) - 24) / 48 * np.pi), 0, 1)
    production, load = np.outer(sun, np.full(6, 0.5)), np.full((N, 6), -0.2)
    return q.LocationDay(
        region=next(region for region in REGIONS if region.id == query.region_id),
        bus_ids=grid.bus_ids,
        zone_of_bus=grid.zone_of_bus,
        production_mw=production,
        load_mw=load,
        baseline_mw=production + load,
        n_baselines=1,
        n_assets=2,
    )


def _calls(_desk: FakeDesk, _who: Principal, _query: q.SumCalls) -> tuple[q.CallRow, ...]:
    none = q.CallSums(requested_mw=ZERO, awarded_mw=ZERO, acknowledged_mw=ZERO, refused_mw=ZERO)
    down = q.CallSums(requested_mw=NOON, awarded_mw=NOON, acknowledged_mw=NOON, refused_mw=ZERO)
    return tuple(
        q.CallRow(
            region=region, coupling_bus="B0", up=none, down=down, n_held=1, delivered_if_kept_mwh=Decimal(-2)
        )
        for region in REGIONS
    )


def _units(_desk: FakeDesk, _who: Principal, query: q.ListUnits) -> tuple[q.UnitRow, ...]:
    return tuple(
        q.UnitRow(
            unit_id=f"PV-{k}", bus=f"B{k}", kind="generator", type="PV", p_max_mw=1.0, s_max_mva=1.1, asset=None
        )
        for k in range(1, 4)
    )


_ANSWERS: dict[type, Callable[[FakeDesk, Principal, Any], Any]] = {
    q.GetShell: _shell,
    q.ListLogins: lambda _desk, _who, _query: (),
    q.ListApiKeys: lambda _desk, _who, _query: (),
    q.ListAccounts: lambda _desk, _who, _query: (),
    q.ListSessions: _session_rows,
    q.GetGuide: lambda desk, _who, _query: q.GuideView(
        demo=True,
        chapters=tuple(q.ChapterRow(name=name, chapter=None, blocked="") for name in ChapterName),
        sessions=tuple((region, desk.sessions[region.id]) for region in REGIONS if region.id in desk.sessions),
    ),
    q.ListLocalPrices: lambda _desk, _who, _query: tuple(q.LocalPrices(region=region) for region in REGIONS),
    q.Search: lambda _desk, _who, _query: (),
    q.ListOffers: _offer_rows,
    q.GetResult: _result,
    q.GetNodalPrices: lambda desk, _who, _query: desk.prices_at_buses,
    q.GetGrid: _grid,
    q.SumByCoupling: _coupling,
    q.GetPortfolio: _portfolio,
    q.GetAssetDay: _asset_day,
    q.ListUnits: _units,
    q.ListAlarms: lambda _desk, _who, _query: (),
    q.ListWhatIfs: lambda _desk, _who, _query: (),
    q.ListZones: lambda _desk, _who, _query: (),
    q.ListCongestedRegions: lambda _desk, _who, _query: (),
    q.GetLocations: _locations,
    q.SumCalls: _calls,
    q.GetFiles: lambda _desk, _who, _query: q.ExampleFiles(network_json="{}", schedule_csv="start\n"),
    q.CheckOffer: lambda _desk, _who, _query: q.OfferCheck(findings=(), offered_mwh=Decimal(0)),
    q.ListParties: lambda _desk, _who, _query: PARTIES,
    q.ListApplications: lambda _desk, _who, _query: (),
    q.GetBalance: lambda _desk, _who, _query: (),
    q.ListPurchases: lambda _desk, _who, _query: (),
    q.ListCustomerCalls: lambda _desk, _who, _query: (),
    q.ListCustomerAssets: lambda _desk, _who, _query: (),
    q.ListRegions: lambda _desk, _who, _query: REGIONS,
    q.ListPrices: lambda desk, _who, query: tuple(p for p in desk.prices if p.delivery_day == query.delivery_day),
    q.ListRequests: lambda desk, _who, query: tuple(
        r
        for r in desk.requests
        if query.session_id in (None, r.session_id) and query.region_id in (None, r.region_id)
    ),
    q.ListJobs: lambda desk, _who, _query: tuple(desk.jobs),
    q.ListAssets: lambda _desk, _who, _query: (asset_of("esp1"), asset_of("esp2")),
    q.ListActivations: lambda desk, _who, _query: (),
    q.ListOfferedFlexibility: lambda _desk, _who, _query: (),
    q.ListDirectCalls: lambda _desk, _who, _query: (),
    q.ListForecasts: lambda _desk, _who, _query: (),
    q.ListPods: lambda _desk, _who, _query: (),
    q.ListStatements: lambda _desk, _who, _query: (),
    q.ListInvoices: lambda _desk, _who, _query: (),
    q.ListContracts: lambda _desk, _who, _query: (),
    q.GetSettlement: lambda desk, _who, query: q.SettlementView(
        session=next(s for s in desk.sessions.values() if s.id == query.session_id),
        region=REGIONS[0],
        over=False,
        n_assets=0,
        n_metered=0,
        statements=(),
        **dict.fromkeys(("awarded_mwh", "delivered_mwh", "awarded_mvarh", "delivered_mvarh"), Decimal(0)),
        **dict.fromkeys(("cleared_eur", "to_pay_eur", "coupling_eur", "balance_eur"), Decimal(0)),
    ),
    q.ListNotifications: lambda desk, who, query: tuple(
        n for n in desk.notifications if n.party_id == who.party_id
    )[: query.limit],
}


def cleared(desk: FakeDesk, region_id: str = "north", state: SessionState = SessionState.CLEARED) -> FakeDesk:
    """The market after the region's clearing."""
    desk.sessions[region_id] = replace(desk.sessions[region_id], state=state)
    desk.awards = [award_of("esp1"), award_of("esp2")]
    desk.jobs = [job_of(JobState.DONE)]
    return desk
