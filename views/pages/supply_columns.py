"""Columns of the suppliers' books."""

from __future__ import annotations

from views.plots.book import Column

_WHEN = Column("span", "When", width_px=134)
_WHEN_UTC = Column("span_utc", "When, UTC")
_KIND = Column("kind", "Power", width_px=60, min_px=40)
_STATE = Column("state", "State", "state", width_px=134)

REQUESTS = (
    Column("zone", "Zone", min_px=112),
    _KIND,
    _WHEN,
    Column("peak_mw", "Peak", "mw", width_px=60, min_px=40),
    Column("cap", "Cap, €", "price", width_px=64),
    Column("own", "Own", "count", width_px=46, min_px=40),
    Column("deadline", "Deadline", "time", width_px=96),
    _WHEN_UTC,
    Column("deadline_utc", "Deadline, UTC"),
)

OFFERS = (
    _STATE,
    Column("asset", "Asset", min_px=110),
    _KIND,
    _WHEN,
    Column("offered_mwh", "Energy", "price", width_px=60, min_px=40),
    Column("price", "Price, €", width_px=66),
    Column("terms", "Terms", width_px=60, min_px=40),
    Column("accepted_mwh", "Accepted", "price", width_px=74),
    Column("payment_eur", "€", "money", width_px=64, min_px=40),
    _WHEN_UTC,
)

AWARDS = (
    _STATE,
    Column("asset", "Asset", min_px=110),
    _KIND,
    _WHEN,
    Column("peak_mw", "Peak", "mw", width_px=62),
    Column("accepted_mwh", "Energy", "price", width_px=66, min_px=40),
    Column("price", "Price, €", "figure", width_px=84),
    Column("payment_eur", "€", "money", width_px=70, min_px=40),
    _WHEN_UTC,
)

ASSET_SHORT = (
    Column("state", "State", "state", width_px=108),
    Column("name", "Asset", min_px=120),
    Column("region", "Region", width_px=118),
    Column("p_min_mw", "Least, MW", "mw", width_px=92),
    Column("p_max_mw", "Most, MW", "mw", width_px=90),
    Column("offered_mwh", "Offered, MWh", "price", width_px=116),
    Column("awarded_mwh", "Awarded, MWh", "price", width_px=122),
)

ASSETS = (
    Column("state", "State", "state", width_px=128),
    Column("name", "Asset", min_px=150),
    Column("kind", "Kind", width_px=76),
    Column("region", "Region", min_px=100),
    Column("unit", "Unit", min_px=120),
    Column("bus", "Bus", min_px=110),
    Column("p_min_mw", "Least, MW", "mw", width_px=92),
    Column("p_max_mw", "Most, MW", "mw", width_px=92),
    Column("brp", "BRP", width_px=76),
    Column("pod", "Point of delivery", min_px=130),
    Column("reason", "Reason", min_px=80),
)
