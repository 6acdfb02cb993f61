"""Letters about technical validations."""

from __future__ import annotations

from collections.abc import Iterator

from app.letters.names import Letter, day_name, party_name, time_name
from domain.events.platform import TechnicalValidationChanged, ValidationSchedulesDropped
from domain.marketplace.words import PlatformRole
from domain.platform.validations import TechnicalValidation, ValidationState
from domain.ports import UnitOfWork


def schedules_dropped(_uow: UnitOfWork, event: ValidationSchedulesDropped) -> Iterator[Letter]:
    sentence = f"The schedules of {day_name(event.delivery_day)} do not fit the new network; upload them again."
    yield Letter(to=(event.party_id,), sentence=sentence, day=event.delivery_day)


def changed(uow: UnitOfWork, event: TechnicalValidationChanged) -> Iterator[Letter]:
    """Who asked is told the answer; the DSO's platform answers by itself."""
    (validation,) = uow.find_bare(TechnicalValidation, id=event.validation_id)
    if validation.side is not PlatformRole.REQUESTER or event.state == ValidationState.ASKED.value:
        return
    what = f"{party_name(uow, event.peer_id)}, exchange from {time_name(validation.request.start)}"
    if validation.response is None:
        sentence = f"No technical validation ({what}): {validation.refusals[0].sentence}"
    else:
        sentence = f"{validation.response.share * 100:f} % of the proposed power may be delivered ({what})."
    yield Letter(to=(event.party_id,), sentence=sentence, day=None)
