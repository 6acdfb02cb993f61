"""The demo day: all its needs can be cured, without esp1 some cannot, and the day loads through the desk."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path

import pytest

from app import demo
from app.bootstrap import App, build
from app.bridge import cases, simbench, states, work
from app.bridge.networks import read as read_network
from app.bridge.outcomes import ClearingOutcome
from app.bridge.schedules import ScheduleFacts
from app.bridge.schedules import read as read_schedule
from app.demo import portfolio, prices
from app.demo.scenario import DemoRegion, read_scenario
from app.queries import models as q
from app.settings import Settings
from domain import commands as c
from domain.flexibility.assets import Direction, FlexAsset
from domain.flexibility.market import FlexOffer, FlexRequest, Gate, GateKind, MarketSession, OfferLine
from domain.flexibility.trading import is_continuous
from domain.ids import AssetId, OfferId, RequestId, SessionId
from domain.lifecycle import AssetState, SessionState
from domain.notifications import Notification
from domain.parties import SYSTEM, Principal, Role

SINCE_THE_OFFERS = {"RequestPublished", "SessionPlanned", "SessionOpened", "OfferSubmitted"}
"""What is told of the first request and of the continuous session."""
SCENARIO = read_scenario()
REGIONS = {region.region.id: region for region in SCENARIO.regions}
Clear = Callable[[str, str], ClearingOutcome]


@pytest.fixture(scope="session")
def cache_dir() -> Path:
    """Kept between runs: reading SimBench takes longer than all the rest."""
    return Path(tempfile.gettempdir()) / "flexdesk-test-cache"


def documents(demo_region: DemoRegion, cache_dir: Path) -> tuple[str, str]:
    return simbench.region_files(demo_region.grid, SCENARIO.delivery_day, cache_dir, demo_region.outage)


@pytest.fixture(scope="session")
def clear(cache_dir: Path) -> Clear:
    """The day of a region cleared with the seeded offers of a scenario and the requests that are published."""

    @cache
    def run(region_id: str, scenario: str) -> ClearingOutcome:
        region = next(r for r in SCENARIO.regions if r.region.id == region_id)
        network, schedule = documents(region, cache_dir)
        facts = read_schedule(network, schedule, SCENARIO.delivery_day)
        lots = portfolio.lots(SCENARIO, region.region.id, read_network(network), facts)
        session = _session(region)
        offers = _offers(region, facts, lots, scenario)
        requests = _requests(region, network, schedule)
        assets = [portfolio.as_asset(lot) for lot in lots]
        case = cases.case_from(network, schedule, session, assets, offers, requests, region.region.dso_id)
        return cases.outcome_from(work.run("clearing", case, lambda *_: None), session, offers, requests)

    return run


def _session(region: DemoRegion) -> MarketSession:
    times = SCENARIO.times
    return MarketSession(
        id=SessionId("S"),
        region_id=region.region.id,
        delivery_day=SCENARIO.delivery_day,
        opens_at=times["opens"],
        gate_closes_at=times["gate_closes"],
        publishes_at=times["publishes"],
    )


def _offers(
    region: DemoRegion, facts: ScheduleFacts, lots: tuple[portfolio.Lot, ...], scenario: str
) -> list[FlexOffer]:
    plans = portfolio.offers(SCENARIO, region.region.id, facts, lots, demo.SCENARIOS[scenario])
    return [
        FlexOffer(
            id=OfferId(f"FO-{number:03}"),
            party_id=plan.owner_id,
            session_id=SessionId("S"),
            region_id=region.region.id,
            direction=plan.direction,
            lines=tuple(
                OfferLine(asset_id=AssetId(unit), quantity_mw=mw) for unit, mw in plan.quantity_mw.items()
            ),
            price_eur_per_mwh=(plan.price_eur_per_mwh,) * len(next(iter(plan.quantity_mw.values()))),
            submitted_at=SCENARIO.times["offers"],
        )
        for number, plan in enumerate(plans)
    ]


def _requests(region: DemoRegion, network: str, schedule: str) -> list[FlexRequest]:
    if region.cap_eur_per_mwh is None:
        return []
    inputs = cases.needs_inputs(network, schedule, region.region.id, SCENARIO.delivery_day)
    payload = states.before_from(work.run("needs", inputs, lambda *_: None))
    rows = states.decode(payload, region.region.id).proposed
    return [
        FlexRequest(
            id=RequestId(f"FR-{number}"),
            dso_id=region.region.dso_id,
            region_id=region.region.id,
            session_id=SessionId("S"),
            congestion_point=proposed.zone,
            buses=proposed.buses,
            direction=Direction(proposed.direction),
            quantity_mw=proposed.quantity_mw,
            price_cap_eur_per_mwh=region.cap_eur_per_mwh,
            deadline=SCENARIO.times["gate_closes"],
            published_at=SCENARIO.times["requests"],
        )
        for number, proposed in enumerate(row for row in rows if row.plan is states.Plan.P)
    ]


@pytest.mark.parametrize(("region_id", "n_needs"), [("rural", 877), ("semiurban", 763)])
def test_the_seeded_offers_cure_every_need(clear: Clear, region_id: str, n_needs: int) -> None:
    outcome = clear(region_id, "full")
    assert outcome.facts.n_needs_before == n_needs
    assert (outcome.status, outcome.facts.unmet) == ("cleared", ())
    assert outcome.proof_clean
    assert not any(any(missing) for missing in outcome.unmet_mw.values())


@pytest.mark.parametrize(("region_id", "element"), [("rural", "MV1.101 Bus 14"), ("semiurban", "MV2.101 Bus 25")])
def test_without_esp1_some_needs_stay_and_are_named(clear: Clear, region_id: str, element: str) -> None:
    outcome = clear(region_id, "without-esp1")
    assert outcome.status == "cleared_with_unmet"
    assert "esp1" not in {award.party_id for award in outcome.awards}
    named = {row.element for row in outcome.facts.unmet if row.kind == "voltage" and row.value > row.limit}
    assert element in named
    assert outcome.facts.n_needs_before > sum(row.kind in ("voltage", "loading") for row in outcome.facts.unmet)


def test_the_second_region_is_congested_and_its_voltage_too_high(cache_dir: Path) -> None:
    network, schedule = documents(SCENARIO.regions[1], cache_dir)
    inputs = cases.needs_inputs(network, schedule, SCENARIO.regions[1].region.id, SCENARIO.delivery_day)
    state = states.decode(states.before_from(work.run("needs", inputs, lambda *_: None)), "semiurban")  # type: ignore[arg-type]
    assert {need.kind for need in state.before.needs} == {"voltage", "loading"}
    assert state.before.loading_percent.max() == pytest.approx(127.95, abs=0.01)
    assert state.before.vm_pu.max() == pytest.approx(1.0816, abs=1e-4)


def test_files_come_from_the_cache_without_simbench(cache_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    region = SCENARIO.regions[0]
    first = documents(region, cache_dir)
    monkeypatch.setitem(__import__("sys").modules, "simbench", None)
    assert documents(region, cache_dir) == first


@pytest.mark.parametrize(
    ("day", "row"), [("2016-01-01", 0), ("2016-03-27", 8256), ("2016-03-28", 8348), ("2016-07-25", 19772)]
)
def test_days_map_to_rows_of_local_time(day: str, row: int) -> None:
    assert simbench.first_row(datetime.fromisoformat(day).date()) == row


def test_prices_follow_the_merit_order() -> None:
    rule = SCENARIO.prices
    top = sum((block.mw for block in rule.blocks), Decimal(0))
    asked = [Decimal(-5), Decimal(0), rule.blocks[0].mw, rule.blocks[0].mw + rule.blocks[1].mw / 2, top, top + 1]
    first, second = rule.blocks[:2]
    middle = (second.from_eur_per_mwh + second.to_eur_per_mwh) / 2
    last = rule.blocks[-1].to_eur_per_mwh
    expected = [first.from_eur_per_mwh, first.from_eur_per_mwh, first.to_eur_per_mwh, middle, last, last]
    assert [prices.merit_order_price(rule, load) for load in asked] == expected
    hourly = prices.day_ahead(SCENARIO, tuple(Decimal(-step) for step in range(96)))
    assert all(len(set(hourly[h : h + 4])) == 1 for h in range(0, 96, 4))
    assert hourly[0] > hourly[-1]
    assert prices.balancing(SCENARIO, [Decimal(0)] * 8) == prices.balancing(SCENARIO, [Decimal(0)] * 8)


@contextmanager
def _loaded(tmp_path: Path, cache_dir: Path, stages: list[tuple[str, float]]) -> Iterator[App]:
    url = f"sqlite:///{tmp_path / 'demo.db'}"
    app = build(Settings(database_url=url), wall_clock=lambda: NOW)
    try:
        assert demo.is_empty(app)
        demo.load(app, cache_dir, progress=lambda stage, share: stages.append((stage, share)))
        yield app
    finally:
        app.close()


NOW = datetime(2026, 11, 21, 8, tzinfo=UTC)


def _who(name: str, role: Role) -> Principal:
    party = next(party for party in SCENARIO.parties if party.id == name)
    return Principal(account=name, party_id=party.id, role=role)


def test_the_day_loads_through_the_desk(tmp_path: Path, cache_dir: Path) -> None:
    stages: list[tuple[str, float]] = []
    with _loaded(tmp_path, cache_dir, stages) as app:
        assert [share for _, share in stages] == sorted(share for _, share in stages)
        assert stages[-1] == ("Done", 1.0)
        assert not demo.is_empty(app)
        with pytest.raises(ValueError, match="not empty"):
            demo.load(app, cache_dir)
        for account in demo.accounts():
            token = app.auth.sign_in(account.account, account.password, "127.0.0.1").token
            assert app.auth.principal_of_session(token) is not None
        fmo, dso1, dso2 = _who("fmo", Role.FMO), _who("dso1", Role.DSO), _who("dso2", Role.DSO)
        day = SCENARIO.delivery_day
        shell = app.desk.query(fmo, q.GetShell())
        assert (shell.market_now, shell.demo) == (SCENARIO.times["clock_starts"], True)
        assert shell.clock.speed == 1.0
        rows = app.desk.query(fmo, q.ListSessions())
        assert {row.session.state for row in rows} == {SessionState.OPEN}
        auctions = [row for row in rows if not is_continuous(row.session)]
        (traded,) = (row for row in rows if is_continuous(row.session))
        assert sorted((row.region.id, row.n_requests) for row in auctions) == [("rural", 0), ("semiurban", 1)]
        assert all(row.n_offers > 50 for row in auctions)
        assert (traded.region.id, traded.session.delivery_day) == ("semiurban", day + timedelta(days=1))
        assert traded.n_offers > 0
        assert len(app.desk.query(fmo, q.ListPrices(delivery_day=day))) == 2
        for dso, region, element in ((dso1, "rural", "MV1.101 Bus 15"), (dso2, "semiurban", "MV2.101 Line 4")):
            view = app.desk.query(dso, q.GetGrid(region_id=REGIONS[region].region.id, delivery_day=day))  # type: ignore[index]
            assert view is not None
            assert view.before is not None
            assert element in {need.element for need in view.before.needs}
            assert view.proposed
            waiting = [a for a in app.desk.query(dso, q.ListAssets()) if a.state is AssetState.REGISTERED]
            assert len(waiting) == SCENARIO.n_pending
        _room_is_left(app)
        with app.store.read() as uow:
            unread = [note for note in uow.find(Notification) if not note.read]
        assert {note.event for note in unread} <= SINCE_THE_OFFERS, "nobody starts with hundreds of registrations"
        assert max(Counter(note.party_id for note in unread).values()) <= 5
        assert app.store.verify_audit() is None
        with app.store.read() as uow:
            gate = uow.find(Gate, session_id=auctions[0].session.id, kind=GateKind.CLOSE)[0]
        app.desk.execute(fmo, c.PassGate(gate_id=gate.id))
        states_now = {row.session.id: row.session.state for row in app.desk.query(fmo, q.ListSessions())}
        assert states_now[auctions[0].session.id] is SessionState.CLEARING
        assert SYSTEM.role is Role.SYSTEM


def _room_is_left(app: App) -> None:
    """The seeded offers leave every offering party room for one by hand, in the quarter hours of need."""
    for name, role in (
        ("esp1", Role.ESP),
        ("esp2", Role.ESP),
        ("agg1", Role.AGGREGATOR),
        ("agg2", Role.AGGREGATOR),
    ):
        who = _who(name, role)
        assets: tuple[FlexAsset, ...] = app.desk.query(who, q.ListAssets())
        own = next(a for a in assets if a.state is AssetState.CONFIRMED and a.p_min_mw == 0)
        reach = app.desk.query(who, q.GetAssetDay(asset_id=own.id, delivery_day=SCENARIO.delivery_day))
        assert reach.headroom.down_mw[50] > reach.offered.down_mw[50]
