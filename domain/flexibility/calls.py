"""Direct calls: what a DSO takes of an offer by itself, beside the clearing (InterFlex D3.5, sections 3.2, 3.3).

Power is signed where it is called `power_mw` (up positive) and in the unit of its commodity, as everywhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from itertools import groupby

from domain.flexibility.assets import Direction
from domain.flexibility.commodity import Commodity
from domain.flexibility.contracts import HOURS
from domain.flexibility.market import Activation, Award, OfferLine
from domain.ids import ActivationId, AwardId, CallId, OfferId, PartyId, RegionId, SessionId
from domain.lifecycle import ActivationState
from domain.units import Series, cents, total

ZERO = Decimal(0)


@dataclass(frozen=True, kw_only=True)
class CallTerms:
    """An offer that the region's DSO may see and call by itself until `until`; `id` is the offer's.

    `place`: where it was offered, in the words of who offered; `granularity_mw`: calls are multiples of it (0: of
    anything); `ended`: its owner has been told that the time is over.
    """

    id: OfferId
    session_id: SessionId
    region_id: RegionId
    party_id: PartyId
    place: str
    until: datetime
    granularity_mw: Decimal
    flex_type: str
    ended: bool = False
    version: int = 0


@dataclass(frozen=True, kw_only=True)
class Decline:
    """Somebody has no flexibility for a place and time, and says so (D3.5, finding 002)."""

    id: OfferId
    party_id: PartyId
    session_id: SessionId
    region_id: RegionId
    place: str
    commodity: Commodity
    starts_at: datetime
    ends_at: datetime
    until: datetime
    declined_at: datetime
    flex_type: str
    version: int = 0


@dataclass(frozen=True, kw_only=True)
class Run:
    """Quarter hours `first` to `last` - 1 with the same values."""

    first: int
    last: int
    values: tuple[Decimal, ...]


def runs(quantity: Series, *others: Series) -> Iterator[Run]:
    """The stretches of a series, and of others beside it, over which nothing changes and the first is not zero."""
    step = 0
    for values, same in groupby(zip(quantity, *others, strict=True)):
        n_steps = len(list(same))
        if values[0]:
            yield Run(first=step, last=step + n_steps, values=values)
        step += n_steps


def signed_mw(power_mw: Decimal, direction: Direction) -> Decimal:
    return power_mw if direction is Direction.UP else -power_mw


def block(quantity_mw: Decimal, first: int, last: int, n_steps: int) -> Series:
    """The quantity in the quarter hours `first` to `last` - 1 of a day, zero elsewhere."""
    return tuple(quantity_mw if first <= step < last else ZERO for step in range(n_steps))


def drawn(lines: Sequence[OfferLine], asked_mw: Series) -> tuple[OfferLine, ...] | None:
    """What is asked, taken from the lines in their order; None where together they hold less."""
    left = list(asked_mw)
    parts = []
    for line in lines:
        part = tuple(min(q, rest) for q, rest in zip(line.quantity_mw, left, strict=True))
        left = [rest - q for rest, q in zip(left, part, strict=True)]
        if any(part):
            parts.append(replace(line, quantity_mw=part))
    return None if any(left) else tuple(parts)


def without(lines: Sequence[OfferLine], parts: Sequence[OfferLine]) -> tuple[OfferLine, ...]:
    """The lines less what was taken of them."""
    return _changed(lines, parts, -1)


def with_again(lines: Sequence[OfferLine], parts: Sequence[OfferLine]) -> tuple[OfferLine, ...]:
    """The lines with what was given back."""
    return _changed(lines, parts, 1)


def _changed(lines: Sequence[OfferLine], parts: Sequence[OfferLine], sign: int) -> tuple[OfferLine, ...]:
    more = {part.asset_id: part.quantity_mw for part in parts}
    return tuple(
        replace(
            line,
            quantity_mw=tuple(q + sign * m for q, m in zip(line.quantity_mw, more[line.asset_id], strict=True)),
        )
        if line.asset_id in more
        else line
        for line in lines
    )


def worth_eur(quantity_mw: Series, price_eur_per_mwh: Series) -> Decimal:
    """What a quantity costs at a price, to the cent."""
    return cents(total([q * p * HOURS for q, p in zip(quantity_mw, price_eur_per_mwh, strict=True)]))


def call_of(award: Award, activation_id: ActivationId, call_id: CallId) -> Activation:
    """The call of a whole award, as the market makes it."""
    return Activation(
        id=activation_id,
        award_id=award.id,
        session_id=award.session_id,
        region_id=award.region_id,
        party_id=award.party_id,
        asset_id=award.asset_id,
        p_mw=called_mw(award),
        commodity=award.commodity,
        call_id=call_id,
    )


def called_mw(award: Award) -> Series:
    """The change that an award is called for, [n_steps], up positive."""
    return tuple(signed_mw(quantity, award.direction) for quantity in award.accepted_mw)


def uncalled(activations: Iterable[Activation]) -> Mapping[AwardId, Activation]:
    """The market's own calls that nobody has answered or taken over, by award: what the DSO can call of it."""
    waiting = (call for call in activations if call.state is ActivationState.REQUESTED and call.called_at is None)
    return {call.award_id: call for call in waiting}


def by_call(activations: Iterable[Activation]) -> Mapping[str, list[Activation]]:
    """Activations by what was called together; each of before there were such calls by itself."""
    return _grouped((call.call_id or call.id, call) for call in activations)


def by_answer(activations: Iterable[Activation]) -> Mapping[str, list[Activation]]:
    """Activations by what was answered together; each of before answers had ids by itself."""
    return _grouped((call.answer_id or call.id, call) for call in activations)


def _grouped(named: Iterable[tuple[str, Activation]]) -> dict[str, list[Activation]]:
    groups: dict[str, list[Activation]] = {}
    for name, activation in named:
        groups.setdefault(name, []).append(activation)
    return groups


def split_award(award: Award, part_mw: Series, part_id: AwardId) -> tuple[Award | None, Award]:
    """An award as what is left of it (None: nothing) and a part; their payments add up to its own, by energy."""
    rest_mw = tuple(q - part for q, part in zip(award.accepted_mw, part_mw, strict=True))
    if not any(rest_mw):
        return None, award
    share = total(part_mw) / total(award.accepted_mw)
    paid, made_whole = cents(award.payment_eur * share), cents(award.make_whole_eur * share)
    part = replace(award, id=part_id, accepted_mw=part_mw, payment_eur=paid, make_whole_eur=made_whole, version=0)
    rest = replace(
        award,
        accepted_mw=rest_mw,
        payment_eur=award.payment_eur - paid,
        make_whole_eur=award.make_whole_eur - made_whole,
    )
    return rest, part
