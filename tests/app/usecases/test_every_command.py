"""Each command is taken once and refused once: two rows for every class in the registry."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from argon2 import PasswordHasher
from called import answered, answering, asking, called, calling, negotiating, offered, offering, over
from canned import cleared, publish
from delivered import POD, contract, delivered_market, metered
from world import CLOSES, DAY, R1, START, WHO, World, ask, at_noon, bid, flat, network, plan, register, schedule

from app.auth import Auth
from app.bridge.metering import Metered, document_of
from app.persistence import Credentials
from app.queries.models import ListLogins
from app.transport.sending import address, send
from app.usecases.alarms import follow_day
from domain import commands as c
from domain.commands.place import PlaceCommand
from domain.commands.platform import PlatformCommand
from domain.events import NotificationsRead
from domain.flexibility.alarms import Alarm, Violation
from domain.flexibility.assets import AssetSeries, SeriesKind
from domain.flexibility.conditions import Condition
from domain.flexibility.grids import Job
from domain.flexibility.market import Activation, GateKind, PriceKind
from domain.flexibility.rules import ClearingMode, EnergyPricing, PaymentRule
from domain.flexibility.zones import Corner, GridZone
from domain.guide import ChapterName
from domain.ids import (
    ActivationId,
    AlarmId,
    AnswerId,
    ApplicationId,
    AssetId,
    CallId,
    CongestedRegionId,
    GateId,
    JobId,
    KeyId,
    LetterId,
    LoginId,
    OfferId,
    PartyId,
    PodId,
    RequestId,
    SessionId,
    ZoneId,
)
from domain.lifecycle import JobState
from domain.notifications import MOST_TRIES, Notification
from domain.parties import SYSTEM, Application, Role, Scope
from domain.parties.tokens import Grant
from domain.transport import MessageState

Case = tuple[str, c.Command]


def prices(**changes: object) -> c.UploadPrices:
    values = {
        "kind": PriceKind.DAY_AHEAD,
        "delivery_day": DAY,
        "price_eur_per_mwh": flat("55.10"),
        "source": "CSV upload",
    }
    return c.UploadPrices(**values | changes)  # type: ignore[arg-type]


def networks(world: World) -> Case:
    return "dso1", c.UploadNetwork(region_id=R1, document=network())


def schedules(world: World) -> Case:
    world.do("dso1", c.UploadNetwork(region_id=R1, document=network()))
    return "dso1", c.UploadSchedules(region_id=R1, delivery_day=DAY, document=schedule())


def needs_again(world: World) -> Case:
    world.grid()
    return "dso1", c.ComputeNeeds(region_id=R1, delivery_day=DAY)


def registration(world: World) -> Case:
    world.grid()
    return "esp1", register()


def confirmation(world: World) -> Case:
    world.grid()
    return "dso1", c.ConfirmAsset(asset_id=world.asset(confirmed=False).id)


def asset_refusal(world: World) -> Case:
    world.grid()
    return "dso1", c.RefuseAsset(asset_id=world.asset().id, reason="The meter is missing.")


def baseline(world: World) -> Case:
    world.grid()
    return "esp1", c.UploadBaseline(asset_id=world.asset().id, delivery_day=DAY, p_mw=at_noon("3.5"))


def rules(**changes: object) -> Callable[[World], c.SetClearingRules]:
    values = {"clearing": ClearingMode.REQUESTS, "payment": PaymentRule.VCG, "energy": EnergyPricing.PRICED}
    return lambda world: c.SetClearingRules(session_id=world.session().id, **values | changes)  # type: ignore[arg-type]


def request(world: World) -> Case:
    world.grid()
    return "dso1", ask(world.session())


def request_withdrawal(world: World) -> Case:
    world.grid()
    return "dso1", c.WithdrawRequest(request_id=world.request(world.session()).id)


def offer(world: World) -> Case:
    world.grid()
    return "esp1", bid(world.session(), [(world.asset().id, at_noon("2"))])


def offers_together(world: World) -> Case:
    """Half of what stands, in its place."""
    world.grid()
    session, asset = world.session(), world.asset()
    before = world.offer("esp1", session, asset, "4")
    half = bid(session, [(asset.id, at_noon("2"))])
    return "esp1", c.PlaceOffers(offers=(half, half), replaces=(before.id,))


def offer_withdrawal(world: World) -> Case:
    world.grid()
    return "esp1", c.WithdrawOffer(offer_id=world.offer("esp1", world.session(), world.asset(), "2").id)


def gate(world: World) -> Case:
    session = world.session(opened=False)
    return "fmo", c.PassGate(gate_id=world.gate(session, GateKind.OPEN).id)


def retry(world: World) -> Case:
    world.grid()
    session = world.session()
    world.do("fmo", c.CancelJob(job_id=world.close(session).id))
    return "fmo", c.RetryClearing(session_id=session.id)


def portfolio(
    world: World, kind: SeriesKind = SeriesKind.BASELINE, p_mw: tuple[Decimal, ...] = ()
) -> c.UploadPortfolio:
    world.grid()
    one = AssetSeries(asset_id=world.asset().id, p_mw=p_mw or at_noon("3.5"))
    return c.UploadPortfolio(kind=kind, delivery_day=DAY, series=(one,))


def applying(**changes: object) -> c.Apply:
    values = {
        "company": "Hill Power",
        "contact": "Ada Hill",
        "email": "desk@hill.example",
        "role": Role.AGGREGATOR,
        "independent": True,
        "account": "hill",
        "secret": "hash of a password",
    }
    return c.Apply(**values | changes)  # type: ignore[arg-type]


def joining(**changes: object) -> c.JoinBySingleSignOn:
    values = {
        "issuer": "https://login.example",
        "subject": "4711",
        "account": "esp1-4711",
        "party_id": PartyId("esp1"),
        "role": Role.ESP,
        "secret": "hash of a password",
    }
    return c.JoinBySingleSignOn(**values | changes)  # type: ignore[arg-type]


def applied(world: World) -> Application:
    return world.do("system", applying())  # type: ignore[no-any-return]


def attempt(world: World, energy: EnergyPricing = EnergyPricing.IGNORED) -> c.TryClearing:
    world.grid()
    return c.TryClearing(
        session_id=world.session().id, clearing=ClearingMode.NETWORK, payment=PaymentRule.NODAL, energy=energy
    )


def needs_job(world: World) -> Job:
    world.grid()
    return world.only(Job, state=JobState.QUEUED)  # type: ignore[no-any-return]


def dead_letter(world: World) -> LetterId:
    """Of an event that was tried to be told as often as it is tried."""

    def broken(_uow: object, _row: object) -> list[Notification]:
        raise LookupError("nothing there")

    world.do("fmo", plan())
    for _ in range(MOST_TRIES):
        world.store.dispatch(broken)
    with world.store.read() as uow:
        return uow.letters.dead()[0].id


def running_job(world: World) -> Job:
    job = needs_job(world)
    world.do("system", c.StartJob(job_id=job.id))
    return job


def activation(world: World) -> Activation:
    world.grid()
    session = world.session()
    world.offer("esp1", session, world.asset(), "2")
    job = world.close(session)
    with cleared():
        world.run(job, lambda *_: b"result")
    publish(world, session)
    return world.only(Activation)  # type: ignore[no-any-return]


def chapter(world: World) -> Case:
    world.session()
    return "fmo", c.PlayChapter(chapter=ChapterName.OFFERS)


def playing(world: World) -> ChapterName:
    world.do(*chapter(world))
    return ChapterName.OFFERS


HIGH = Violation(
    element="3",
    kind="voltage",
    zone="Feeder 1",
    first_step=44,
    last_step=55,
    n_steps=12,
    worst_step=50,
    worst_value=1.062,
    limit_value=1.05,
)


def alarm(world: World) -> Alarm:
    """Raised by a day whose bus 3 is too high."""
    world.grid()
    with world.store.write(WHO["dso1"], c.AcknowledgeAlarm(alarm_id=AlarmId(NONE))) as uow:
        follow_day(uow, R1, DAY, (HIGH,))
    return world.only(Alarm)  # type: ignore[no-any-return]


def shelving(world: World, **changes: object) -> c.ShelveAlarm:
    values = {"alarm_id": alarm(world).id, "until": CLOSES, "reason": "Planned work at bus 3."}
    return c.ShelveAlarm(**values | changes)  # type: ignore[arg-type]


def unshelving(world: World) -> c.UnshelveAlarm:
    command = shelving(world)
    world.do("dso1", command)
    return c.UnshelveAlarm(alarm_id=command.alarm_id)


def corners(*places: tuple[str, str]) -> tuple[Corner, ...]:
    return tuple(Corner(lon=Decimal(lon), lat=Decimal(lat)) for lon, lat in places)


AROUND_3 = corners(("9.025", "52.99"), ("9.035", "52.99"), ("9.035", "53.01"), ("9.025", "53.01"))


def zone(world: World) -> GridZone:
    world.grid()
    command = c.DefineZone(region_id=R1, name="End of the line", corners=AROUND_3)
    return world.do("dso1", command)  # type: ignore[no-any-return]


def zone_definition(world: World) -> Case:
    world.grid()
    return "dso1", c.DefineZone(region_id=R1, name="End of the line", corners=AROUND_3)


def congested(world: World) -> Case:
    zone_id = zone(world).id
    return "dso1", c.RegisterCongestedRegion(region_id=R1, name="Short", zone_id=zone_id, elements=("2", "L1"))


def congestion_end(world: World) -> Case:
    who, command = congested(world)
    return "dso1", c.CloseCongestedRegion(congested_region_id=world.do(who, command).id)


def conditional(world: World) -> Case:
    world.grid()
    condition = Condition(most_down_mw=Decimal("0.5"), from_hour=10, to_hour=16)
    asset_id = world.asset(confirmed=False).id
    return "dso1", c.ConfirmConditionally(asset_id=asset_id, condition=condition, reason="Weak line.")


def review(world: World) -> Case:
    world.grid()
    request_id = world.request(world.session()).id
    return "tso", c.ReviewRequest(request_id=request_id, verdict=c.Verdict.HOLD, note="We switch on that day.")


def what_if(world: World, **changes: object) -> c.AskWhatIf:
    world.grid()
    return c.AskWhatIf(**{"region_id": R1, "delivery_day": DAY, "lines_out": ("L2",)} | changes)  # type: ignore[arg-type]


def pod(world: World) -> Case:
    world.grid()
    return "dso1", c.MapPod(pod_id=PodId("DE-1"), asset_id=world.asset().id, valid_from=DAY)


def forecast(world: World) -> Case:
    world.grid()
    return "esp1", c.UploadForecast(asset_id=world.asset().id, delivery_day=DAY, p_mw=at_noon("3.5"))


def reading(world: World) -> Case:
    market = delivered_market(world)
    return "dso1", c.ReportReading(pod_id=POD, delivery_day=DAY, p_mw=metered(market, market.asset))


def metering(world: World) -> Case:
    market = delivered_market(world)
    document = document_of(DAY, {POD: Metered(p_mw=metered(market, market.asset))})
    return "dso1", c.UploadMetering(delivery_day=DAY, document=document)


def settling(world: World) -> Case:
    return "fmo", c.SettleSession(session_id=delivered_market(world).session.id)


def validation(world: World) -> Case:
    """Without a reading there is a finding that stops it."""
    who, settle = settling(world)
    (draft, *_) = world.do(who, settle)
    return "fmo", c.ValidateStatements(session_id=draft.session_id, accept_findings=True)


def issuing(world: World) -> Case:
    who, validate = validation(world)
    (validated, *_) = world.do(who, validate)
    return "fmo", c.IssueStatements(session_id=validated.session_id)


def withdrawing() -> c.WithdrawCall:
    return c.WithdrawCall(call_id=CallId("FA-1"), party_id=PartyId("esp1"))


def taking_back() -> c.TakeBackAnswer:
    return c.TakeBackAnswer(answer_id=AnswerId("AK-1"), acknowledged=True)


WEAK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


def signing_in(world: World) -> Auth:
    """Sign-in with an account of esp1."""
    auth = Auth(Credentials(world.store), world.wall, hasher=WEAK)
    auth.create_account("esp1", "demo-esp1", PartyId("esp1"), Role.ESP)
    return auth


def password_change(world: World) -> Case:
    typed = c.ChangePassword(present="demo-esp1", password="another horse")
    return "esp1", signing_in(world).prepared_change(WHO["esp1"], typed)


def password_reset(world: World) -> Case:
    return "fmo", c.ResetPassword(account="esp1", password=signing_in(world).hashed("one-time horse"))


def operator_entered(world: World) -> Case:
    password = signing_in(world).hashed("one-time horse")
    return "system", c.EnterOperator(role=Role.FMO, name="Market", account="rosa", password=password)


def login_end(world: World) -> Case:
    signing_in(world).sign_in("esp1", "demo-esp1", "::1")
    (login,) = world.desk.query(WHO["esp1"], ListLogins())
    return "esp1", c.EndLogin(login_id=login.id)


def new_client(world: World) -> Case:
    signing_in(world)
    return "fmo", c.RegisterClient(client_id="scada", grants=(Grant.CLIENT,), account="esp1")


def new_key(world: World) -> Case:
    signing_in(world)
    return "esp1", c.CreateApiKey(name="Scheduler", scopes=(Scope.TRADE,))


def key_of(world: World) -> KeyId:
    id: KeyId = world.do(*new_key(world)).key.id
    return id


def key_taking(world: World) -> Case:
    signing_in(world).create_account("provider1", "demo-provider1", PartyId("provider1"), Role.PROVIDER)
    key = world.do("provider1", c.CreateApiKey(name="Platform", scopes=(Scope.EXCHANGE,))).key
    return "provider1", c.TakeKey(key_id=key.id, secret="fdk_" + "k" * 43)


def platform_of(world: World) -> PartyId:
    """A correspondent with a key of ours."""
    with world.store.write(SYSTEM, c.MoveClock(action=c.ClockAction.PAUSE)) as uow:
        return address(uow, PartyId("provider1"), "https://platform.example", "fdk_" + "k" * 43).id


def tried(world: World) -> Case:
    platform_of(world)
    with world.store.write(SYSTEM, c.MoveClock(action=c.ClockAction.PAUSE)) as uow:
        message = send(
            uow, to=PartyId("provider1"), stream="s", path="/x", body=NotificationsRead(party_id=PartyId("x"))
        )
    return "system", c.ReportTries(tries=(c.Tried(message_id=message, state=MessageState.DELIVERED),))


ACCEPTED: dict[type[c.Command], Callable[[World], Case]] = {
    c.UploadNetwork: networks,
    c.UploadSchedules: schedules,
    c.ComputeNeeds: needs_again,
    c.UploadPrices: lambda world: ("fmo", prices()),
    c.RegisterAsset: registration,
    c.ConfirmAsset: confirmation,
    c.ConfirmConditionally: conditional,
    c.RefuseAsset: asset_refusal,
    c.DefineZone: zone_definition,
    c.ChangeZone: lambda world: ("dso1", c.ChangeZone(zone_id=zone(world).id, name="East", corners=AROUND_3)),
    c.RemoveZone: lambda world: ("dso1", c.RemoveZone(zone_id=zone(world).id)),
    c.RegisterCongestedRegion: congested,
    c.CloseCongestedRegion: congestion_end,
    c.ReviewRequest: review,
    c.UploadBaseline: baseline,
    c.PlanSession: lambda world: ("fmo", plan()),
    c.SetClearingRules: lambda world: ("fmo", rules()(world)),
    c.PublishRequest: request,
    c.WithdrawRequest: request_withdrawal,
    c.SubmitOffer: offer,
    c.PlaceOffers: offers_together,
    c.WithdrawOffer: offer_withdrawal,
    c.PassGate: gate,
    c.RetryClearing: retry,
    c.TryClearing: lambda world: ("fmo", attempt(world)),
    c.SendLetterAgain: lambda world: ("fmo", c.SendLetterAgain(letter_id=dead_letter(world))),
    c.AssignToolkit: lambda world: ("fmo", c.AssignToolkit(toolkit="needs", party_id=PartyId("dso1"))),
    c.ApplyJob: lambda world: (
        "system",
        c.ApplyJob(job_id=running_job(world).id, succeeded=False, error="No solution."),
    ),
    c.StartJob: lambda world: ("system", c.StartJob(job_id=needs_job(world).id)),
    c.ReportProgress: lambda world: (
        "system",
        c.ReportProgress(job_id=running_job(world).id, stage="power flow", progress=0.5),
    ),
    c.RequeueJob: lambda world: ("system", c.RequeueJob(job_id=running_job(world).id)),
    c.CancelJob: lambda world: ("dso1", c.CancelJob(job_id=needs_job(world).id)),
    c.AcknowledgeActivation: lambda world: (
        "esp1",
        c.AcknowledgeActivation(activation_id=activation(world).id),
    ),
    c.RefuseActivation: lambda world: (
        "esp1",
        c.RefuseActivation(activation_id=activation(world).id, reason="The inverter failed."),
    ),
    c.RequestFlexibility: lambda world: ("dso1", negotiating(world) and asking()),
    c.OfferFlexibility: lambda world: ("esp1", negotiating(world) and offering()),
    c.EndCallTime: lambda world: ("system", over(world) and c.EndCallTime(offer_id=OfferId("FO-1"))),
    c.CallOffer: lambda world: ("dso1", offered(world) and calling()),
    c.WithdrawCall: lambda world: ("dso1", called(world) and withdrawing()),
    c.AnswerCall: lambda world: ("esp1", called(world) and answering()),
    c.TakeBackAnswer: lambda world: ("esp1", answered(world) and taking_back()),
    c.AskWhatIf: lambda world: ("dso1", what_if(world)),
    c.AcknowledgeAlarm: lambda world: ("dso1", c.AcknowledgeAlarm(alarm_id=alarm(world).id)),
    c.ShelveAlarm: lambda world: ("dso1", shelving(world)),
    c.UnshelveAlarm: lambda world: ("dso1", unshelving(world)),
    c.MoveClock: lambda world: ("fmo", c.MoveClock(action=c.ClockAction.RUN, speed=60.0)),
    c.MoveToGate: lambda world: ("fmo", c.MoveToGate(gate_id=world.gate(world.session(), GateKind.PUBLISH).id)),
    c.PlayChapter: chapter,
    c.ReportChapter: lambda world: (
        "system",
        c.ReportChapter(chapter=playing(world), stage="Offers", progress=0.5),
    ),
    c.EndChapter: lambda world: ("system", c.EndChapter(chapter=playing(world), played=True, told="Two offers.")),
    c.MapPod: pod,
    c.ReportReading: reading,
    c.UploadMetering: metering,
    c.UploadForecast: forecast,
    c.AgreeContract: lambda world: ("fmo", contract()),
    c.SettleSession: settling,
    c.ValidateStatements: validation,
    c.IssueStatements: issuing,
    c.MoveToDayEnd: lambda world: (
        "fmo",
        c.MoveToDayEnd(session_id=activation(world).session_id),
    ),
    c.MarkNotificationsRead: lambda world: ("esp1", c.MarkNotificationsRead()),
    c.Apply: lambda world: ("system", applying()),
    c.JoinBySingleSignOn: lambda world: ("system", joining()),
    c.UploadPortfolio: lambda world: ("esp1", portfolio(world)),
    c.AcceptApplication: lambda world: (
        "fmo",
        c.AcceptApplication(application_id=applied(world).id, role=Role.ESP, brp_id=PartyId("brp1")),
    ),
    c.RefuseApplication: lambda world: (
        "fmo",
        c.RefuseApplication(application_id=applied(world).id, reason="No licence."),
    ),
    c.AssignRole: lambda world: ("fmo", c.AssignRole(party_id=PartyId("esp2"), role=Role.RETAILER)),
    c.SuspendParty: lambda world: ("fmo", c.SuspendParty(party_id=PartyId("esp1"), reason="Did not pay.")),
    c.ReinstateParty: lambda world: ("fmo", c.ReinstateParty(party_id=PartyId("gone"))),
    c.ChangePassword: password_change,
    c.ResetPassword: password_reset,
    c.EnterOperator: operator_entered,
    c.EndLogin: login_end,
    c.SignOutEverywhere: lambda world: ("esp1", c.SignOutEverywhere()),
    c.CreateApiKey: new_key,
    c.RotateApiKey: lambda world: ("esp1", c.RotateApiKey(key_id=key_of(world))),
    c.TakeKey: key_taking,
    c.ReportTries: tried,
    c.PrepareKey: lambda world: ("system", c.PrepareKey(party_id=platform_of(world))),
    c.ReportKey: lambda world: ("system", c.ReportKey(party_id=platform_of(world), taken=True)),
    c.RevokeApiKey: lambda world: ("fmo", c.RevokeApiKey(key_id=key_of(world))),
    c.RegisterClient: new_client,
    c.EndClient: lambda world: ("fmo", c.EndClient(client_id=world.do(*new_client(world)).client.id)),
}

NONE = "XX-000000000000"

REFUSED: dict[type[c.Command], Callable[[World], tuple[str, c.Command, str, str]]] = {
    c.UploadNetwork: lambda world: ("dso2", networks(world)[1], "not_yours", "region_id"),
    c.ComputeNeeds: lambda world: (
        "dso1",
        c.ComputeNeeds(region_id=R1, delivery_day=DAY),
        "no_schedule",
        "delivery_day",
    ),
    c.UploadSchedules: lambda world: (
        "dso1",
        c.UploadSchedules(region_id=R1, delivery_day=DAY, document=schedule()),
        "no_network",
        "region_id",
    ),
    c.UploadPrices: lambda world: (
        "fmo",
        prices(price_eur_per_mwh=flat("55.105")),
        "too_many_decimals",
        "price_eur_per_mwh[0]",
    ),
    c.RegisterAsset: lambda world: (
        "esp1",
        replace(registration(world)[1], unit_id="PV-9"),  # type: ignore[type-var]
        "unknown_unit",
        "unit_id",
    ),
    c.ConfirmAsset: lambda world: ("dso2", confirmation(world)[1], "not_yours", "asset_id"),
    c.RefuseAsset: lambda world: (
        "dso1",
        replace(asset_refusal(world)[1], reason=" "),  # type: ignore[type-var]
        "missing",
        "reason",
    ),
    c.ConfirmConditionally: lambda world: (
        "dso1",
        replace(conditional(world)[1], condition=Condition()),  # type: ignore[type-var]
        "missing",
        "most_up_mw",
    ),
    c.DefineZone: lambda world: ("dso2", zone_definition(world)[1], "not_yours", "region_id"),
    c.ChangeZone: lambda world: (
        "dso1",
        c.ChangeZone(zone_id=zone(world).id, name="East", corners=AROUND_3[:2]),
        "out_of_range",
        "corners",
    ),
    c.RemoveZone: lambda world: ("dso2", c.RemoveZone(zone_id=zone(world).id), "not_yours", "zone_id"),
    c.RegisterCongestedRegion: lambda world: (
        "dso1",
        replace(congested(world)[1], elements=("9",)),  # type: ignore[type-var]
        "unknown_bus",
        "elements[0]",
    ),
    c.CloseCongestedRegion: lambda world: ("dso2", congestion_end(world)[1], "not_yours", "congested_region_id"),
    c.ReviewRequest: lambda world: (
        "tso",
        replace(review(world)[1], note=" "),  # type: ignore[type-var]
        "missing",
        "note",
    ),
    c.UploadBaseline: lambda world: ("esp2", baseline(world)[1], "not_yours", "asset_id"),
    c.PlanSession: lambda world: (
        "fmo",
        plan(publishes_at=CLOSES - timedelta(hours=1)),
        "out_of_range",
        "publishes_at",
    ),
    c.SetClearingRules: lambda world: (
        "fmo",
        rules(clearing=ClearingMode.CONTINUOUS, energy=EnergyPricing.IGNORED)(world),
        "rules_conflict",
        "payment",
    ),
    c.PublishRequest: lambda world: (
        "dso1",
        replace(request(world)[1], buses=("9",)),  # type: ignore[type-var]
        "unknown_bus",
        "buses[0]",
    ),
    c.WithdrawRequest: lambda world: ("dso2", request_withdrawal(world)[1], "not_yours", "request_id"),
    c.SubmitOffer: lambda world: ("esp2", offer(world)[1], "not_yours", "lines[0].asset_id"),
    c.PlaceOffers: lambda world: ("esp2", offers_together(world)[1], "not_found", "replaces[0]"),
    c.WithdrawOffer: lambda world: ("esp2", offer_withdrawal(world)[1], "not_found", "offer_id"),
    c.PassGate: lambda world: ("system", gate(world)[1], "wrong_state", "gate_id"),
    c.RetryClearing: lambda world: (
        "fmo",
        c.RetryClearing(session_id=world.session().id),
        "wrong_state",
        "session_id",
    ),
    c.TryClearing: lambda world: ("fmo", attempt(world, EnergyPricing.PRICED), "no_prices", "energy"),
    c.SendLetterAgain: lambda world: (
        "fmo",
        c.SendLetterAgain(letter_id=LetterId(NONE)),
        "not_found",
        "letter_id",
    ),
    c.AssignToolkit: lambda world: (
        "fmo",
        c.AssignToolkit(toolkit="needs", party_id=PartyId("esp1")),
        "out_of_range",
        "party_id",
    ),
    c.ApplyJob: lambda world: ("fmo", c.ApplyJob(job_id=JobId(NONE), succeeded=True), "not_permitted", ""),
    c.StartJob: lambda world: ("system", c.StartJob(job_id=running_job(world).id), "wrong_state", "job_id"),
    c.ReportProgress: lambda world: (
        "system",
        c.ReportProgress(job_id=needs_job(world).id, stage="", progress=0.5),
        "wrong_state",
        "job_id",
    ),
    c.RequeueJob: lambda world: ("system", c.RequeueJob(job_id=needs_job(world).id), "wrong_state", "job_id"),
    c.CancelJob: lambda world: ("dso2", c.CancelJob(job_id=needs_job(world).id), "not_yours", "job_id"),
    c.AcknowledgeActivation: lambda world: (
        "esp2",
        c.AcknowledgeActivation(activation_id=activation(world).id),
        "not_yours",
        "activation_id",
    ),
    c.RefuseActivation: lambda world: (
        "esp1",
        c.RefuseActivation(activation_id=activation(world).id, reason="x\ny"),
        "malformed",
        "reason",
    ),
    c.MoveClock: lambda world: (
        "fmo",
        c.MoveClock(action=c.ClockAction.RUN, speed=float("nan")),
        "not_finite",
        "speed",
    ),
    c.RequestFlexibility: lambda world: (
        "dso2",
        negotiating(world) and asking(),
        "unknown_place",
        "region_id",
    ),
    c.OfferFlexibility: lambda world: (
        "esp1",
        negotiating(world) and offering(power_mw=Decimal("-4.1")),
        "beyond_asset",
        "flexible_power",
    ),
    c.EndCallTime: lambda world: (
        "system",
        offered(world) and c.EndCallTime(offer_id=OfferId("FO-1")),
        "wrong_state",
        "offer_id",
    ),
    c.CallOffer: lambda world: (
        "dso1",
        offered(world) and calling(power_mw=Decimal("-1.55")),
        "not_callable",
        "flexible_power",
    ),
    c.WithdrawCall: lambda world: ("dso1", answered(world) and withdrawing(), "wrong_state", "activation_id"),
    c.AnswerCall: lambda world: (
        "esp1",
        called(world) and answering(power_mw=Decimal("-1")),
        "not_found",
        "offer_id",
    ),
    c.TakeBackAnswer: lambda world: (
        "esp1",
        answered(world) and replace(taking_back(), acknowledged=False),
        "not_found",
        "id",
    ),
    c.AskWhatIf: lambda world: ("dso1", what_if(world, lines_out=("L9",)), "unknown_branch", "lines_out[0]"),
    c.AcknowledgeAlarm: lambda world: (
        "dso2",
        c.AcknowledgeAlarm(alarm_id=alarm(world).id),
        "not_yours",
        "alarm_id",
    ),
    c.ShelveAlarm: lambda world: ("dso1", shelving(world, until=START), "out_of_range", "until"),
    c.UnshelveAlarm: lambda world: ("system", unshelving(world), "wrong_state", "alarm_id"),
    c.MoveToGate: lambda world: ("fmo", c.MoveToGate(gate_id=GateId(NONE)), "not_found", "id"),
    c.PlayChapter: lambda world: ("fmo", c.PlayChapter(chapter=playing(world)), "wrong_state", "chapter"),
    c.ReportChapter: lambda world: (
        "system",
        c.ReportChapter(chapter=ChapterName.NEEDS, stage="", progress=0.5),
        "not_found",
        "id",
    ),
    c.EndChapter: lambda world: (
        "system",
        c.EndChapter(chapter=ChapterName.NEEDS, played=True, told=""),
        "not_found",
        "id",
    ),
    c.MapPod: lambda world: ("dso2", pod(world)[1], "not_yours", "asset_id"),
    c.ReportReading: lambda world: ("dso2", reading(world)[1], "not_yours", "pod_id"),
    c.UploadMetering: lambda world: (
        "dso1",
        replace(metering(world)[1], document="pod_id,quantity\n"),  # type: ignore[type-var]
        "wrong_length",
        "row 1",
    ),
    c.UploadForecast: lambda world: ("esp2", forecast(world)[1], "not_yours", "asset_id"),
    c.AgreeContract: lambda world: ("fmo", contract("dso1"), "unknown_party", "party_id"),
    c.SettleSession: lambda world: (
        "fmo",
        c.SettleSession(session_id=world.session().id),
        "wrong_state",
        "session_id",
    ),
    c.ValidateStatements: lambda world: (
        "fmo",
        replace(validation(world)[1], accept_findings=False),  # type: ignore[type-var]
        "open_findings",
        "accept_findings",
    ),
    c.IssueStatements: lambda world: (
        "fmo",
        c.IssueStatements(session_id=activation(world).session_id),
        "wrong_state",
        "session_id",
    ),
    c.MoveToDayEnd: lambda world: (
        "fmo",
        c.MoveToDayEnd(session_id=world.session().id),
        "wrong_state",
        "session_id",
    ),
    c.MarkNotificationsRead: lambda world: ("gone", c.MarkNotificationsRead(), "signed_out", ""),
    c.Apply: lambda world: ("system", applying(company=" "), "missing", "company"),
    c.JoinBySingleSignOn: lambda world: ("system", joining(role=Role.DSO), "not_permitted", "role"),
    c.UploadPortfolio: lambda world: (
        "esp1",
        portfolio(world, kind=SeriesKind.FORECAST, p_mw=flat("99")),
        "out_of_range",
        "series[0].p_mw[0]",
    ),
    c.AcceptApplication: lambda world: (
        "fmo",
        c.AcceptApplication(application_id=applied(world).id, role=Role.FMO),
        "out_of_range",
        "role",
    ),
    c.RefuseApplication: lambda world: (
        "fmo",
        c.RefuseApplication(application_id=applied(world).id, reason=""),
        "missing",
        "reason",
    ),
    c.AssignRole: lambda world: (
        "fmo",
        c.AssignRole(party_id=PartyId("dso1"), role=Role.ESP),
        "in_use",
        "role",
    ),
    c.SuspendParty: lambda world: (
        "fmo",
        c.SuspendParty(party_id=PartyId("fmo"), reason="Tired."),
        "not_permitted",
        "party_id",
    ),
    c.ChangePassword: lambda world: (
        "esp1",
        replace(password_change(world)[1], present="$argon2 of before"),  # type: ignore[arg-type, call-arg]
        "wrong_credentials",
        "present",
    ),
    c.EnterOperator: lambda world: ("fmo", operator_entered(world)[1], "not_permitted", ""),
    c.ResetPassword: lambda world: ("esp1", password_reset(world)[1], "not_permitted", ""),
    c.EndLogin: lambda world: ("dso1", login_end(world)[1], "not_found", "login_id"),
    c.SignOutEverywhere: lambda world: ("gone", c.SignOutEverywhere(), "signed_out", ""),
    c.CreateApiKey: lambda world: (
        "esp1",
        c.CreateApiKey(name="Scheduler", scopes=(Scope.GRID,)),
        "not_permitted",
        "scopes[0]",
    ),
    c.RotateApiKey: lambda world: ("dso1", c.RotateApiKey(key_id=key_of(world)), "not_found", "key_id"),
    c.ReportTries: lambda world: ("provider1", tried(world)[1], "not_permitted", ""),
    c.PrepareKey: lambda world: ("system", c.PrepareKey(party_id=PartyId(NONE)), "not_found", "id"),
    c.ReportKey: lambda world: ("system", c.ReportKey(party_id=PartyId(NONE), taken=True), "not_found", "id"),
    c.TakeKey: lambda world: ("provider1", replace(key_taking(world)[1], secret="fdk_short"), "malformed", "key"),  # type: ignore[type-var]
    c.RevokeApiKey: lambda world: ("dso1", c.RevokeApiKey(key_id=key_of(world)), "not_found", "key_id"),
    c.RegisterClient: lambda world: (
        "fmo",
        c.RegisterClient(client_id="scada", grants=(Grant.CLIENT,)),
        "missing",
        "account",
    ),
    c.EndClient: lambda world: ("fmo", c.EndClient(client_id=NONE), "not_found", "client_id"),
    c.ReinstateParty: lambda world: (
        "fmo",
        c.ReinstateParty(party_id=PartyId("esp1")),
        "wrong_state",
        "party_id",
    ),
}

UNKNOWN: tuple[Case, ...] = (
    ("dso1", c.ConfirmAsset(asset_id=AssetId(NONE))),
    ("dso1", c.RefuseAsset(asset_id=AssetId(NONE), reason="No.")),
    ("dso1", c.RemoveZone(zone_id=ZoneId(NONE))),
    ("dso1", c.CloseCongestedRegion(congested_region_id=CongestedRegionId(NONE))),
    ("tso", c.ReviewRequest(request_id=RequestId(NONE), verdict=c.Verdict.ACCEPT)),
    ("esp1", c.UploadBaseline(asset_id=AssetId(NONE), delivery_day=DAY, p_mw=flat("0"))),
    ("dso1", c.WithdrawRequest(request_id=RequestId(NONE))),
    ("esp1", c.WithdrawOffer(offer_id=OfferId(NONE))),
    ("fmo", c.PassGate(gate_id=GateId(NONE))),
    (
        "fmo",
        c.SetClearingRules(
            session_id=SessionId(NONE),
            clearing=ClearingMode.NETWORK,
            payment=PaymentRule.NODAL,
            energy=EnergyPricing.IGNORED,
        ),
    ),
    ("dso1", c.AcknowledgeAlarm(alarm_id=AlarmId(NONE))),
    ("dso1", c.ShelveAlarm(alarm_id=AlarmId(NONE), until=CLOSES, reason="No.")),
    ("dso1", c.UnshelveAlarm(alarm_id=AlarmId(NONE))),
    ("dso1", c.MapPod(pod_id=PodId("DE-1"), asset_id=AssetId(NONE), valid_from=DAY)),
    ("esp1", c.UploadForecast(asset_id=AssetId(NONE), delivery_day=DAY, p_mw=flat("0"))),
    ("fmo", c.SettleSession(session_id=SessionId(NONE))),
    ("fmo", c.ValidateStatements(session_id=SessionId(NONE))),
    ("fmo", c.IssueStatements(session_id=SessionId(NONE))),
    ("fmo", c.MoveToDayEnd(session_id=SessionId(NONE))),
    ("fmo", c.RetryClearing(session_id=SessionId(NONE))),
    ("fmo", c.AcceptApplication(application_id=ApplicationId(NONE), role=Role.ESP)),
    ("fmo", c.RefuseApplication(application_id=ApplicationId(NONE), reason="No.")),
    ("fmo", c.AssignRole(party_id=PartyId(NONE), role=Role.ESP)),
    ("fmo", c.SuspendParty(party_id=PartyId(NONE), reason="No.")),
    ("fmo", c.ReinstateParty(party_id=PartyId(NONE))),
    ("fmo", c.CancelJob(job_id=JobId(NONE))),
    ("fmo", c.ResetPassword(account=NONE, password="$argon2")),
    ("esp1", c.EndLogin(login_id=LoginId(NONE))),
    ("esp1", c.RotateApiKey(key_id=KeyId(NONE))),
    ("fmo", c.RevokeApiKey(key_id=KeyId(NONE))),
    ("esp1", c.AcknowledgeActivation(activation_id=ActivationId(NONE))),
    ("esp1", c.RefuseActivation(activation_id=ActivationId(NONE), reason="No.")),
)


KINDS = [kind for kind in c.Command.__subclasses__() if kind not in (PlaceCommand, PlatformCommand)]
"""The others have registries of their own."""


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_it_is_taken(world: World, kind: type[c.Command]) -> None:
    who, command = ACCEPTED[kind](world)
    assert type(command) is kind
    assert world.codes(who, command) == []


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_it_is_refused_with_code_and_field(world: World, kind: type[c.Command]) -> None:
    who, command, code, field = REFUSED[kind](world)
    assert type(command) is kind
    assert (code, field) in world.codes(who, command)


@pytest.mark.parametrize(("who", "command"), UNKNOWN, ids=lambda value: type(value).__name__)
def test_what_is_not_there_is_not_found(world: World, who: str, command: c.Command) -> None:
    ((code, _),) = world.codes(who, command)
    assert code == "not_found"
