"""The market place's own page (MKP-DES, MKP-ADD), and DSO localisation."""

from __future__ import annotations

from fastapi import APIRouter, Response

from app.queries.models import place as q
from app.rest.access import FromCaller, FromServices
from app.rest.market_place import schemas as s
from app.rest.market_place.made import tupled
from app.rest.strict import StrictRoute
from app.rest.tags import FromChanger, tag
from domain.commands.place import EditPlacePage
from domain.marketplace.areas import Place
from domain.marketplace.place import PARTS, PLACE_ID, PlacePage
from domain.parties import SYSTEM

public = APIRouter(route_class=StrictRoute, tags=["market place"])
router = APIRouter(route_class=StrictRoute, tags=["market place"])


@public.get("/place", operation_id="place_page")
def get_page(services: FromServices, response: Response) -> s.PlaceOut:
    """The market place's page (MKP-DES) and addresses (MKP-ADD), for anybody."""
    page = services.desk.query(SYSTEM, q.GetPlacePage())
    tag(response, page.version)
    return s.PlaceOut.model_validate(page)


@router.put("/place", operation_id="place_edit_page")
def edit_page(caller: FromChanger, body: s.PlaceIn) -> s.PlaceOut:
    """Operator: write the page."""
    texts = {part: getattr(body, part) for part in PARTS}
    command = EditPlacePage(**texts, addresses=tuple(body.addresses))
    return s.PlaceOut.model_validate(caller.change(command, PlacePage, unset=0, id=PLACE_ID))


@router.post("/localisations", operation_id="place_locate")
def locate(caller: FromCaller, body: s.LocateIn) -> s.LocalisationOut:
    """Who serves which point of delivery or place (DSO localisation).

    The answer names them by their position in the list; nothing of the list is kept.
    """
    query = q.LocateProviders(
        pods=tuple(body.pods),
        places=tupled(Place, body.places),
        environment=body.environment,
    )
    found = caller.query(query)
    return s.LocalisationOut(
        pods=[s.LocatedOut.model_validate(one) for one in found.pods],
        places=[s.LocatedOut.model_validate(one) for one in found.places],
        unlocated_pods=list(found.unlocated_pods),
        unlocated_places=list(found.unlocated_places),
        providers=[
            s.FoundOut(registration_id=match.registration_id, company_name=match.company_name, n_served=n)
            for match, n in found.providers
        ],
    )
