"""The pages of ESPs and aggregators."""

from __future__ import annotations

from domain.parties import Role
from views.pages import supply_assets, supply_compose, supply_portfolio, supply_trading
from views.pages.context import Page

_OFFERING = frozenset({Role.ESP, Role.AGGREGATOR})
_OWNING = _OFFERING | {Role.RETAILER}

PAGES = (
    Page(path="/supply", title="Portfolio", nav="Portfolio", roles=_OFFERING, build=supply_portfolio.build),
    Page(
        path="/supply/compose",
        title="Compose an offer",
        nav="Compose",
        roles=_OFFERING,
        build=supply_compose.build,
    ),
    Page(path="/supply/trading", title="Trading", nav="Trading", roles=_OFFERING, build=supply_trading.build),
    Page(path="/supply/assets", title="Assets", nav="Assets", roles=_OWNING, build=supply_assets.build),
)
