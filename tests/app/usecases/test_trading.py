"""Continuous sessions trade while they are open: orders meet at once, trades bind, rests are withdrawn."""

from __future__ import annotations

import json
import random
from decimal import Decimal
from typing import Any

import pytest
from world import CLOSES, NOON, OPENS, PUBLISHES, WHO, World, at_noon, bid, flat, network, plan, schedule

from app.bridge import work
from app.queries import models as q
from app.trading import found
from domain import commands as c
from domain import events as e
from domain.errors import Refused
from domain.flexibility.assets import Direction, FlexAsset
from domain.flexibility.commodity import Commodity
from domain.flexibility.grids import Job, Schedule
from domain.flexibility.market import Activation, Award, FlexOffer, FlexRequest, GateKind, MarketSession
from domain.flexibility.rules import ClearingMode, PaymentRule
from domain.ids import PartyId
from domain.lifecycle import JobState, OfferState, RequestState, SessionState

MATCHING = "matching"
TRADING: dict[str, Any] = {"clearing": ClearingMode.CONTINUOUS, "payment": PaymentRule.NODAL}


@pytest.fixture
def grid(world: World) -> World:
    world.grid()
    for job in world.find(Job):
        world.do("fmo", c.CancelJob(job_id=job.id))
    return world


def opened(world: World, **changes: Any) -> MarketSession:
    session = world.do("fmo", plan(**TRADING | changes))
    world.at(OPENS)
    world.do("system", c.PassGate(gate_id=world.gate(session, GateKind.OPEN).id))
    matched(world)
    return world.only(MarketSession, id=session.id)  # type: ignore[no-any-return]


def run(world: World, job: Job) -> None:
    """A job as the runner does it: its inputs are those that it started with."""
    world.do("system", c.StartJob(job_id=job.id))
    job = world.only(Job, id=job.id)
    if job.state is JobState.RUNNING:
        result = work.run(job.kind, job.inputs, lambda stage, share: None)
        world.do("system", c.ApplyJob(job_id=job.id, succeeded=True, result=result))


def matched(world: World) -> int:
    """Run the matchings that wait; how many those were."""
    waiting = world.find(Job, kind=MATCHING, state=JobState.QUEUED)
    for job in waiting:
        run(world, job)
    return len(waiting)


def depth(world: World, session: MarketSession, who: str = "dso1", **where: Any) -> q.DepthView:
    return world.desk.query(WHO[who], q.GetDepth(session_id=session.id, **where))


def levels(view: q.DepthView) -> list[tuple[int, str, str, Decimal, Decimal, Decimal]]:
    return [
        (row.step, row.side.value, row.direction.value, row.price_eur_per_mwh, row.quantity_mw, row.own_mw)
        for row in view.levels
    ]


def orders(world: World, session: MarketSession, who: str) -> tuple[q.OrderRow, ...]:
    return world.desk.query(WHO[who], q.ListOrders(session_id=session.id))


def trades(world: World, session: MarketSession) -> list[tuple[str, str, int, Decimal, Decimal]]:
    with world.store.read() as uow:
        facts = found(uow, session.id)
    return [(t.offer_id, t.request_id, t.step, t.quantity_mw, t.price_eur_per_mwh) for t in facts.trades]


def test_an_order_meets_what_stands_and_both_sides_are_told(grid: World) -> None:
    asset, session = grid.asset(), opened(grid)
    offer = grid.offer("esp1", session, asset, "2")
    assert matched(grid) == 1
    assert levels(depth(grid, session)) == [(NOON, "offer", "down", Decimal(40), Decimal(2), Decimal(0))]
    request = grid.request(session, quantity_mw=at_noon("0.5"), price_cap_eur_per_mwh=Decimal("60.00"))
    assert matched(grid) == 1
    # The order that stood first sets the price.
    assert trades(grid, session) == [(offer.id, request.id, NOON, Decimal("0.5"), Decimal("40.00"))]
    assert [(t.party_id, t.bought, t.energy_mwh, t.lowest_eur_per_mwh) for t in grid.told(e.TradesMade)] == [
        ("dso1", True, Decimal("0.125"), Decimal("40.00")),
        ("esp1", False, Decimal("0.125"), Decimal("40.00")),
    ]
    assert levels(depth(grid, session, "esp1")) == [
        (NOON, "offer", "down", Decimal(40), Decimal("1.5"), Decimal("1.5"))
    ]


def test_nobody_reads_whose_orders_stand_or_were_traded(grid: World) -> None:
    asset, other, session = grid.asset(), grid.asset("esp2", "PV-2"), opened(grid)
    grid.offer("esp1", session, asset, "1")
    grid.offer("esp2", session, other, "0.5")
    grid.request(session, quantity_mw=at_noon("1.2"))
    matched(grid)
    for who, own in (("dso1", {"request"}), ("esp1", {"offer"}), ("esp2", {"offer"}), ("tso", set())):
        view = depth(grid, session, who)
        told = repr(view)
        names = ("esp1", "esp2", "dso1", "Sun and storage", "Wind and load")
        assert not [name for name in names if f"'{name}'" in told], who
        assert {trade.own.value for trade in view.trades if trade.own} == own
        for trade in view.trades:
            assert bool(trade.offer_id) == (trade.own is q.Side.OFFER)
            assert bool(trade.request_id) == (trade.own is q.Side.REQUEST)
    assert [level[-1] for level in levels(depth(grid, session, "esp2"))] == [Decimal("0.3")]
    assert [level[-1] for level in levels(depth(grid, session, "esp1"))] == [Decimal(0)]
    assert all(trade.offer_id and trade.request_id for trade in depth(grid, session, "fmo").trades)
    assert {row.party for row in orders(grid, session, "esp1")} == {"Sun and storage"}
    assert {row.party for row in orders(grid, session, "dso1")} == {"North grid"}
    assert len(orders(grid, session, "fmo")) == 3


def test_a_call_sessions_book_has_no_depth(grid: World) -> None:
    session = grid.session()
    for who in ("dso1", "esp1", "tso", "fmo"):
        for query in (q.GetDepth(session_id=session.id), q.ListOrders(session_id=session.id)):
            if who == "tso" and isinstance(query, q.ListOrders):
                continue
            with pytest.raises(Refused, match="book_sealed"):
                grid.desk.query(WHO[who], query)
    assert grid.find(Job, kind=MATCHING) == ()


def test_another_regions_book_is_not_there(grid: World) -> None:
    session = opened(grid)
    with pytest.raises(Refused, match="not_found"):
        depth(grid, session, "dso2")


def test_bursts_are_matched_in_one(grid: World) -> None:
    asset, session = grid.asset(), opened(grid)
    for _ in range(4):
        grid.offer("esp1", session, asset, "0.2")
    grid.request(session, quantity_mw=at_noon("0.7"))
    assert len(grid.find(Job, kind=MATCHING, state=JobState.QUEUED)) == 1
    matched(grid)
    assert sum(quantity for *_, quantity, _ in trades(grid, session)) == Decimal("0.7")
    grid.offer("esp1", session, asset, "0.2")
    matched(grid)
    # Done matchings make room for the next.
    assert len(grid.find(Job, kind=MATCHING)) == 1


def test_a_matching_can_be_read_as_a_document(grid: World) -> None:
    asset, session = grid.asset(), opened(grid)
    offer = grid.offer("esp1", session, asset, "0.2")
    request = grid.request(session, quantity_mw=at_noon("0.5"))
    matched(grid)
    job = grid.only(Job, kind=MATCHING)
    asked = q.GetJobDocument(job_id=job.id, part=q.JobPart.RESULT)
    found = json.loads(grid.desk.query(WHO["fmo"], asked))
    (trade,) = found["facts"]["trades"]
    assert (trade["offer"].split("/")[0], trade["request"], trade["quantity"]) == (offer.id, request.id, 0.2)
    assert found["series"] == {}


def test_orders_of_one_moment_trade_in_the_sequence_in_which_they_came(grid: World) -> None:
    """The clock stands still; ids are random and must not decide."""
    asset, session = grid.asset(), opened(grid)
    offers = [grid.offer("esp1", session, asset, "0.1") for _ in range(6)]
    assert len({offer.submitted_at for offer in offers}) == 6
    grid.request(session, quantity_mw=at_noon("0.45"))
    matched(grid)
    assert [offer_id for offer_id, *_ in trades(grid, session)] == [offer.id for offer in offers[:5]]


def test_only_what_is_left_is_withdrawn_and_the_matched_part_is_awarded(grid: World) -> None:
    asset, session = grid.asset(), opened(grid)
    offer = grid.offer("esp1", session, asset, "2")
    request = grid.request(session, quantity_mw=at_noon("0.5"))
    matched(grid)
    assert grid.codes("dso1", c.WithdrawRequest(request_id=request.id)) == [("wrong_state", "request_id")]
    grid.do("esp1", c.WithdrawOffer(offer_id=offer.id))
    later = grid.request(session)
    matched(grid)
    assert [t[1:4] for t in trades(grid, session)] == [(request.id, NOON, Decimal("0.5"))]
    assert levels(depth(grid, session)) == [(NOON, "request", "down", Decimal(150), Decimal(1), Decimal(1))]
    # The 0.5 MW that were sold stay taken, the rest may be offered again.
    assert grid.codes("esp1", bid(session, [(asset.id, at_noon("3.6"))])) == [
        ("beyond_asset", f"lines[0].quantity_mw[{NOON}]")
    ]
    grid.do("dso1", c.WithdrawRequest(request_id=later.id))
    cleared_and_published(grid, session)
    (award,) = grid.find(Award, session_id=session.id)
    assert award.offer_id == offer.id
    assert award.accepted_mw == at_noon("0.500000")
    assert award.payment_eur == Decimal("5.00")
    assert grid.only(FlexOffer, id=offer.id).state is OfferState.PARTLY_ACCEPTED
    assert grid.only(FlexRequest, id=request.id).state is RequestState.MET
    assert grid.only(FlexRequest, id=later.id).state is RequestState.WITHDRAWN
    assert len(grid.find(Activation, session_id=session.id)) == 1


def cleared_and_published(world: World, session: MarketSession) -> None:
    world.at(CLOSES)
    world.do("system", c.PassGate(gate_id=world.gate(session, GateKind.CLOSE).id))
    matched(world)
    (job,) = world.find(Job, session_id=session.id, state=JobState.QUEUED)
    run(world, job)
    world.at(PUBLISHES)
    world.do("system", c.PassGate(gate_id=world.gate(session, GateKind.PUBLISH).id))
    stored = world.only(MarketSession, id=session.id)
    assert stored.state is SessionState.PUBLISHED, stored.reason


@pytest.mark.parametrize("seed", range(3))
def test_trades_told_are_the_trades_awarded(grid: World, seed: int) -> None:
    """Orders and withdrawals at random, matched now and then: every book holds the one before, and the gate's
    clearing awards what the books said."""
    draw = random.Random(seed)
    assets = {"esp1": grid.asset(), "esp2": grid.asset("esp2", "PV-2")}
    assets["agg1"] = grid.asset("agg1", "PV-3", brp_id=PartyId("brp1"))
    session = opened(grid)
    standing: list[tuple[str, c.Command]] = []
    known: list[Any] = []
    for _ in range(24):
        place_or_withdraw(grid, session, assets, draw, standing)
        if draw.random() < 0.4:
            matched(grid)
            now = trades(grid, session)
            assert now[: len(known)] == known
            known = now
    cleared_and_published(grid, session)
    final = trades(grid, session)
    assert len(final) >= len(known) > 0
    sold: dict[str, Decimal] = {}
    for offer_id, _, _, quantity, _ in final:
        sold[offer_id] = sold.get(offer_id, Decimal(0)) + quantity
    awards = grid.find(Award, session_id=session.id)
    assert {award.offer_id: sum(award.accepted_mw) for award in awards} == sold
    paid = sum(quantity * price / 4 for *_, quantity, price in final)
    assert abs(sum(award.payment_eur for award in awards) - paid) < Decimal("0.03")


def place_or_withdraw(
    world: World,
    session: MarketSession,
    assets: dict[str, FlexAsset],
    draw: random.Random,
    standing: list[tuple[str, c.Command]],
) -> None:
    if standing and draw.random() < 0.2:
        who, command = standing.pop(draw.randrange(len(standing)))
        world.codes(who, command)  # refused where all of it was matched
        return
    price = Decimal(draw.randrange(20, 80))
    if draw.random() < 0.5:
        who = draw.choice(sorted(assets))
        quantity = {"esp1": "0.3", "esp2": "0.2", "agg1": "0.05"}[who]
        offer = world.offer(who, session, assets[who], quantity, price_eur_per_mwh=flat(str(price)))
        standing.append((who, c.WithdrawOffer(offer_id=offer.id)))
    else:
        wanted = {"quantity_mw": at_noon(str(draw.randrange(1, 6) / 10)), "price_cap_eur_per_mwh": price}
        request = world.request(session, buses=(draw.choice("123"),), **wanted)
        standing.append(("dso1", c.WithdrawRequest(request_id=request.id)))


def test_what_trades_stand_on_does_not_change(grid: World) -> None:
    asset, session = grid.asset(), opened(grid)
    new_schedule = c.UploadSchedules(
        region_id=session.region_id, delivery_day=session.delivery_day, document=schedule(pv_mw=3.0)
    )
    assert grid.codes("dso1", new_schedule) == []
    grid.offer("esp1", session, asset, "1")
    matched(grid)
    assert grid.codes("dso1", new_schedule) == [("gate_closed", "delivery_day")]
    new_network = c.UploadNetwork(region_id=session.region_id, document=network())
    assert grid.codes("dso1", new_network) == [("gate_closed", "region_id")]
    sealed = c.SetClearingRules(
        session_id=session.id,
        clearing=ClearingMode.NETWORK,
        payment=PaymentRule.NODAL,
        energy=session.energy,
    )
    assert grid.codes("fmo", sealed) == [("wrong_state", "clearing")]


def test_a_sealed_book_is_not_opened_by_a_change_of_rules(grid: World) -> None:
    asset, session = grid.asset(), grid.session()
    trading = c.SetClearingRules(session_id=session.id, energy=session.energy, **TRADING)
    grid.offer("esp1", session, asset, "1")
    assert grid.codes("fmo", trading) == [("wrong_state", "clearing")]


def test_a_refused_asset_leaves_the_book_with_what_was_not_matched(grid: World) -> None:
    asset, session = grid.asset(), opened(grid)
    offer = grid.offer("esp1", session, asset, "2")
    grid.request(session, quantity_mw=at_noon("0.5"))
    matched(grid)
    grid.do("dso1", c.RefuseAsset(asset_id=asset.id, reason="The meter is broken."))
    grid.request(session)
    matched(grid)
    assert [quantity for *_, quantity, _ in trades(grid, session)] == [Decimal("0.5")]
    assert grid.only(FlexOffer, id=offer.id).state is OfferState.WITHDRAWN


def test_the_grid_says_what_it_refuses(grid: World) -> None:
    """Up at the end of the line while the PV feeds in: the voltage there is above its band already."""
    asset, session = grid.asset(unit="BAT-1"), opened(grid)
    grid.do("esp1", bid(session, [(asset.id, at_noon("1"))], direction=Direction.UP))
    grid.request(session, direction=Direction.UP, buses=("1",))
    matched(grid)
    assert trades(grid, session) == []
    (own,) = orders(grid, session, "esp1")
    ((sentence, steps),) = own.why
    assert "refuses more: the voltage at bus 3" in sentence
    assert steps == (NOON,)


def test_a_matching_that_has_no_case_fails_and_says_why(grid: World) -> None:
    session = opened(grid)
    grid.request(session)
    with grid.store.write(WHO["system"], c.MoveClock(action=c.ClockAction.PAUSE)) as uow:
        uow.remove(uow.find(Schedule)[0])
    matched(grid)
    view = depth(grid, session)
    assert "no schedules" in view.error
    assert view.stage == ""


def test_depth_of_one_step_and_commodity(grid: World) -> None:
    asset, session = grid.asset(), opened(grid)
    many = tuple(Decimal(1) if step in (NOON, NOON + 1) else Decimal(0) for step in range(96))
    grid.do("esp1", bid(session, [(asset.id, many)]))
    assert [level.step for level in depth(grid, session).levels] == [NOON, NOON + 1]
    assert [level.step for level in depth(grid, session, step=NOON).levels] == [NOON]
    with pytest.raises(Refused, match="out_of_range"):
        depth(grid, session, step=96)
    assert depth(grid, session, commodity=Commodity.Q).levels == ()
