"""Letters about technical validations."""

from __future__ import annotations

from collections.abc import Iterator

from app.letters.names import Letter, day_name
from domain.events.platform import ValidationSchedulesDropped
from domain.ports import UnitOfWork


def schedules_dropped(_uow: UnitOfWork, event: ValidationSchedulesDropped) -> Iterator[Letter]:
    sentence = f"The schedules of {day_name(event.delivery_day)} do not fit the new network; upload them again."
    yield Letter(to=(event.party_id,), sentence=sentence, day=event.delivery_day)
