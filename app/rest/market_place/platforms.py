"""How a registration connects its platform with the market place."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from pydantic import Field

from app.rest.access import FromCaller
from app.rest.fields import In, Text
from app.rest.strict import StrictRoute
from domain.commands.place import EnterPlatformKey

router = APIRouter(route_class=StrictRoute, tags=["platforms"])


class PlatformKeyIn(In):
    """The key with which the market place calls a registration's platform (MPL-ADD)."""

    key: Annotated[Text, Field(max_length=200)]


@router.put("/platform-key", name="place_enter_platform_key", status_code=204)
def enter_platform_key(caller: FromCaller, body: PlatformKeyIn) -> None:
    """From now on the market place calls one's platform with this key; the address is that of the registration."""
    caller.execute(EnterPlatformKey(secret=body.key))
