"""The guided demo from the gate on: clearing, activation, settlement."""

from __future__ import annotations

from app.demo.metering import demo_metering, meter_points
from app.demo.scenario import read_scenario
from app.demo.stage import OPEN, UNFINISHED, Stage, count, follow
from app.queries.models import GetResult, GetSettlement, ListActivations, ListJobs, SettlementView
from domain.commands import (
    AcknowledgeActivation,
    IssueStatements,
    MoveToDayEnd,
    MoveToGate,
    SettleSession,
    UploadMetering,
    ValidateStatements,
)
from domain.flexibility.market import Gate, GateKind, MarketSession
from domain.ids import JobId
from domain.lifecycle import ActivationState, JobState, SessionState, StatementState
from domain.parties import Principal, Region
from domain.units import total


def clearing(stage: Stage) -> str:
    """The clock moves on to the gate; the sessions are cleared in the worker."""
    _pass(stage, GateKind.CLOSE, "The gate closes", leaves=OPEN)
    operator = stage.operator()
    while jobs := _clearings(stage, operator):
        for job_id in jobs:
            follow(stage, operator, job_id, "Clearing")
        stage.until(lambda seen=jobs: _clearings(stage, operator) != seen)  # type: ignore[misc]
    return " ".join(_result_words(stage, operator, region, session) for region, session in stage.sessions())


def _clearings(stage: Stage, operator: Principal) -> tuple[JobId, ...]:
    """Unfinished clearings of the day's sessions, the one that runs first."""
    wanted = {session.job_id for _region, session in stage.sessions() if session.state is SessionState.CLEARING}
    jobs = [job for job in stage.ask(operator, ListJobs()) if job.id in wanted and job.state in UNFINISHED]
    return tuple(job.id for job in sorted(jobs, key=lambda job: (job.state is not JobState.RUNNING, job.id)))


def _result_words(stage: Stage, operator: Principal, region: Region, session: MarketSession) -> str:
    if session.state is SessionState.NOT_CLEARED:
        return f"{region.name}: not cleared. {session.reason}"
    view = stage.ask(operator, GetResult(session_id=session.id))
    paid = total([row.award.payment_eur for row in view.awards])
    left = "no need is left" if not view.unmet else f"{count(len(view.unmet), 'need')} left"
    clean = view.proof is not None and view.proof.clean
    proof = "an independent power flow proves it" if clean else "its proof is not clean"
    return (
        f"{region.name}: {count(len(view.awards), 'award')} for {paid:,.2f} EUR; "
        f"of {view.n_needs_before:,} needs {left}, and {proof}."
    )


def activation(stage: Stage) -> str:
    """The clock moves on to publication; every seller acknowledges what it is called to deliver."""
    _pass(stage, GateKind.PUBLISH, "The results are published", leaves=(SessionState.CLEARED,))
    answered = {seller.name: _acknowledge(stage, seller) for seller in stage.sellers()}
    said = [f"{name} acknowledged {count(n, 'call')}." for name, n in answered.items() if n]
    return " ".join(["The results are published.", *(said or ["All calls had been answered already."])])


def _acknowledge(stage: Stage, seller: Principal) -> int:
    called = [
        row.activation
        for row in stage.ask(seller, ListActivations())
        if row.activation is not None and row.activation.state is ActivationState.REQUESTED
    ]
    for n, call in enumerate(called):
        stage.say(f"{seller.name} acknowledges its calls", 0.5 + 0.5 * n / len(called))
        stage.do(seller, AcknowledgeActivation(activation_id=call.id))
    return len(called)


def settlement(stage: Stage) -> str:
    """The clock moves on past the delivery day; readings come in, statements and invoices go out."""
    published = [(r, s) for r, s in stage.sessions() if s.state is SessionState.PUBLISHED]
    for _region, session in published:
        stage.do(stage.operator(), MoveToDayEnd(session_id=session.id))
    return " ".join(_settle(stage, region, session) for region, session in published)


def _settle(stage: Stage, region: Region, session: MarketSession) -> str:
    operator, dso = stage.operator(), stage.party(region.dso_id)

    def view() -> SettlementView:
        return stage.ask(operator, GetSettlement(session_id=session.id))

    if view().n_metered < view().n_assets:
        stage.say(f"{dso.name} sends in the meters' readings", 0.3)
        points = meter_points(lambda query: stage.ask(operator, query), session.id)
        document = demo_metering(read_scenario().seed, session.delivery_day, points)
        stage.do(dso, UploadMetering(delivery_day=session.delivery_day, document=document))
    stage.say(f"Statements and invoices of the {region.name.lower()}", 0.7)
    stage.do(operator, SettleSession(session_id=session.id))
    for state, command in (
        (StatementState.DRAFT, ValidateStatements(session_id=session.id, accept_findings=True)),
        (StatementState.VALIDATED, IssueStatements(session_id=session.id)),
    ):
        if any(row.statement.state is state for row in view().statements):
            stage.do(operator, command)
    return _settled_words(region, view())


def _settled_words(region: Region, view: SettlementView) -> str:
    return (
        f"{region.name}: {view.delivered_mwh:,.2f} of {view.awarded_mwh:,.2f} MWh were delivered; "
        f"{count(len(view.statements), 'statement')} went out, for {view.to_pay_eur:,.2f} EUR where the clearing "
        f"had {view.cleared_eur:,.2f} EUR. All of them add up to {view.balance_eur:,.2f} EUR."
    )


def _pass(stage: Stage, kind: GateKind, words: str, *, leaves: tuple[SessionState, ...]) -> None:
    """Move the clock on to the sessions' gates of a kind and wait until they have left these states."""
    operator = stage.operator()
    for _region, session in stage.sessions():
        with stage.read() as uow:
            gates = uow.find(Gate, session_id=session.id, kind=kind, done=False)
        for gate in gates if session.state in leaves else ():
            stage.say(words, 0.05)
            stage.do(operator, MoveToGate(gate_id=gate.id))
    stage.until(lambda: all(session.state not in leaves for _region, session in stage.sessions()))
