"""Offers that are being composed: checked as a whole, and cleared dry."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from app.queries.models.base import Query
from app.queries.models.market import OfferCheck
from domain.commands import SubmitOffer
from domain.flexibility.explanation import Explanation
from domain.flexibility.market import FlexOffer, MarketSession
from domain.ids import AssetId, OfferId
from domain.units import Series


@dataclass(frozen=True, kw_only=True)
class CheckOffers(Query[OfferCheck]):
    """As `PlaceOffers` would find, nothing stored."""

    offers: tuple[SubmitOffer, ...]
    replaces: tuple[OfferId, ...] = ()


@dataclass(frozen=True, kw_only=True)
class TriedLine:
    """What one asset of a tried offer would be awarded, [n_steps], in the units of its commodity."""

    asset_id: AssetId
    accepted_mw: Series
    price_eur_per_mwh: Series
    make_whole_eur: Decimal


@dataclass(frozen=True, kw_only=True)
class TriedOffer:
    """What a tried offer would be awarded; `why` for lines that would not be accepted in full, with sentences."""

    lines: tuple[TriedLine, ...]
    why: tuple[tuple[Explanation, str], ...]

    @property
    def accepted_mw(self) -> Series:
        """Of all its assets, [n_steps]."""
        return tuple(
            sum(step, Decimal(0)) for step in zip(*(line.accepted_mw for line in self.lines), strict=True)
        )


@dataclass(frozen=True, kw_only=True)
class OfferTrial:
    """The answer of a dry clearing.

    findings : why the market would not take the offers, (code, field, sentence); then nothing was cleared
    reason : why there is no expectation although they would be taken, else empty
    offers : in the order asked; revenue_eur : what all of them would be paid together
    """

    findings: tuple[tuple[str, str, str], ...] = ()
    reason: str = ""
    offers: tuple[TriedOffer, ...] = ()
    revenue_eur: Decimal | None = None


@dataclass(frozen=True, kw_only=True)
class TryOffers(Query[OfferTrial]):
    """A dry clearing of own offers of one session beside own standing offers and published requests; what rivals
    have offered is not in it. `asker` names where the question comes from: a later one from there replaces it."""

    offers: tuple[SubmitOffer, ...]
    replaces: tuple[OfferId, ...] = ()
    asker: str = ""


@dataclass(frozen=True, kw_only=True)
class Trial:
    """A dry clearing that is ready to be solved, outside of any transaction."""

    session: MarketSession
    tried: tuple[FlexOffer, ...]
    asker: str
    inputs: bytes
