"""A market day in which every text that people or their files give is an attack, on the real desk and database.

What the browser and the page tests look at: `hostile_world` plays the day over the commands that the pages and the
REST interface send, and keeps which free-text fields carried the attack.
"""

from __future__ import annotations

import csv
import io
import json
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, is_dataclass, replace
from dataclasses import fields as fields_of
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NewType, Union, get_args, get_origin, get_type_hints

sys.path.insert(0, str(Path(__file__).parents[1] / "app" / "usecases"))

import world as w
from called import answering, asking, calling, offering
from delivered import contract, over_sun

from app.bridge import work
from app.bridge.metering import Metered, document_of
from app.bus import Bus
from app.desk import Desk, _texts
from app.persistence import Credentials, open_store
from app.queries import HANDLERS
from app.queries.models import OfferTrial, TryOffers
from domain import commands as c
from domain.commands.place import PlaceCommand
from domain.commands.platform import PlatformCommand
from domain.errors import Refused
from domain.flexibility.alarms import Alarm
from domain.flexibility.assets import Direction, FlexAsset
from domain.flexibility.conditions import Condition
from domain.flexibility.grids import Job
from domain.flexibility.market import Activation, GateKind, MarketSession, PriceKind
from domain.flexibility.rules import ClearingMode, EnergyPricing, PaymentRule
from domain.flexibility.what_if import TrialOffer, UnitChange
from domain.flexibility.zones import Corner
from domain.guide import ChapterName
from domain.ids import AnswerId, OfferId, PartyId, PodId
from domain.lifecycle import ActivationState, JobState
from domain.parties import SYSTEM, Application, Party, Principal, Region, Role, Scope
from domain.parties.tokens import Grant, NewLogin
from domain.time import DeliveryDay

ATTACK = '"><img src=x onerror="window.__ran=1"><script>window.__ran=1</script>'
ACCOUNTS = ("fmo", "dso1", "tso", "esp1", "agg1", "retailer1", "brp1", "customer1")
POD = PodId("10Y-PV-1--------A")
NOTHING = {"power_mw": Decimal(0), "granularity_mw": Decimal(0)}

Field = tuple[type[c.Command], str]

_COURIER = "what the courier saw of another system; pages of messages show it as text"
_HASH = "the hash of a password, which no ledger and no page shows"
NOT_TYPED: dict[Field, str] = {
    (c.TakeKey, "secret"): "of a system's key; shown nowhere",
    (c.ReportTries, "tries.error"): _COURIER,
    (c.ReportKey, "error"): _COURIER,
    (c.Apply, "secret"): _HASH,
    (c.ChangePassword, "present"): _HASH,
    (c.ChangePassword, "password"): _HASH,
    (c.ResetPassword, "password"): _HASH,
    (c.EnterOperator, "password"): _HASH,
    (c.JoinBySingleSignOn, "secret"): _HASH,
    (c.JoinBySingleSignOn, "issuer"): "a setting",
    (c.JoinBySingleSignOn, "subject"): "of a verified token, looked up by it and never shown",
    (c.JoinBySingleSignOn, "account"): "made of the participant's id and a digest",
}
REFUSED: frozenset[Field] = frozenset(
    {
        (c.Apply, "account"),
        (c.Apply, "email"),
        (c.MapPod, "pod_id"),
        (c.ReportReading, "pod_id"),
        (c.UploadMetering, "document"),
        (c.AssignToolkit, "toolkit"),
        (c.ResetPassword, "account"),
        (c.EnterOperator, "account"),
        (c.RegisterClient, "client_id"),
        (c.RegisterClient, "account"),
        (c.EndClient, "client_id"),
    }
)
"""Free texts that are never taken with markup in them."""


def free_texts() -> set[Field]:
    """Every field of every command that holds a text which is neither an id that the market gives nor a choice."""
    others = (PlaceCommand, PlatformCommand)
    kinds = [kind for kind in c.Command.__subclasses__() if kind not in others]
    return {(command, path) for command in kinds for path in _paths(command, "")}


def _paths(kind: Any, path: str) -> Iterator[str]:
    if kind is str or kind is PodId:
        yield path
    elif get_origin(kind) is tuple or get_origin(kind) is Union or get_origin(kind) is type(int | None):
        for inner in {*get_args(kind)} - {..., type(None)}:
            yield from _paths(inner, path)
    elif is_dataclass(kind) and not isinstance(kind, NewType):
        hints = get_type_hints(kind)
        for name in (f.name for f in fields_of(kind)):  # type: ignore[arg-type]
            yield from _paths(hints[name], f"{path}.{name}" if path else name)


class ListeningDesk(Desk):
    """Keeps which fields carried the attack, and whether the command was taken."""

    def __init__(self, *parts: Any) -> None:
        super().__init__(*parts)
        self.taken: set[Field] = set()
        self.refused: set[Field] = set()

    def execute(self, principal: Principal | None, command: c.Command) -> Any:
        carried = {(type(command), re.sub(r"\[\d+\]", "", at)) for at, text in _texts(command, "") if _bad(text)}
        try:
            answer = super().execute(principal, command)
        except Refused:
            self.refused |= carried
            raise
        self.taken |= carried
        return answer


def _bad(text: str) -> bool:
    return "<img src=x" in text


def bad(text: str = "") -> str:
    return ATTACK + text


def network() -> str:
    """The small world's network with attacks for its name and for every id in it."""
    document = json.loads(w.network())
    for bus in document["buses"]:
        bus["id"] = bad(bus["id"])
    for branch in document["branches"]:
        branch |= {key: bad(branch[key]) for key in ("id", "from", "to")}
    for unit in document["units"]:
        unit |= {key: bad(unit[key]) for key in ("id", "bus")}
    document["coupling"]["bus"] = bad(document["coupling"]["bus"])
    return json.dumps(document | {"name": bad(), "outages": [bad("out")]})


def schedule() -> str:
    """Its schedules, by the same ids."""
    header, *rows = csv.reader(io.StringIO(w.schedule()))
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows([header, *([bad(unit), *rest] for unit, *rest in rows)])
    return out.getvalue()


@dataclass
class Day:
    """The day while it is played."""

    world: w.World

    def do(self, who: str, command: c.Command) -> Any:
        return self.world.do(who, command)

    def refuse(self, who: str, command: c.Command) -> None:
        assert self.world.codes(who, command), f"{command} was taken"

    def work(self) -> None:
        """What waits, done as the worker does it."""
        while queued := self.world.find(Job, state=JobState.QUEUED):
            self.do("system", c.StartJob(job_id=queued[0].id))
            started = self.world.only(Job, id=queued[0].id)
            if started.state is JobState.RUNNING:
                result = work.run(started.kind, started.inputs, lambda _stage, _share: None)
                self.do("system", c.ApplyJob(job_id=started.id, succeeded=True, result=result))

    def asset(self, who: str, unit: str, **more: Any) -> Any:
        wanted = w.register(unit, name=bad(unit), **more)
        return self.do(who, replace(wanted, unit_id=bad(unit)))

    def play(self) -> None:
        self.names()
        self.inputs()
        self.parties()
        self.access()
        session = self.trade()
        self.clear(session)
        self.settle(session)
        self.afterwards(session)

    def names(self) -> None:
        """Everybody's and every region's name, as an accepted application and the operator's files give them."""
        with self.world.store.write(SYSTEM, c.MoveClock(action=c.ClockAction.PAUSE)) as uow:
            for entity in (*uow.find(Party), *uow.find(Region)):
                uow.save(replace(entity, name=bad(entity.name[:8])))

    def inputs(self) -> None:
        for dso, region in (("dso1", w.R1), ("dso2", w.R2)):
            self.do(dso, c.UploadNetwork(region_id=region, document=network()))
            self.do(dso, c.UploadSchedules(region_id=region, delivery_day=w.DAY, document=schedule()))
        self.work()
        for kind, price in ((PriceKind.DAY_AHEAD, "40"), (PriceKind.BALANCING, "60")):
            values = {"kind": kind, "delivery_day": w.DAY, "price_eur_per_mwh": w.flat(price)}
            self.do("fmo", c.UploadPrices(**values, source=bad()))
        around = tuple(
            Corner(lon=Decimal(lon), lat=Decimal(lat))
            for lon, lat in (("9.025", "52.99"), ("9.035", "52.99"), ("9.035", "53.01"), ("9.025", "53.01"))
        )
        zone = self.do("dso1", c.DefineZone(region_id=w.R1, name=bad("z"), corners=around))
        self.do("dso1", c.ChangeZone(zone_id=zone.id, name=bad("zone"), corners=around))
        self.do(
            "dso1",
            c.RegisterCongestedRegion(
                region_id=w.R1, name=bad(), zone_id=zone.id, elements=(bad("2"), bad("L1")), note=bad()
            ),
        )
        alarm = self.world.find(Alarm, region_id=w.R1)[0]
        self.do("dso1", c.ShelveAlarm(alarm_id=alarm.id, until=w.CLOSES, reason=bad()))

    def parties(self) -> None:
        form = {
            "company": bad("Hill"),
            "contact": bad("Ada"),
            "email": "desk@hill.example",
            "role": Role.ESP,
            "independent": False,
            "secret": "x",
        }
        self.refuse("system", c.Apply(**form | {"email": bad("@hill.example"), "account": "other"}))
        self.refuse("system", c.Apply(**form | {"account": bad()}))
        for account in ("hill", "vale", "moor"):
            self.do("system", c.Apply(**form | {"account": account}))
        first, second, _waiting = self.world.find(Application)
        self.do("fmo", c.AcceptApplication(application_id=first.id, role=Role.ESP, brp_id=PartyId("brp1")))
        self.do("fmo", c.RefuseApplication(application_id=second.id, reason=bad()))
        self.do("fmo", c.SuspendParty(party_id=PartyId("brp2"), reason=bad()))
        self.do("fmo", c.AssignToolkit(toolkit="needs", party_id=PartyId("dso1"), note=bad()))
        self.refuse("fmo", c.AssignToolkit(toolkit=bad(), party_id=PartyId("dso1")))

    def access(self) -> None:
        """An API key with a name, and a browser that says what it likes of itself."""
        credentials = Credentials(self.world.store)
        credentials.add_account("esp1", "x", PartyId("esp1"), Role.ESP)
        began_at = self.world.wall()
        login = NewLogin(
            token_sha256="0" * 64,
            kind="session",
            account="esp1",
            began_at=began_at,
            expires_at=began_at + timedelta(hours=9),
            agent=bad(),
        )
        credentials.add_login(login)
        self.do("esp1", c.CreateApiKey(name=bad()[:80], scopes=(Scope.READ,)))
        self.refuse("fmo", c.ResetPassword(account=bad(), password="$argon2"))
        operator = {"role": Role.FMO, "name": bad()[:80], "password": "$argon2"}
        self.do("system", c.EnterOperator(account="night", **operator))
        self.refuse("system", c.EnterOperator(account=bad(), **operator))
        self.refuse("fmo", c.RegisterClient(client_id=bad(), grants=(Grant.CLIENT,), account=bad()))
        self.refuse("fmo", c.EndClient(client_id=bad()))

    def trade(self) -> MarketSession:
        sun = self.asset("esp1", "PV-1", brp_id=PartyId("brp1"), customer_id=PartyId("customer1"))
        load = self.asset("agg1", "LD-2", brp_id=PartyId("brp1"))
        self.asset("retailer1", "LD-1", customer_id=PartyId("customer1"))
        bounded = self.asset("esp1", "PV-2")
        refused = self.asset("agg1", "PV-3", brp_id=PartyId("brp1"))
        for asset in (sun, load):
            self.do("dso1", c.ConfirmAsset(asset_id=asset.id))
        condition = Condition(most_down_mw=Decimal("0.5"), from_hour=10, to_hour=16)
        self.do("dso1", c.ConfirmConditionally(asset_id=bounded.id, condition=condition, reason=bad()))
        self.do("dso1", c.RefuseAsset(asset_id=refused.id, reason=bad()))
        self.refuse("dso1", c.MapPod(pod_id=PodId(bad()), asset_id=sun.id, valid_from=w.DAY))
        self.do("dso1", c.MapPod(pod_id=POD, asset_id=sun.id, valid_from=w.DAY - timedelta(days=60)))
        self.do("fmo", contract())
        rules: dict[str, Any] = {"clearing": ClearingMode.CONTINUOUS, "payment": PaymentRule.NODAL}
        session, live = self.do("fmo", w.plan()), self.do("fmo", w.plan(region_id=w.R2, **rules))
        self.world.at(w.OPENS)
        for planned in (session, live):
            self.do("system", c.PassGate(gate_id=self.world.gate(planned, GateKind.OPEN).id))
        asked = {"congestion_point": bad(), "buses": (bad("3"),), "quantity_mw": over_sun("0.9")}
        verdicts = (c.Verdict.ASK_CHANGE, c.Verdict.HOLD)
        for verdict in verdicts:
            request = self.do("dso1", w.ask(session, **asked))
            self.do("tso", c.ReviewRequest(request_id=request.id, verdict=verdict, note=bad()))
        self.do("dso2", w.ask(live, **asked))
        wind = self.do("esp2", replace(w.register("PV-1", region_id=w.R2, name=bad()), unit_id=bad("PV-1")))
        self.do("dso2", c.ConfirmAsset(asset_id=wind.id))
        self.do("esp2", w.bid(live, [(wind.id, over_sun("0.4"))]))
        self.do("esp1", w.bid(session, [(sun.id, over_sun("2"))], price_eur_per_mwh=w.flat("30.00")))
        self.do("esp1", w.bid(session, [(bounded.id, over_sun("0.4"))], price_eur_per_mwh=w.flat("31.00")))
        self.do(
            "agg1",
            w.bid(
                session, [(load.id, over_sun("0.1"))], direction=Direction.UP, price_eur_per_mwh=w.flat("35.00")
            ),
        )
        self.negotiate()
        self.do(
            "dso1",
            c.AskWhatIf(
                region_id=w.R1,
                delivery_day=w.DAY,
                lines_out=(bad("L2"),),
                changes=(UnitChange(unit_id=bad("LD-1"), first_step=44, last_step=50, p_mw=Decimal("-0.1")),),
                added=(
                    TrialOffer(
                        unit_id=bad("PV-3"),
                        direction=Direction.DOWN,
                        first_step=44,
                        last_step=50,
                        quantity_mw=Decimal("0.1"),
                        price_eur_per_mwh=Decimal(30),
                    ),
                ),
            ),
        )
        self.work()
        return session  # type: ignore[no-any-return]

    def negotiate(self) -> None:
        """By place and time: asked for, offered, called, refused."""
        place = f"R1/{bad('3')}"
        self.do("dso1", asking(place=place))
        self.do("esp1", offering(place=place, flex_type=bad(), power_mw=Decimal("-0.2")))
        self.do("dso1", calling(power_mw=Decimal("-0.2")))
        no = {"answer_id": AnswerId("NK-1"), "acknowledged": False, "power_mw": Decimal("-0.2")}
        self.do("esp1", answering(**no, reason=bad()))
        self.do("agg1", offering(offer_id=OfferId("FO-2"), place=place, flex_type=bad(), **NOTHING))

    def clear(self, session: MarketSession) -> None:
        self.world.at(w.CLOSES)
        self.do("system", c.PassGate(gate_id=self.world.gate(session, GateKind.CLOSE).id))
        self.work()
        self.world.at(w.PUBLISHES)
        self.do("system", c.PassGate(gate_id=self.world.gate(session, GateKind.PUBLISH).id))
        called = self.world.find(Activation, state=ActivationState.REQUESTED)[0]
        self.do(called.party_id, c.RefuseActivation(activation_id=called.id, reason=bad()))

    def settle(self, session: MarketSession) -> None:
        self.world.at(DeliveryDay(day=w.DAY).end)
        read = over_sun("2")
        self.refuse("dso1", c.ReportReading(pod_id=PodId(bad()), delivery_day=w.DAY, p_mw=read))
        wrong = document_of(w.DAY, {POD: Metered(p_mw=read)}).replace(POD, '"' + bad().replace('"', '""') + '"')
        self.refuse("dso1", c.UploadMetering(delivery_day=w.DAY, document=wrong))
        self.do("dso1", c.ReportReading(pod_id=POD, delivery_day=w.DAY, p_mw=read))
        self.do("fmo", c.SettleSession(session_id=session.id))
        self.do("fmo", c.ValidateStatements(session_id=session.id, accept_findings=True))
        self.do("fmo", c.IssueStatements(session_id=session.id))

    def afterwards(self, session: MarketSession) -> None:
        """Work that fails with a sentence from a file, work under way, and a chapter of the guided day."""
        for ends in (True, False):
            payment = PaymentRule.NODAL if ends else PaymentRule.VCG
            self.do(
                "fmo",
                c.TryClearing(
                    session_id=session.id,
                    clearing=ClearingMode.NETWORK,
                    payment=payment,
                    energy=EnergyPricing.IGNORED,
                ),
            )
            job = self.world.only(Job, state=JobState.QUEUED)
            self.do("system", c.StartJob(job_id=job.id))
            self.do("system", c.ReportProgress(job_id=job.id, stage=bad(), progress=0.5))
            if ends:
                self.do("system", c.ApplyJob(job_id=job.id, succeeded=False, error=bad()))
        self.do("fmo", c.PlayChapter(chapter=ChapterName.NEEDS))
        self.do("system", c.ReportChapter(chapter=ChapterName.NEEDS, stage=bad(), progress=0.5))
        self.do("system", c.EndChapter(chapter=ChapterName.NEEDS, played=True, told=bad()))


@contextmanager
def hostile_world(folder: Path) -> Iterator[w.World]:
    """The small world after the day, on a database of its own."""
    wall, bus = w.Wall(), Bus()
    with open_store(f"sqlite:///{folder / 'flexdesk.db'}", wall_clock=wall, on_commit=bus.publish) as store:
        store.migrate()
        w.seed(store, wall)
        desk = ListeningDesk(store.write, store.read, HANDLERS, {TryOffers: lambda *_: OfferTrial(reason=bad())})
        world = w.World(store=store, desk=desk, wall=wall, bus=bus)
        Day(world).play()
        yield world


class OpenDoor:
    """Everyone's password is `demo-` and their name; a participant's own name is the attack, too."""

    def sign_in(self, account: str, _password: str, _remote_ip: str, _agent: str) -> Any:
        return SimpleNamespace(token=f"t-{account}", expires_at=datetime.now(UTC) + timedelta(hours=1))

    def principal_of_session(self, token: str, *, active: bool = False) -> Principal | None:
        known = w.WHO.get(token.removeprefix("t-")) if token.startswith("t-") else None
        return None if known is None else replace(known, name=bad(known.name[:8]))

    def sign_out(self, token: str) -> None: ...


def ids_of(world: w.World) -> dict[str, str]:
    """Ids for links into the pages: what the day left there."""
    session = next(s for s in world.find(MarketSession) if s.region_id == w.R1)
    asset, application = world.find(FlexAsset, region_id=w.R1)[0], world.find(Application)[0]
    return {"session": session.id, "asset": asset.id, "application": application.id}
