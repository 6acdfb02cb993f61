"""The pages of a distribution system operator."""

from __future__ import annotations

from domain.parties import Role
from views.pages import (
    dso_assets,
    dso_calls,
    dso_data,
    dso_requests,
    dso_room,
    dso_trading,
    dso_what_if,
    dso_zones,
)
from views.pages.context import Page

_DSO = frozenset({Role.DSO})

PAGES = (
    Page(path="/dso", title="Control room", nav="Control room", roles=_DSO, build=dso_room.build),
    Page(path="/dso/requests", title="Requests", nav="Requests", roles=_DSO, build=dso_requests.build),
    Page(path="/dso/calls", title="Direct calls", nav="Direct calls", roles=_DSO, build=dso_calls.build),
    Page(path="/dso/what-if", title="What if", nav="What if", roles=_DSO, build=dso_what_if.build),
    Page(path="/dso/trading", title="Trading", nav="Trading", roles=_DSO, build=dso_trading.build),
    Page(path="/dso/assets", title="Assets", nav="Assets", roles=_DSO, build=dso_assets.build),
    Page(path="/dso/zones", title="Zones", nav="Zones", roles=_DSO, build=dso_zones.build),
    Page(path="/dso/data", title="Data", nav="Data", roles=_DSO, build=dso_data.build),
)
