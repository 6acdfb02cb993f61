"""Who sees what, and when: the sealed book, regions, results."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path

import pytest
from delivered import opened
from world import CLOSES, DAY, NOON, PUBLISHES, R1, R2, WHO, World, at_noon, bid, flat
from written import explained

from app import policy_place
from app.bridge import work
from app.policy import QUERIES
from app.queries import HANDLERS
from app.queries import models as q
from domain import commands as c
from domain.errors import Refused
from domain.flexibility.assets import FlexAsset
from domain.flexibility.grids import Job
from domain.flexibility.market import FlexOffer, FlexRequest, GateKind, MarketSession
from domain.lifecycle import OfferState, RequestState


@dataclass
class Market:
    """A session of the first region with one request and two parties' offers."""

    world: World
    session: MarketSession
    request: FlexRequest
    assets: dict[str, FlexAsset]
    offers: dict[str, FlexOffer]

    def ask(self, who: str, query: q.Query[q.Answer]) -> q.Answer:
        return self.world.desk.query(WHO[who], query)

    def refusal(self, who: str, query: q.Query[q.Answer]) -> str:
        with pytest.raises(Refused) as refused:
            self.ask(who, query)
        return refused.value.findings[0].code

    def seen_offers(self, who: str) -> dict[str, OfferState]:
        rows = self.ask(who, q.ListOffers())
        return {row.offer.party_id: row.offer.state for row in rows}

    def cleared(self) -> None:
        self.world.run(self.world.close(self.session), lambda kind, inputs, _: solved(kind, inputs))

    def published(self) -> None:
        self.world.at(PUBLISHES)
        gate = self.world.gate(self.session, GateKind.PUBLISH)
        self.world.do("system", c.PassGate(gate_id=gate.id))


def over_noon(quantity: str) -> tuple[Decimal, ...]:
    return tuple(Decimal(quantity) if 44 <= step < 56 else Decimal(0) for step in range(96))


@cache
def solved(kind: str, inputs: bytes) -> bytes:
    """As the worker does it, the same work once."""
    return work.run(kind, inputs, lambda *_: None)


@pytest.fixture(scope="module")
def traded(seeded_database: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The open session in a database that nobody opens: the template of the tests'."""
    path = tmp_path_factory.mktemp("traded") / "flexdesk.db"
    shutil.copy(seeded_database, path)
    with opened(path) as world:
        world.grid()
        world.grid(R2, "dso2")
        for job in world.find(Job):
            world.run(job, work.run)
        assets = {"esp1": world.asset("esp1", "PV-1"), "esp2": world.asset("esp2", "PV-2")}
        session = world.session()
        world.request(session, quantity_mw=over_noon("1"))
        for (who, asset), mw, eur in zip(assets.items(), ("4", "2"), ("30.00", "90.00"), strict=True):
            world.do(who, bid(session, [(asset.id, over_noon(mw))], price_eur_per_mwh=flat(eur)))
        world.store.backup(path.with_name("copy.db"))
    return path.with_name("copy.db")


@pytest.fixture
def market(traded: Path, tmp_path: Path) -> Iterator[Market]:
    path = tmp_path / "traded.db"
    shutil.copy(traded, path)
    with opened(path) as world:
        yield Market(
            world=world,
            session=world.only(MarketSession),
            request=world.only(FlexRequest),
            assets={asset.owner_id: asset for asset in world.find(FlexAsset)},
            offers={offer.party_id: offer for offer in world.find(FlexOffer)},
        )


def test_every_query_has_a_handler_and_a_policy_row() -> None:
    known = {
        value
        for value in vars(q).values()
        if isinstance(value, type) and issubclass(value, q.Query) and value is not q.Query
    }
    assert known - set(policy_place.QUERIES) == set(HANDLERS) - set(policy_place.QUERIES) == set(QUERIES)


def test_the_book_is_sealed_before_the_gate(market: Market) -> None:
    assert market.seen_offers("esp1") == {"esp1": OfferState.SUBMITTED}
    assert market.seen_offers("dso1") == {}
    assert set(market.seen_offers("fmo")) == {"esp1", "esp2"}
    (row,) = market.ask("dso1", q.ListSessions())
    assert (row.n_requests, row.n_offers, row.offered_mwh) == (1, 0, 0)
    (own,) = market.ask("esp2", q.ListSessions(region_id=R1))
    assert (own.n_offers, own.offered_mwh) == (1, Decimal(6))
    day = market.ask("dso1", q.GetAssetDay(asset_id=market.assets["esp1"].id, delivery_day=DAY))
    assert not any(day.offered.down_mw)
    own_day = market.ask("esp1", q.GetAssetDay(asset_id=market.assets["esp1"].id, delivery_day=DAY))
    assert own_day.offered.down_mw[NOON] == 4


def test_after_the_gate_the_dso_sees_the_book_of_its_region_only(market: Market) -> None:
    market.world.close(market.session)
    assert market.seen_offers("dso1") == {"esp1": OfferState.LOCKED, "esp2": OfferState.LOCKED}
    assert market.seen_offers("dso2") == {}
    assert market.seen_offers("esp1") == {"esp1": OfferState.LOCKED}


def test_a_cleared_result_is_the_market_operators_until_it_is_published(market: Market) -> None:
    query = q.GetResult(session_id=market.session.id)
    assert market.refusal("fmo", query) == "no_result"
    market.cleared()
    assert market.ask("fmo", query).status == "cleared"
    for who in ("dso1", "esp1", "esp2"):
        assert market.refusal(who, query) == "no_result"
        assert set(market.seen_offers(who).values()) == {OfferState.LOCKED}
        (request,) = market.ask(who, q.ListRequests())
        assert (request.state, request.unmet_mw) == (RequestState.CLOSED, ())
        view = market.ask(who, q.GetGrid(region_id=R1, delivery_day=DAY))
        assert view is not None
        assert view.before is not None
        assert view.after is None
    assert market.ask("esp1", q.ListOffers())[0].payment_eur is None
    (row,) = market.ask("tso", q.SumByCoupling(delivery_day=DAY))[:1]
    assert not any(row.awarded_down_mw)
    assert row.p_after_mw is None
    assert market.ask("fmo", q.GetGrid(region_id=R1, delivery_day=DAY)).after is not None  # type: ignore[union-attr]


def test_why_a_session_is_not_cleared_is_for_its_operators(market: Market) -> None:
    market.world.do("fmo", c.CancelJob(job_id=market.world.close(market.session).id))
    reasons = {
        who: [row.session.reason for row in market.ask(who, q.ListSessions())]
        for who in ("fmo", "dso1", "dso2", "tso", "esp1", "agg1", "retailer1", "brp1")
    }
    seen = ["The clearing was cancelled."]
    others = {who: [""] for who in ("tso", "esp1", "agg1", "retailer1", "brp1")}
    assert reasons == {"fmo": seen, "dso1": seen, "dso2": []} | others


def test_requests_that_were_not_needed_are_a_result_too(market: Market) -> None:
    asked = market.world.request(market.session, quantity_mw=at_noon("1", 2))
    market.cleared()
    states = {
        who: {row.id: row.state for row in market.ask(who, q.ListRequests())}[asked.id]
        for who in ("fmo", "dso1", "esp1")
    }
    assert states == {"fmo": RequestState.NOT_NEEDED, "dso1": RequestState.CLOSED, "esp1": RequestState.CLOSED}


def test_published_results_show_each_party_its_own(market: Market) -> None:
    market.cleared()
    market.published()
    query = q.GetResult(session_id=market.session.id)
    own = market.ask("esp1", query)
    assert {row.award.party_id for row in own.awards} == {"esp1"}
    assert set(own.payments_eur) == {"esp1"}
    assert own.objective_eur is None
    assert own.awards[0].activation is not None
    assert own.awards[0].award.payment_eur == own.payments_eur[WHO["esp1"].party_id] > 0
    other = market.ask("esp2", query)
    assert (other.awards, other.payments_eur.get(WHO["esp1"].party_id)) == ((), None)
    whole = market.ask("dso1", query)
    assert whole.objective_eur == own.awards[0].award.payment_eur
    assert whole.n_needs_before > 0
    assert whole.proof is not None
    assert whole.proof.clean
    assert whole.job is not None
    assert whole.job.inputs == whole.job.result == b""
    assert [row.award.offer_id for row in market.ask("esp1", q.ListActivations())] == [market.offers["esp1"].id]
    assert market.ask("esp2", q.ListActivations()) == ()
    view = market.ask("esp1", q.GetGrid(region_id=R1, delivery_day=DAY))
    assert view is not None
    assert view.after is not None
    assert view.after.needs == ()
    (row,) = [row for row in market.ask("tso", q.SumByCoupling(delivery_day=DAY)) if row.region.id == R1]
    assert row.requested_down_mw[NOON] == 1
    assert row.awarded_down_mw[NOON] == own.awards[0].award.accepted_mw[NOON]
    assert row.p_before_mw is not None
    assert row.p_after_mw is not None
    shift = row.p_after_mw[NOON] - row.p_before_mw[NOON]
    assert shift == pytest.approx(float(row.awarded_down_mw[NOON]), rel=0.2)


def test_why_and_prices_are_shown_from_publication_on_and_to_each_its_own(market: Market) -> None:
    query = q.GetNodalPrices(session_id=market.session.id)
    market.world.run(market.world.close(market.session), explained)
    assert market.ask("fmo", query).bus_ids == ("1", "2", "3")  # type: ignore[union-attr]
    assert all(row.why for row in market.ask("fmo", q.ListOffers()))
    for who in ("dso1", "esp1", "esp2"):
        assert market.refusal(who, query) == "no_result"
        assert [row.why for row in market.ask(who, q.ListOffers()) if row.why or row.offer.explanations] == []
    market.published()
    assert market.ask("dso1", query).bus_ids == ("1", "2", "3")  # type: ignore[union-attr]
    own = market.ask("esp2", query)
    assert own is not None
    assert (own.bus_ids, own.p.total[NOON].tolist()) == (("3",), [-15.5])
    assert market.ask("agg1", query).bus_ids == ()  # type: ignore[union-attr]
    assert market.refusal("dso2", query) == "not_found"
    (row,) = market.ask("esp2", q.ListOffers())
    ((why, sentence),) = row.why
    assert (why.asset_id, why.element) == (market.assets["esp2"].id, "3")
    assert "would have been accepted at 15.49 EUR/MWh or less, limited by voltage at bus 3 at 12:30" in sentence


def test_a_tso_sees_prices_and_proof_but_not_who_gets_what(market: Market) -> None:
    market.world.run(market.world.close(market.session), explained)
    result, prices = (kind(session_id=market.session.id) for kind in (q.GetResult, q.GetNodalPrices))
    assert market.refusal("tso", result) == market.refusal("tso", prices) == "no_result"
    market.published()
    seen, everything = market.ask("tso", result), market.ask("dso1", result)
    assert seen.proof == everything.proof
    assert seen.result_sha256 == everything.result_sha256
    assert (seen.awards, seen.payments_eur) == ((), {})
    assert everything.awards
    assert everything.payments_eur
    assert market.ask("tso", prices).bus_ids == ("1", "2", "3")  # type: ignore[union-attr]


def test_prices_follow_confirmed_assets_only(market: Market) -> None:
    market.world.run(market.world.close(market.session), explained)
    market.published()
    market.world.do("dso1", c.RefuseAsset(asset_id=market.assets["esp2"].id, reason="No meter."))
    prices = market.ask("esp2", q.GetNodalPrices(session_id=market.session.id))
    assert prices is not None
    assert prices.bus_ids == ()


def test_another_dsos_region_is_not_found(market: Market) -> None:
    asset = market.assets["esp1"].id
    for query in (
        q.GetGrid(region_id=R1, delivery_day=DAY),
        q.ListUnits(region_id=R1),
        q.GetFiles(region_id=R1, delivery_day=DAY),
        q.GetResult(session_id=market.session.id),
        q.GetAssetDay(asset_id=asset, delivery_day=DAY),
    ):
        assert market.refusal("dso2", query) == "not_found"
    assert market.refusal("esp2", q.GetAssetDay(asset_id=asset, delivery_day=DAY)) == "not_found"
    assert market.ask("dso2", q.ListRequests()) == market.ask("dso2", q.ListAssets()) == ()
    assert market.ask("dso2", q.ListRequests(session_id=market.session.id)) == ()
    assert [region.id for region in market.ask("dso2", q.ListRegions())] == [R2]


def test_withdrawn_requests_stay_with_the_dso(market: Market) -> None:
    market.world.do("dso1", c.WithdrawRequest(request_id=market.request.id))
    assert market.ask("esp1", q.ListRequests()) == ()
    assert [r.state for r in market.ask("dso1", q.ListRequests())] == [RequestState.WITHDRAWN]
    assert market.ask("fmo", q.ListSessions(region_id=R1))[0].n_requests == 0


def test_offering_parties_see_free_units_and_their_own(market: Market) -> None:
    seen = {row.unit_id: row.asset for row in market.ask("esp1", q.ListUnits(region_id=R1))}
    assert "PV-2" not in seen
    assert seen["PV-1"] is not None
    assert seen["PV-1"].id == market.assets["esp1"].id
    assert seen["LD-1"] is None
    assert {row.unit_id for row in market.ask("dso1", q.ListUnits(region_id=R1))} >= {"PV-1", "PV-2"}
    assert [asset.id for asset in market.ask("esp2", q.ListAssets())] == [market.assets["esp2"].id]


def test_the_grid_of_a_day(market: Market) -> None:
    view = market.ask("dso1", q.GetGrid(region_id=R1, delivery_day=DAY))
    assert view is not None
    assert view.before is not None
    assert view.before.vm_pu.shape == (96, 3)
    assert view.before.needs[0].element == "3"
    assert view.proposed[0].direction == "down"
    assert view.computing is None
    offering = market.ask("esp1", q.GetGrid(region_id=R1, delivery_day=DAY))
    assert offering is not None
    assert offering.proposed == ()
    market.world.grid()
    renewed = market.ask("dso1", q.GetGrid(region_id=R1, delivery_day=DAY))
    assert renewed is not None
    assert renewed.computing is not None
    assert renewed.computing.inputs == b""


def test_states_of_a_replaced_network_are_left_out(market: Market) -> None:
    from world import network

    market.world.do("dso1", c.UploadNetwork(region_id=R1, document=network(name="Rebuilt")))
    view = market.ask("dso1", q.GetGrid(region_id=R1, delivery_day=DAY))
    assert view is not None
    assert (view.before, view.proposed) == (None, ())
    assert view.grid.bus_ids == ("1", "2", "3")


def test_files_come_back_as_they_were_uploaded(market: Market) -> None:
    from world import network, schedule

    files = market.ask("dso1", q.GetFiles(region_id=R1, delivery_day=DAY))
    assert (files.network_json, files.schedule_csv) == (network(), schedule())


def test_an_offer_is_checked_as_it_would_be_when_sent(market: Market) -> None:
    beyond = bid(market.session, [(market.assets["esp1"].id, at_noon("9"))])
    check = market.ask("esp1", q.CheckOffer(command=beyond))
    assert [(code, field) for code, field, _ in check.findings] == market.world.codes("esp1", beyond)
    assert check.findings[0][0] == "beyond_asset"
    assert check.offered_mwh == Decimal("2.25")
    strange = bid(market.session, [(market.assets["esp1"].id, flat("sNaN"))])
    assert market.ask("esp1", q.CheckOffer(command=strange)).offered_mwh == 0


def test_portfolio_of_the_balance_group(market: Market) -> None:
    (row,) = [r for r in market.ask("brp1", q.GetPortfolio(delivery_day=DAY)) if r.region.id == R1]
    assert (row.n_assets, row.production_p_mw[NOON], row.load_p_mw[NOON]) == (1, 4, 0)
    (none,) = [r for r in market.ask("retailer1", q.GetPortfolio(delivery_day=DAY)) if r.region.id == R1]
    assert none.n_assets == 0


def test_the_frame_names_the_next_gate(market: Market) -> None:
    shell = market.ask("esp1", q.GetShell())
    assert shell.next_gate is not None
    assert (shell.next_gate.kind, shell.next_gate.due_at) == (GateKind.CLOSE, CLOSES)
    assert shell.next_gate_region == R1
    assert shell.demo
    assert market.ask("dso2", q.GetShell()).next_gate is None
    assert market.ask("provider1", q.GetShell()).next_gate is None, "the EU Market Place has no gates"


def test_jobs_are_the_owners_and_carry_no_bytes(market: Market) -> None:
    assert {job.owner_id for job in market.ask("dso1", q.ListJobs())} == {"dso1"}
    jobs = market.ask("fmo", q.ListJobs())
    assert {job.owner_id for job in jobs} == {"dso1", "dso2"}
    assert all(job.inputs == job.result == b"" for job in jobs)
    assert len(market.ask("fmo", q.ListJobs(limit=1))) == 1
    with market.world.store.read() as uow:
        assert all(job.inputs for job in uow.find(Job))
        assert uow.find_bare(Job, owner_id="dso1") == market.ask("dso1", q.ListJobs())


def test_a_day_at_the_end_of_the_calendar_is_refused(market: Market) -> None:
    for day in (date.min, date.max):
        assert market.refusal("tso", q.SumByCoupling(delivery_day=day)) == "out_of_range"
