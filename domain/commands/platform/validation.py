"""What a DSO keeps for technical validations, and the questions and answers themselves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from domain.commands.platform.base import PlatformCommand


@dataclass(frozen=True, kw_only=True)
class UploadValidationNetwork(PlatformCommand):
    """DSO: its network, a `flexdesk.grid/1` document."""

    document: str


@dataclass(frozen=True, kw_only=True)
class UploadValidationSchedules(PlatformCommand):
    """DSO: a day's schedules per generator and load, CSV."""

    delivery_day: date
    document: str


@dataclass(frozen=True, kw_only=True)
class SetCouplingLimits(PlatformCommand):
    """DSO: what its TSO allows at the coupling point from now on; None where it says nothing. `source`: where."""

    import_max_mw: Decimal | None
    export_max_mw: Decimal | None
    s_max_mva: Decimal | None
    source: str
