"""The market place's own page (MKP-DES, MKP-ADD)."""

from __future__ import annotations

from dataclasses import replace

from domain.commands.place import EditPlacePage
from domain.errors import raise_if
from domain.events.place import PlacePageEdited
from domain.marketplace.place import PARTS, PLACE_ID, PlacePage, page_findings
from domain.parties import Principal
from domain.ports import UnitOfWork


def edit_page(uow: UnitOfWork, principal: Principal, command: EditPlacePage) -> PlacePage:
    """Raises `Refused`: findings on each text and address."""
    page = PlacePage(**{part: getattr(command, part).strip() for part in PARTS}, addresses=command.addresses)
    raise_if(page_findings(page))
    before = uow.find(PlacePage, id=PLACE_ID)
    if before:
        uow.save(replace(page, version=before[0].version))
    else:
        uow.add(page)
    uow.record(PlacePageEdited(by=principal.party_id))
    return uow.get(PlacePage, PLACE_ID)
