"""Letters to those who answer for a toolkit."""

from __future__ import annotations

from collections.abc import Iterator

from app.letters.names import Letter, day_name, region_of
from app.letters.reasons import reason_sentence
from domain import events as e
from domain.flexibility.grids import Job
from domain.flexibility.operation import toolkit_words
from domain.parties import Party, Role
from domain.ports import UnitOfWork


def toolkit_failed(uow: UnitOfWork, event: e.ToolkitFailed) -> Iterator[Letter]:
    """What failed, and why to those whose grid or market it is: a reason may speak of the DSO's files."""
    job, region = uow.get(Job, event.job_id), region_of(uow, event.region_id)
    party = uow.get(Party, event.party_id)
    told = party.role is Role.FMO or party.id == region.dso_id
    reason = reason_sentence(job.error) if told else "The market operator knows the reason."
    name = toolkit_words(event.toolkit)
    yield Letter(
        to=(party.id,),
        sentence=f"{name} failed ({region.name}, {day_name(job.delivery_day)}), job {job.id}: {reason}",
        day=job.delivery_day,
        link=f"/fmo/health?toolkit={event.toolkit}" if party.role is Role.FMO else "",
    )


def toolkit_assigned(_uow: UnitOfWork, event: e.ToolkitAssigned) -> Iterator[Letter]:
    sentence = f"You answer for {toolkit_words(event.toolkit).lower()}: you are told when it fails."
    yield Letter(to=(event.party_id,), sentence=sentence)
