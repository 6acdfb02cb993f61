"""Applications, and who takes part."""

from __future__ import annotations

from app.queries import models as q
from domain.parties import Application, Principal
from domain.ports import UnitOfWork


def list_applications(
    uow: UnitOfWork, _principal: Principal, _query: q.ListApplications
) -> tuple[Application, ...]:
    """Newest first."""
    found = uow.find(Application)
    return tuple(sorted(found, key=lambda one: (one.applied_at, one.id), reverse=True))
