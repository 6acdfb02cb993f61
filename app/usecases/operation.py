"""Clearings that are tried, and who is told when a toolkit fails."""

from __future__ import annotations

from dataclasses import replace

from app.book import book_case, book_state
from app.bridge.work import TOOLKITS
from app.usecases.queue import enqueue
from domain.commands import AssignToolkit, SendLetterAgain, TryClearing
from domain.errors import Finding, raise_if
from domain.events import ToolkitAssigned, ToolkitFailed
from domain.flexibility.grids import Job
from domain.flexibility.market import MarketSession
from domain.flexibility.operation import ClearingTry, ToolkitWatch
from domain.flexibility.rules import ClearingRules, rules_findings
from domain.ids import PartyId, TryId, new_id
from domain.lifecycle import JobState
from domain.parties import Party, Principal, Role
from domain.ports import UnitOfWork
from domain.texts import REASON, text_findings

TRY = "try"
ANSWERING = (Role.FMO, Role.DSO, Role.TSO)
"""Who may answer for a toolkit: what a job says of its inputs is not for those who trade."""


def try_clearing(uow: UnitOfWork, principal: Principal, command: TryClearing) -> ClearingTry:
    """Queue a clearing of the session's book by these rules; the same try of the same book is there once.

    Raises:
        Refused: `not_found`; `rules_conflict`; why there is no case.
    """
    session = uow.get(MarketSession, command.session_id)
    rules = ClearingRules(clearing=command.clearing, payment=command.payment, energy=command.energy)
    raise_if(rules_findings(rules))
    inputs = book_case(uow, session, rules)
    for known in uow.find(
        ClearingTry, session_id=session.id, clearing=rules.clearing, payment=rules.payment, energy=rules.energy
    ):
        job = uow.get(Job, known.job_id)
        if job.inputs == inputs and job.state not in (JobState.FAILED, JobState.CANCELLED):
            return known
    job = enqueue(
        uow,
        kind=TRY,
        owner_id=principal.party_id,
        region_id=session.region_id,
        day=session.delivery_day,
        inputs=inputs,
        session_id=session.id,
    )
    tried = ClearingTry(
        id=TryId(new_id("CT")),
        session_id=session.id,
        region_id=session.region_id,
        delivery_day=session.delivery_day,
        job_id=job.id,
        asked_at=uow.market,
        book=book_state(session),
        clearing=rules.clearing,
        payment=rules.payment,
        energy=rules.energy,
    )
    uow.add(tried)
    return tried


def assign_toolkit(uow: UnitOfWork, _principal: Principal, command: AssignToolkit) -> ToolkitWatch:
    """Who is told when a kind of work fails; assigning it again replaces who it was.

    Raises:
        Refused: `unknown_toolkit`, `unknown_party`, `out_of_range` for a party that trades, findings on the note.
    """
    raise_if(_findings(uow, command))
    watch = ToolkitWatch(id=command.toolkit, party_id=command.party_id, note=command.note.strip())
    known = uow.find(ToolkitWatch, id=command.toolkit)
    if known:
        watch = replace(watch, version=known[0].version)
        uow.save(watch)
    else:
        uow.add(watch)
    uow.record(ToolkitAssigned(toolkit=watch.id, party_id=watch.party_id))
    return uow.get(ToolkitWatch, watch.id)


def send_letter_again(uow: UnitOfWork, _principal: Principal, command: SendLetterAgain) -> None:
    """An event that nobody could be told of is tried again. Raises `Refused`: `not_found`."""
    uow.letters.send_again(command.letter_id)


def _findings(uow: UnitOfWork, command: AssignToolkit) -> list[Finding]:
    found = text_findings(command.note, "note", REASON) if command.note.strip() else []
    if command.toolkit not in TOOLKITS:
        sentence = f"There is no such toolkit; there are {', '.join(TOOLKITS)}."
        found.append(Finding(code="unknown_toolkit", field="toolkit", sentence=sentence))
    parties = uow.find(Party, id=command.party_id, active=True)
    if not parties:
        found.append(Finding(code="unknown_party", field="party_id", sentence="There is no such participant."))
    elif parties[0].role not in ANSWERING:
        sentence = "Choose the market operator, a DSO or a TSO: those who trade must not learn of others' inputs."
        found.append(Finding(code="out_of_range", field="party_id", sentence=sentence))
    return found


def toolkit_failed(uow: UnitOfWork, job: Job) -> None:
    """Tell who answers for the failed job's toolkit: the one assigned, else the market operators."""
    watches = uow.find(ToolkitWatch, id=job.kind)
    for party_id in _answering(uow, watches):
        uow.record(ToolkitFailed(toolkit=job.kind, job_id=job.id, region_id=job.region_id, party_id=party_id))


def _answering(uow: UnitOfWork, watches: tuple[ToolkitWatch, ...]) -> tuple[PartyId, ...]:
    """The one assigned while it takes part, else the market operators."""
    assigned = uow.find(Party, id=tuple(watch.party_id for watch in watches), active=True) if watches else ()
    return tuple(party.id for party in assigned or uow.find(Party, role=Role.FMO, active=True))
