"""Who acts: an entity of the address acts for itself only, and each method is for one kind of entities."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path
from pydantic import Field

from app.policy import may_execute
from app.rest.access import Caller, Services
from app.rest.fields import Day, Filter, Id
from domain.commands import Command
from domain.errors import refuse

Entity = Annotated[Id, Path(description="Id of the entity, such as `dso1` or `agg1`.")]


class OnDay(Filter):
    """Which of a list are wanted (D3.5, finding 004); what no longer holds is never in it."""

    date: Annotated[Day | None, Field(description="Only those of this delivery day.")] = None


def act_as(caller: Caller, entity_id: str, command: type[Command]) -> None:
    """The caller is the entity of the address, and of the role that may send this.

    Raises:
        Refused: `not_permitted` for another role, `not_yours` for another entity.
    """
    if not may_execute(caller.principal.role, command):
        raise refuse("not_permitted", "", f"The role {caller.principal.role.value} may not do this.")
    if caller.principal.party_id != entity_id:
        raise refuse("not_yours", "", "You can act for yourself only.")


def new_id(services: Services, caller: Caller, entity_id: str, prefix: str, command: type[Command]) -> str:
    """An id for what the entity will send. Raises `Refused` as `act_as`."""
    act_as(caller, entity_id, command)
    return services.issuer.issue(prefix, entity_id)
