"""Keys of the market place at its players' platforms."""

from __future__ import annotations

from app.transport.sending import address
from app.usecases.market_place.finding import own_registration
from domain.commands.place import EnterPlatformKey
from domain.errors import refuse
from domain.events.place import PlatformConnected
from domain.ids import PartyId
from domain.parties import Principal
from domain.ports import UnitOfWork


def enter_platform_key(uow: UnitOfWork, principal: Principal, command: EnterPlatformKey) -> PartyId:
    """From now on the market place's messages go to the registration's platform address with this key.

    Raises:
        Refused: `missing` for the key, or where the registration has no platform address; findings on the key.
    """
    registration = own_registration(uow, principal)
    if not registration.platform_url:
        raise refuse("missing", "platform_url", "Say first where your platform is.")
    if not command.secret:
        raise refuse("missing", "key", "Give the key that opens your platform to the market place.")
    address(uow, registration.id, registration.platform_url, command.secret)
    uow.record(PlatformConnected(registration_id=registration.id))
    return registration.id
