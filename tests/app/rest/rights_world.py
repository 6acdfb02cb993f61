"""A market with an owner and a stranger of every role, and something of each kind that belongs to somebody."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import delivered as d
import world as w
from conftest import _WEAK, Api, served

from app.auth import Auth
from app.bootstrap import preparing
from app.desk import Desk
from app.persistence.credentials import Credentials
from app.queries import HANDLERS
from app.queries.models import ListLogins, OfferTrial, TryOffers
from app.usecases.alarms import follow_day
from domain import commands as c
from domain.commands import Command
from domain.flexibility.alarms import Alarm, Violation
from domain.flexibility.contracts import FlexContract
from domain.flexibility.invoices import Invoice
from domain.flexibility.market import Activation, GateKind, MarketSession
from domain.flexibility.rules import ClearingMode, EnergyPricing, PaymentRule
from domain.flexibility.settlement import Statement
from domain.flexibility.zones import Corner
from domain.ids import AlarmId, NotificationId, PartyId
from domain.notifications import Notification
from domain.parties import SYSTEM, Party, Principal, Role, Scope
from domain.ports import Expected, UnitOfWork

STRANGERS = (
    Party(id=PartyId("tso2"), name="Other upper grid", role=Role.TSO),
    Party(id=PartyId("agg2"), name="Other pool", role=Role.AGGREGATOR),
    Party(id=PartyId("retailer2"), name="Other retail", role=Role.RETAILER),
    Party(id=PartyId("customer2"), name="Other house", role=Role.CUSTOMER),
)
CALLERS: dict[str, Principal] = {
    **{name: who for name, who in w.WHO.items() if name not in ("system", "gone")},
    **{p.id: Principal(account=p.id, party_id=p.id, role=p.role, name=p.name) for p in STRANGERS},
}
KEY_SCOPE = Scope.READ
LATER, LATEST = date(2016, 7, 28), date(2016, 7, 29)
SECRETS = {
    "price": ("37.77", "esp1 fmo"),
    "asset name": ("Cellar of the aggregator", "agg1 dso1 fmo"),
    "e-mail": ("secretly@example.org", "fmo"),
    "notification": ("For the first seller alone.", "esp1"),
    "review note": ("Between the grids.", "dso1 tso fmo"),
    "reason of a suspension": ("Did not pay in May.", "fmo"),
}
"""What is told to these callers only, whatever anybody asks."""
_HIGH = Violation(
    element="3",
    kind="voltage",
    zone="",
    first_step=44,
    last_step=50,
    n_steps=7,
    worst_step=47,
    worst_value=1.09,
    limit_value=1.05,
)


class DryDesk(Desk):
    """Does everything but keeps nothing; `done` tells whether the last command was taken."""

    done = False

    def execute(self, principal: Principal | None, command: Command, expected: Expected | None = None) -> object:
        self.done = False
        answer = super().execute(principal, command, expected)
        self.done = True
        return answer


class _Undone(Exception):  # noqa: N818 - nothing is wrong
    """Ends a transaction that is not to be kept."""


@dataclass(frozen=True)
class Rights:
    """The interface on a desk that keeps nothing, ids of what is there, and who may see which text."""

    api: Api
    desk: DryDesk
    there: dict[str, str]
    secrets: dict[str, tuple[str, frozenset[str]]]


@contextmanager
def rights(delivered_database: Path, path: Path) -> Iterator[Rights]:
    shutil.copy(delivered_database, path)
    with d.opened(path) as world:
        with world.store.write(SYSTEM, c.MoveClock(action=c.ClockAction.PAUSE)) as uow:
            for party in STRANGERS:
                uow.add(party)
            uow.save(replace(uow.get(Party, "gone"), reason=SECRETS["reason of a suspension"][0]))
        there = furnished(world)

        @contextmanager
        def dry(principal: Principal, command: object) -> Iterator[UnitOfWork]:
            with suppress(_Undone), world.store.write(principal, command) as uow:
                yield uow
                raise _Undone

        ahead = preparing(Auth(Credentials(world.store), world.wall, hasher=_WEAK))
        desk = DryDesk(dry, world.store.read, HANDLERS, {TryOffers: lambda _who, _asked: OfferTrial()}, ahead)
        with served(world, CALLERS, desk) as api:
            own = CALLERS["esp1"]
            key = world.desk.execute(own, c.CreateApiKey(name="Kiln", scopes=(KEY_SCOPE,), days=30))
            there |= {"key": key.key.id, "login": world.desk.query(own, ListLogins())[0].id}
            issue = api.services.issuer.issue
            there |= {kind: issue(kind, who) for kind, who in (("FR", "dso1"), ("FO", "esp1"), ("FA", "dso1"))}
            there |= {kind: issue(kind, "esp1") for kind in ("AK", "NK")}
            owned = {
                "offer": "esp1 fmo",
                "award": "esp1 dso1 fmo",
                "statement": "esp1 fmo",
                "invoice": "esp1 fmo",
                "what_if": "dso1 fmo",
                "job": "dso1 fmo",
                "alarm": "dso1 tso fmo",
                "application": "fmo",
                "contract": "esp1 dso1 fmo",
                "new_asset": "agg1 dso1 fmo",
                "key": "esp1 fmo",
                "login": "esp1",
            }
            told = {f"the {kind}'s id": (there[kind], who) for kind, who in owned.items()} | SECRETS
            yield Rights(
                api, desk, there, {name: (text, frozenset(who.split())) for name, (text, who) in told.items()}
            )


def furnished(world: w.World) -> dict[str, str]:
    """One of each kind, by kind; what is settled is of the day that was delivered."""
    over = d.market_of(world)
    world.do("fmo", d.contract(valid_from=LATER))
    d.report(world, over)
    d.settle(world, over)
    d.issue(world, over, accept=True)
    new_asset = world.asset(
        "agg1",
        "LD-1",
        confirmed=False,
        name=SECRETS["asset name"][0],
        customer_id=PartyId("customer1"),
        brp_id=PartyId("brp1"),
    )
    unmetered = world.asset("retailer1", "PV-3")
    for day in (LATER, LATEST):
        world.do("dso1", c.UploadSchedules(region_id=w.R1, delivery_day=day, document=w.schedule(day)))
    session, trading = (
        _session(world, LATER, ClearingMode.REQUESTS),
        _session(world, LATEST, ClearingMode.CONTINUOUS),
    )
    request = world.request(session, deadline=session.gate_closes_at)
    world.do("tso", c.ReviewRequest(request_id=request.id, verdict=c.Verdict.HOLD, note=SECRETS["review note"][0]))
    bought = world.do("brp1", w.ask(session, buses=(), deadline=session.gate_closes_at))
    price = w.flat(SECRETS["price"][0])
    offer = world.offer("esp1", session, over.asset, "0.5", price_eur_per_mwh=price)
    corners = tuple(Corner(lon=Decimal(x), lat=Decimal(y)) for x, y in ((9, 52), (10, 52), (10, 54), (9, 54)))
    zone = world.do("dso1", c.DefineZone(region_id=w.R1, name="End", corners=corners))
    point = world.do("dso1", c.RegisterCongestedRegion(region_id=w.R1, name="Bus 3", elements=("3",)))
    what_if = world.do("dso1", c.AskWhatIf(region_id=w.R1, delivery_day=LATER, lines_out=("L2",)))
    job = world.do("dso1", c.ComputeNeeds(region_id=w.R1, delivery_day=LATER))
    tried = world.do(
        "fmo",
        c.TryClearing(
            session_id=session.id,
            clearing=ClearingMode.COPPERPLATE,
            payment=PaymentRule.PAY_AS_BID,
            energy=EnergyPricing.IGNORED,
        ),
    )
    with world.store.write(SYSTEM, c.AcknowledgeAlarm(alarm_id=AlarmId("none"))) as uow:
        follow_day(uow, w.R1, LATER, (_HIGH,))
        uow.add(
            Notification(
                id=NotificationId("NO-1"),
                party_id=PartyId("esp1"),
                event="OfferSubmitted",
                sentence=SECRETS["notification"][0],
                link="",
                market_at=uow.market,
            )
        )
    application = world.do(
        "system",
        c.Apply(
            company="Hillside",
            contact="A. Hill",
            email=SECRETS["e-mail"][0],
            role=Role.ESP,
            independent=False,
            account="hill",
            secret="x",
        ),
    )
    own = {"party_id": PartyId("esp1")}
    award = over.award_of(over.asset)
    return {
        "session": session.id,
        "over": over.session.id,
        "trading": trading.id,
        "request": request.id,
        "bought": bought.id,
        "offer": offer.id,
        "asset": over.asset.id,
        "new_asset": new_asset.id,
        "unmetered": unmetered.id,
        "award": award.id,
        "activation": world.only(Activation, award_id=award.id).id,
        "statement": world.only(Statement, **own).id,
        "invoice": world.only(Invoice, **own).id,
        "contract": world.only(FlexContract, **own).id,
        "zone": zone.id,
        "point": point.id,
        "what_if": what_if.id,
        "job": job.id,
        "try": tried.id,
        "alarm": world.only(Alarm).id,
        "application": application.id,
        "gate": world.gate(session, GateKind.CLOSE).id,
    }


def _session(world: w.World, day: date, clearing: ClearingMode) -> MarketSession:
    """An open session of the region's day."""
    payment = PaymentRule.NODAL if clearing is ClearingMode.CONTINUOUS else PaymentRule.PAY_AS_BID
    planned = world.do("fmo", w.plan(delivery_day=day, clearing=clearing, payment=payment, **_times(world)))
    world.do("fmo", c.PassGate(gate_id=world.gate(planned, GateKind.OPEN).id))
    return world.only(MarketSession, id=planned.id)  # type: ignore[no-any-return]


def _times(world: w.World) -> dict[str, datetime]:
    with world.store.read() as uow:
        now = uow.market
    ahead = {"opens_at": 1, "gate_closes_at": 9, "publishes_at": 10}
    return {name: now + timedelta(hours=hours) for name, hours in ahead.items()}
