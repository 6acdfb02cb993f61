"""Reads the composer's form: the offer as it stands, or all that is wrong with it at once."""

from __future__ import annotations

from app.queries.models import SessionRow
from domain.errors import Finding, Refused, refuse
from domain.ids import OfferId
from domain.units import Series
from views.pages.supply_compose_terms import Terms
from views.state.supply_composer import Composition, ReactiveShare
from views.state.supply_desk import Bench


def read_offer(
    terms: Terms,
    row: SessionRow | None,
    seen: Bench | None,
    quantity_mw: Series,
    price_eur_per_mwh: Series,
    replaces: tuple[OfferId, ...],
) -> Composition:
    """The offer of these quantities, with the form's price where it has one for all, else with these prices.

    Raises:
        Refused: all that cannot be read; `gate_closed` when no session is open.
    """
    if row is None or seen is None:
        raise refuse("gate_closed", "session_id", "No session is open for offers.")
    found: list[Finding] = []
    read = []
    readings = (
        lambda: priced(terms, quantity_mw, price_eur_per_mwh),
        terms.read,
        lambda: _share(terms, seen),
    )
    for reading in readings:
        try:
            read.append(reading())
        except Refused as refused:
            found += refused.findings
    if found:
        raise Refused(found)
    price, offer_terms, reactive = read
    return Composition(
        session_id=row.session.id,
        asset_ids=seen.asset_ids,  # type: ignore[arg-type]
        left_mw=seen.left_mw,
        commodity=seen.commodity,
        direction=seen.direction,
        quantity_mw=quantity_mw,
        price_eur_per_mwh=price,
        terms=offer_terms,
        reactive=reactive,
        replaces=replaces,
    )


def priced(terms: Terms, quantity_mw: Series, price_eur_per_mwh: Series) -> Series:
    """The price of each step. Raises `Refused` when the one for all cannot be read."""
    return (terms.typed_price(),) * len(quantity_mw) if terms.one_price else price_eur_per_mwh


def _share(terms: Terms, seen: Bench) -> ReactiveShare | None:
    entered = terms.read_share()
    if entered is None:
        return None
    return ReactiveShare(share=entered[0], price_eur_per_mvarh=entered[1], left_mvar=seen.left_mvar)
