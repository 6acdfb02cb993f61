"""The doorway: who gets in, asked afresh each time, and what is stored when somebody does not."""

from __future__ import annotations

from dataclasses import replace

import pytest
from world import R1, START, WHO, World, network, plan

from app.queries import models as q
from domain import commands as c
from domain.errors import Kind, Refused
from domain.events import NetworkUploaded
from domain.flexibility.assets import Direction
from domain.flexibility.grids import Network
from domain.flexibility.market import MarketSession, OfferLine
from domain.ids import AssetId, PartyId, SessionId
from domain.parties import SYSTEM, Party, Principal, Role


def refusal(world: World, principal: Principal | None, message: object) -> Refused:
    act = world.desk.execute if isinstance(message, c.Command) else world.desk.query
    with pytest.raises(Refused) as caught:
        act(principal, message)  # type: ignore[operator]
    return caught.value


@pytest.mark.parametrize("message", [plan(), q.GetShell()], ids=["command", "query"])
def test_nobody_signed_in_is_told_to(world: World, message: object) -> None:
    assert refusal(world, None, message).kind is Kind.UNAUTHENTICATED


@pytest.mark.parametrize("message", [plan(), q.SumByCoupling(delivery_day=plan().delivery_day)])
def test_a_role_without_the_row_is_refused(world: World, message: object) -> None:
    assert refusal(world, WHO["esp1"], message).findings[0].code == "not_permitted"
    assert world.find(MarketSession) == ()


def test_a_permitted_role_gets_in(world: World) -> None:
    session = world.desk.execute(WHO["fmo"], plan())
    assert isinstance(session, MarketSession)
    assert world.desk.query(WHO["fmo"], q.GetShell()).market_now == START


def test_an_inactive_participant_is_out(world: World) -> None:
    for message in (c.MarkNotificationsRead(), q.GetShell()):
        assert refusal(world, WHO["gone"], message).findings[0].code == "signed_out"


def test_shutting_out_and_changing_the_role_work_at_once(world: World) -> None:
    world.do("dso1", c.MarkNotificationsRead())
    with world.store.write(SYSTEM, plan()) as uow:
        uow.save(replace(uow.get(Party, "dso1"), active=False))
        uow.save(replace(uow.get(Party, "dso2"), role=Role.TSO))
    for who in ("dso1", "dso2"):
        assert refusal(world, WHO[who], c.MarkNotificationsRead()).findings[0].code == "signed_out"
        assert refusal(world, WHO[who], q.GetShell()).findings[0].code == "signed_out"


def test_an_unknown_participant_is_out(world: World) -> None:
    nobody = Principal(account="x", party_id=PartyId("nobody"), role=Role.FMO)
    assert refusal(world, nobody, plan()).findings[0].code == "signed_out"


def test_nobody_else_can_wear_the_markets_own_role(world: World) -> None:
    forged = Principal(account="esp1", party_id=PartyId("esp1"), role=Role.SYSTEM)
    job = c.StartJob(job_id="JB-1")  # type: ignore[arg-type]
    assert refusal(world, forged, job).findings[0].code == "not_permitted"


@pytest.mark.parametrize("bad", ["\ud800", "a\x00b"], ids=["half a surrogate pair", "NUL"])
def test_text_that_no_database_keeps_is_named_with_its_field(world: World, bad: str) -> None:
    line = OfferLine(asset_id=AssetId(bad), quantity_mw=())
    offer = c.SubmitOffer(session_id=SessionId(bad), direction=Direction.UP, lines=(line,), price_eur_per_mwh=())
    refused = refusal(world, WHO["esp1"], offer)
    assert [(f.code, f.field) for f in refused.findings] == [
        ("malformed", "session_id"),
        ("malformed", "lines[0].asset_id"),
    ]
    assert refusal(world, WHO["fmo"], q.GetResult(session_id=SessionId(bad))).kind is Kind.INVALID


def test_what_is_refused_leaves_no_trace_and_tells_nobody(world: World) -> None:
    with world.store.transaction() as connection:
        before = connection.exec_driver_sql("SELECT count(*) FROM audit").scalar()
    assert world.codes("dso2", c.UploadNetwork(region_id=R1, document=network())) == [("not_yours", "region_id")]
    with world.store.transaction() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM audit").scalar() == before
    assert world.find(Network) == ()
    assert world.events == []
    world.do("dso1", c.UploadNetwork(region_id=R1, document=network()))
    assert world.events == [NetworkUploaded(region_id=R1)]
