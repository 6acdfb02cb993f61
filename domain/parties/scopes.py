"""What API keys may be used for."""

from __future__ import annotations

from enum import StrEnum


class Scope(StrEnum):
    """What an API key may be used for; `app.scopes` says which commands and queries each covers."""

    READ = "read"
    """Only to look."""
    TRADE = "trade"
    """Requests, offers and calls."""
    ASSETS = "assets"
    """Own assets, their baselines and forecasts."""
    GRID = "grid"
    """The grid: networks, schedules, zones, others' assets, alarms, reviews."""
    METERING = "metering"
    EXCHANGE = "exchange"
    """Messages between the market place and platforms, and from platform to platform."""
    FMO_REGULAR = "FMO.reg_profile"
    """The market operator's regular profile: create and read."""
    FMO_ADMIN = "FMO.adm_profile"
    """Its administrative profile: everything that a key may do for it."""
