"""What-ifs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from domain.commands.base import Command
from domain.flexibility.what_if import TrialOffer, UnitChange
from domain.ids import OfferId, RegionId


@dataclass(frozen=True, kw_only=True)
class AskWhatIf(Command):
    """DSO: compute an own region's day with something changed; a line out of service alone is the N-1 question.

    removed : offers of the book, once its gate has closed
    """

    region_id: RegionId
    delivery_day: date
    lines_out: tuple[str, ...] = ()
    changes: tuple[UnitChange, ...] = ()
    added: tuple[TrialOffer, ...] = ()
    removed: tuple[OfferId, ...] = ()
