"""Each command is taken once and refused once: two rows for every class in the registry."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from canned import cleared, publish
from world import CLOSES, DAY, R1, World, ask, at_noon, bid, flat, network, plan, register, schedule

from domain import commands as c
from domain.flexibility.grids import Job
from domain.flexibility.market import Activation, GateKind, PriceKind
from domain.flexibility.rules import ClearingMode, EnergyPricing, PaymentRule
from domain.ids import ActivationId, AssetId, GateId, JobId, OfferId, RequestId, SessionId
from domain.lifecycle import JobState

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


def needs_job(world: World) -> Job:
    world.grid()
    return world.only(Job, state=JobState.QUEUED)  # type: ignore[no-any-return]


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


ACCEPTED: dict[type[c.Command], Callable[[World], Case]] = {
    c.UploadNetwork: networks,
    c.UploadSchedules: schedules,
    c.UploadPrices: lambda world: ("fmo", prices()),
    c.RegisterAsset: registration,
    c.ConfirmAsset: confirmation,
    c.RefuseAsset: asset_refusal,
    c.UploadBaseline: baseline,
    c.PlanSession: lambda world: ("fmo", plan()),
    c.SetClearingRules: lambda world: ("fmo", rules()(world)),
    c.PublishRequest: request,
    c.WithdrawRequest: request_withdrawal,
    c.SubmitOffer: offer,
    c.WithdrawOffer: offer_withdrawal,
    c.PassGate: gate,
    c.RetryClearing: retry,
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
    c.MoveClock: lambda world: ("fmo", c.MoveClock(action=c.ClockAction.RUN, speed=60.0)),
    c.MoveToGate: lambda world: ("fmo", c.MoveToGate(gate_id=world.gate(world.session(), GateKind.PUBLISH).id)),
    c.MarkNotificationsRead: lambda world: ("esp1", c.MarkNotificationsRead()),
}

NONE = "XX-000000000000"

REFUSED: dict[type[c.Command], Callable[[World], tuple[str, c.Command, str, str]]] = {
    c.UploadNetwork: lambda world: ("dso2", networks(world)[1], "not_yours", "region_id"),
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
    c.WithdrawOffer: lambda world: ("esp2", offer_withdrawal(world)[1], "not_found", "offer_id"),
    c.PassGate: lambda world: ("system", gate(world)[1], "wrong_state", "gate_id"),
    c.RetryClearing: lambda world: (
        "fmo",
        c.RetryClearing(session_id=world.session().id),
        "wrong_state",
        "session_id",
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
    c.MoveToGate: lambda world: ("fmo", c.MoveToGate(gate_id=GateId(NONE)), "not_found", "id"),
    c.MarkNotificationsRead: lambda world: ("gone", c.MarkNotificationsRead(), "signed_out", ""),
}

UNKNOWN: tuple[Case, ...] = (
    ("dso1", c.ConfirmAsset(asset_id=AssetId(NONE))),
    ("dso1", c.RefuseAsset(asset_id=AssetId(NONE), reason="No.")),
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
    ("fmo", c.RetryClearing(session_id=SessionId(NONE))),
    ("fmo", c.CancelJob(job_id=JobId(NONE))),
    ("esp1", c.AcknowledgeActivation(activation_id=ActivationId(NONE))),
    ("esp1", c.RefuseActivation(activation_id=ActivationId(NONE), reason="No.")),
)


@pytest.mark.parametrize("kind", c.Command.__subclasses__(), ids=lambda kind: kind.__name__)
def test_it_is_taken(world: World, kind: type[c.Command]) -> None:
    who, command = ACCEPTED[kind](world)
    assert type(command) is kind
    assert world.codes(who, command) == []


@pytest.mark.parametrize("kind", c.Command.__subclasses__(), ids=lambda kind: kind.__name__)
def test_it_is_refused_with_code_and_field(world: World, kind: type[c.Command]) -> None:
    who, command, code, field = REFUSED[kind](world)
    assert type(command) is kind
    assert (code, field) in world.codes(who, command)


@pytest.mark.parametrize(("who", "command"), UNKNOWN, ids=lambda value: type(value).__name__)
def test_what_is_not_there_is_not_found(world: World, who: str, command: c.Command) -> None:
    ((code, _),) = world.codes(who, command)
    assert code == "not_found"
