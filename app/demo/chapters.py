"""The guided demo's chapters: what happens in each of them, and what each says of it in the end.

A chapter looks at the market first and leaves done what is done, by hand or in an earlier run that was broken off.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from app.demo import after_gate, before_gate, place_chapter
from app.demo.stage import Stage
from domain.guide import ChapterName

CHAPTERS: Mapping[ChapterName, Callable[[Stage], str]] = {
    ChapterName.NEEDS: before_gate.needs,
    ChapterName.REQUESTS: before_gate.requests,
    ChapterName.OFFERS: before_gate.offers,
    ChapterName.CLEARING: after_gate.clearing,
    ChapterName.ACTIVATION: after_gate.activation,
    ChapterName.SETTLEMENT: after_gate.settlement,
    ChapterName.MARKET_PLACE: place_chapter.market_place,
}
