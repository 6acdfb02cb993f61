"""Technical validations of the own registration or with the asking peer, and what they are made on."""

from __future__ import annotations

from app.queries.models.base import Part
from app.queries.models.platform.validations import (
    GetTechnicalValidation,
    GetValidationFiles,
    ListTechnicalValidations,
    ValidationFiles,
)
from app.queries.parts import given, part_of
from domain.errors import refuse
from domain.parties import Principal, Role
from domain.platform.validations import (
    CouplingPoint,
    TechnicalValidation,
    ValidationNetwork,
    ValidationSchedules,
)
from domain.ports import E, UnitOfWork


def list_validations(
    uow: UnitOfWork, principal: Principal, query: ListTechnicalValidations
) -> Part[TechnicalValidation]:
    asked = given(subscription_id=query.subscription_id, state=query.state)
    return part_of(uow, TechnicalValidation, query.part, asked | _own(principal))


def get_validation(uow: UnitOfWork, principal: Principal, query: GetTechnicalValidation) -> TechnicalValidation:
    for name in ("id", "request_id"):
        found = uow.find_bare(TechnicalValidation, **{name: query.validation_id}, **_own(principal))
        if found:
            return found[0]
    raise refuse("not_found", "validation_id", "There is no such technical validation, or it is not yours.")


def get_files(uow: UnitOfWork, principal: Principal, _query: GetValidationFiles) -> ValidationFiles:
    schedules = uow.find(ValidationSchedules, party_id=principal.party_id)
    return ValidationFiles(
        network=_only(uow, ValidationNetwork, principal),
        schedules=tuple(sorted(schedules, key=lambda schedule: schedule.delivery_day)),
        coupling=_only(uow, CouplingPoint, principal),
    )


def _only(uow: UnitOfWork, kind: type[E], principal: Principal) -> E | None:
    return next(iter(uow.find(kind, id=principal.party_id)), None)


def _own(principal: Principal) -> dict[str, object]:
    return {"peer_id" if principal.role is Role.PEER else "party_id": principal.party_id}
