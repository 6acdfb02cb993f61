"""The offer being composed: assets, quarter hours, quantity, price; and the exact command it becomes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal

from domain.commands import PlaceOffers, SubmitOffer
from domain.errors import refuse
from domain.flexibility.assets import Direction
from domain.flexibility.commodity import Commodity
from domain.flexibility.market import FlexRequest, OfferLine
from domain.flexibility.terms import NO_TERMS, OfferTerms
from domain.ids import AssetId, OfferId, SessionId
from domain.lifecycle import RequestState
from domain.units import CENT, WATT, Series, cents, energy_mwh

ZERO = Decimal(0)


def add(series: Sequence[Series], n_steps: int) -> Series:
    """Sum per step; zeros without series."""
    return tuple(sum((values[k] for values in series), ZERO) for k in range(n_steps))


def left_to_offer(headroom_mw: Series, offered_mw: Series) -> Series:
    """What own submitted offers leave of the headroom, [n_steps], MW, never below zero."""
    return tuple(max(ZERO, room - taken) for room, taken in zip(headroom_mw, offered_mw, strict=True))


def split(total_mw: Series, left_mw: Sequence[Series]) -> tuple[Series, ...]:
    """The total per step, shared in proportion to what each asset has left, in whole watts that add up exactly.

    The remainder of rounding goes to the assets in order, one watt each, where they have room. A step in which no
    asset has anything left goes to the first asset, so that the market's own check says so.

    total_mw : [n_steps], MW; left_mw : [n_assets] of [n_steps], MW
    """
    shares: list[list[Decimal]] = [[] for _ in left_mw]
    for step, total in enumerate(total_mw):
        for share, part in zip(shares, _split_step(total, [left[step] for left in left_mw]), strict=True):
            share.append(part)
    return tuple(tuple(share) for share in shares)


def _split_step(total: Decimal, left: Sequence[Decimal]) -> list[Decimal]:
    room = sum(left, ZERO)
    if room == 0:
        return [total, *([ZERO] * (len(left) - 1))]
    parts = [(total * most / room).quantize(WATT, rounding=ROUND_DOWN) for most in left]
    rest = total - sum(parts, ZERO)
    for k, most in enumerate(left):
        extra = min(WATT, rest)
        if extra > 0 and (parts[k] + extra <= most or total > room):
            parts[k] += extra
            rest -= extra
    parts[0] += rest
    return parts


def fill(quantity_mw: Series, first: int, last: int, value_mw: Decimal) -> Series:
    """The series with one value from `first` to `last`, both included; the rest as it was."""
    return tuple(value_mw if first <= k <= last else q for k, q in enumerate(quantity_mw))


def fill_with(quantity_mw: Series, first: int, last: int, values_mw: Series) -> Series:
    """The series with another's values from `first` to `last`, both included; the rest as it was."""
    return tuple(values_mw[k] if first <= k <= last else q for k, q in enumerate(quantity_mw))


def in_watts(values: Sequence[float]) -> Series:
    """Figures drawn or typed in a table as exact whole watts, none below zero."""
    return tuple(max(ZERO, Decimal(repr(float(v))).quantize(WATT)) for v in values)


def in_cents(values: Sequence[float]) -> Series:
    """Prices drawn on a chart, exact to the cent."""
    return tuple(Decimal(repr(float(v))).quantize(CENT) for v in values)


def at_most(price_eur_per_mwh: Series, highest: Decimal) -> Series:
    """The smallest change that meets a price that would have been accepted: no quarter hour dearer than it."""
    return tuple(min(value, highest) for value in price_eur_per_mwh)


def near(
    requests: Sequence[FlexRequest], commodity: Commodity, direction: Direction, buses: frozenset[str]
) -> list[FlexRequest]:
    """Open requests of this commodity and direction that name one of the buses."""
    kind = (commodity, direction)
    alike = [r for r in requests if r.state is RequestState.PUBLISHED and (r.commodity, r.direction) == kind]
    return [r for r in alike if buses & set(r.buses)]


@dataclass(frozen=True, kw_only=True)
class ReactiveShare:
    """A part of the reactive power that the assets' ratings leave, offered beside active power at its own price.

    share : 0..1; left_mvar : per asset, [n_assets] of [n_steps], in the direction of the offer
    """

    share: Decimal
    price_eur_per_mvarh: Decimal
    left_mvar: tuple[Series, ...]

    def quantities(self, offered_mw: Series) -> tuple[Series, ...]:
        """Mvar per asset in the quarter hours in which active power is offered, whole watts, rounded down."""
        return tuple(
            tuple(
                (self.share * most).quantize(WATT, rounding=ROUND_DOWN) if p_mw else ZERO
                for most, p_mw in zip(left, offered_mw, strict=True)
            )
            for left in self.left_mvar
        )


@dataclass(frozen=True, kw_only=True)
class Composition:
    """An offer as composed, in the units of its commodity. `left_mw`: what each asset has left, [n_assets] of
    [n_steps]; `replaces`: own offers that it takes the place of."""

    session_id: SessionId
    asset_ids: tuple[AssetId, ...]
    left_mw: tuple[Series, ...]
    commodity: Commodity
    direction: Direction
    quantity_mw: Series
    price_eur_per_mwh: Series
    terms: OfferTerms = NO_TERMS
    reactive: ReactiveShare | None = None
    replaces: tuple[OfferId, ...] = ()

    def offers(self) -> tuple[SubmitOffer, ...]:
        """The offer, and the reactive share as a second one; assets without a part are left out.

        Raises:
            Refused: `missing` without assets, `zero_quantity` without any quantity.
        """
        if not self.asset_ids:
            raise refuse("missing", "lines", "Choose at least one confirmed asset.")
        if not any(self.quantity_mw):
            raise refuse("zero_quantity", "quantity_mw", "Give a quantity in at least one quarter hour.")
        shares = split(self.quantity_mw, self.left_mw)
        active = self._offer(self.commodity, shares, self.price_eur_per_mwh, self.terms)
        return (active, *self._reactive())

    def _reactive(self) -> tuple[SubmitOffer, ...]:
        if self.reactive is None:
            return ()
        quantities = self.reactive.quantities(self.quantity_mw)
        if not any(map(any, quantities)):
            sentence = "The assets' ratings leave no reactive power in these quarter hours; set the share to zero."
            raise refuse("zero_quantity", "reactive_share", sentence)
        price = (self.reactive.price_eur_per_mvarh,) * len(self.quantity_mw)
        return (self._offer(Commodity.Q, quantities, price, NO_TERMS),)

    def _offer(
        self, commodity: Commodity, shares: Sequence[Series], price: Series, terms: OfferTerms
    ) -> SubmitOffer:
        lines = tuple(
            OfferLine(asset_id=asset_id, quantity_mw=share)
            for asset_id, share in zip(self.asset_ids, shares, strict=True)
            if any(share)
        )
        return SubmitOffer(
            session_id=self.session_id,
            direction=self.direction,
            lines=lines,
            price_eur_per_mwh=price,
            commodity=commodity,
            terms=terms,
        )

    def command(self) -> SubmitOffer | PlaceOffers:
        """What sends it. Raises `Refused` as `offers`."""
        offers = self.offers()
        if len(offers) == 1 and not self.replaces:
            return offers[0]
        return PlaceOffers(offers=offers, replaces=self.replaces)

    @property
    def used_prices(self) -> Series:
        """Prices of the quarter hours in which something is offered."""
        pairs = zip(self.quantity_mw, self.price_eur_per_mwh, strict=True)
        return tuple(price for quantity, price in pairs if quantity)

    @property
    def energy_mwh(self) -> Decimal:
        return energy_mwh(self.quantity_mw)

    @property
    def revenue_eur(self) -> Decimal:
        """What full acceptance would pay at the offered prices, in cents."""
        worth = sum((q * c for q, c in zip(self.quantity_mw, self.price_eur_per_mwh, strict=True)), ZERO)
        if self.reactive is not None:
            volume = sum((sum(q, ZERO) for q in self.reactive.quantities(self.quantity_mw)), ZERO)
            worth += volume * self.reactive.price_eur_per_mvarh
        return cents(worth / 4)
