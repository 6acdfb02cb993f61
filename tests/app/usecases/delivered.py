"""A market day up to delivery: esp1 has an award, meters are mapped, and the day is over."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from canned import publish
from world import DAY, N_STEPS, R1, Wall, World, bid, flat

from app.bridge import work
from app.bus import Bus
from app.desk import Desk
from app.persistence import open_store
from app.queries import HANDLERS
from domain import commands as c
from domain.flexibility.assets import FlexAsset
from domain.flexibility.contracts import DeliveryRule
from domain.flexibility.market import Award, MarketSession
from domain.flexibility.reference import BaselineMethod
from domain.ids import PodId
from domain.time import DeliveryDay

POD, OTHER_POD = PodId("10Y-PV-1--------A"), PodId("10Y-PV-2--------B")
SUN = range(44, 56)
"""The quarter hours in which the PV feeds in, by the schedule."""


@dataclass(frozen=True)
class Market:
    """A published session with awards, after its delivery day."""

    session: MarketSession
    asset: FlexAsset
    other: FlexAsset
    awards: tuple[Award, ...]

    def award_of(self, asset: FlexAsset) -> Award:
        (award,) = [award for award in self.awards if award.asset_id == asset.id]
        return award


def over_sun(quantity: str) -> tuple[Decimal, ...]:
    return tuple(Decimal(quantity) if step in SUN else Decimal(0) for step in range(N_STEPS))


def contract(party: str = "esp1", **changes: Any) -> c.AgreeContract:
    values: dict[str, Any] = {
        "region_id": R1,
        "party_id": party,
        "valid_from": DAY,
        "baseline": BaselineMethod.NOMINATION,
        "rule": DeliveryRule.PAY_DELIVERED,
    }
    return c.AgreeContract(**values | changes)


def delivered_market(world: World, *contracts: c.AgreeContract) -> Market:
    """The day cleared by the engine: PV-1 (esp1) and PV-2 (esp2) are turned down around noon."""
    world.grid()
    asset, other = world.asset("esp1", "PV-1"), world.asset("esp2", "PV-2")
    for agreed in contracts:
        world.do("fmo", agreed)
    session = world.session()
    world.request(session, quantity_mw=over_sun("1"))
    world.do("esp1", bid(session, [(asset.id, over_sun("2"))], price_eur_per_mwh=flat("30.00")))
    world.do("esp2", bid(session, [(other.id, over_sun("2"))], price_eur_per_mwh=flat("31.13")))
    world.run(world.close(session), work.run)
    publish(world, session)
    for pod, mapped in ((POD, asset), (OTHER_POD, other)):
        world.do("dso1", c.MapPod(pod_id=pod, asset_id=mapped.id, valid_from=DAY - timedelta(days=60)))
    world.at(DeliveryDay(day=DAY).end)
    awards = world.find(Award, session_id=session.id)
    return Market(session=session, asset=asset, other=other, awards=awards)


@contextmanager
def opened(path: Path) -> Iterator[World]:
    """The world on a database of its own."""
    wall, bus = Wall(), Bus()
    with open_store(f"sqlite:///{path}", wall_clock=wall, on_commit=bus.publish) as store:
        world = World(store=store, desk=Desk(store.write, store.read, HANDLERS), wall=wall, bus=bus)
        bus.subscribe(world.events.extend)
        yield world


def market_of(world: World) -> Market:
    """The market in a database that `delivered_market` has filled."""
    session = world.only(MarketSession)
    asset, other = (world.only(FlexAsset, unit_id=unit) for unit in ("PV-1", "PV-2"))
    return Market(session=session, asset=asset, other=other, awards=world.find(Award))


def metered(market: Market, asset: FlexAsset, share: str = "1") -> tuple[Decimal, ...]:
    """Readings of an asset that delivers a share of its award; its schedule feeds in 4 and 2 MW in the sun."""
    planned = {market.asset.id: Decimal(4), market.other.id: Decimal(2)}[asset.id]
    accepted = market.award_of(asset).accepted_mw
    return tuple(
        (planned if step in SUN else Decimal(0)) - (Decimal(share) * q).quantize(Decimal("0.000001"))
        for step, q in enumerate(accepted)
    )


def report(world: World, market: Market, share: str = "1", other_share: str = "1", who: str = "dso1") -> None:
    """Both meters' readings."""
    for pod, asset, part in ((POD, market.asset, share), (OTHER_POD, market.other, other_share)):
        values = metered(market, asset, part)
        world.do(who, c.ReportReading(pod_id=pod, delivery_day=DAY, p_mw=values))


def settle(world: World, market: Market) -> Any:
    return world.do("fmo", c.SettleSession(session_id=market.session.id))


def issue(world: World, market: Market, *, accept: bool = False) -> Any:
    session_id = market.session.id
    world.do("fmo", c.ValidateStatements(session_id=session_id, accept_findings=accept))
    return world.do("fmo", c.IssueStatements(session_id=session_id))


def earlier(n: int, day: date = DAY) -> date:
    return day - timedelta(days=n)
