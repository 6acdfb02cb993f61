"""DSO localisation (document 001): who serves which PoD or place. A query: nothing of the list is kept."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import partial

from app.queries.models import place as q
from domain.errors import Finding, raise_if
from domain.flexibility.zones import Corner, degree_findings
from domain.ids import PartyId
from domain.marketplace.areas import (
    MatchedBy,
    Place,
    ServedArea,
    matches_place,
    matches_pod,
    pod_findings,
    pod_text,
)
from domain.marketplace.companies import Company, country_findings, postcode_findings
from domain.marketplace.registrations import Registration, RegistrationState
from domain.marketplace.words import ENVIRONMENT
from domain.parties import Principal
from domain.ports import UnitOfWork

MOST = 1000
"""PoDs and places in one question."""
Provider = tuple[Registration, str, ServedArea]


def locate(uow: UnitOfWork, _principal: Principal, query: q.LocateProviders) -> q.Localisation:
    """For each PoD and place the certified providers that serve it, those by PoD pattern first.

    Raises:
        Refused: `out_of_range` for a list that is too long, `missing` for an empty one, findings on each.
    """
    raise_if(_findings(query))
    providers = _providers(uow, query)
    pods = tuple(
        _located(k, providers, partial(matches_pod, pod=pod_text(pod))) for k, pod in enumerate(query.pods)
    )
    places = tuple(
        _located(k, providers, partial(matches_place, place=place)) for k, place in enumerate(query.places)
    )
    return q.Localisation(
        pods=pods,
        places=places,
        unlocated_pods=tuple(one.position for one in pods if not one.matches),
        unlocated_places=tuple(one.position for one in places if not one.matches),
        providers=_summed((*pods, *places)),
    )


def _providers(uow: UnitOfWork, query: q.LocateProviders) -> tuple[Provider, ...]:
    areas = {area.id: area for area in uow.find(ServedArea)}
    names = {company.id: company.name for company in uow.find(Company)}
    return tuple(
        (registration, names[registration.company_id], areas[registration.id])
        for registration in uow.find(Registration, state=RegistrationState.CERTIFIED)
        if registration.id in areas and query.environment in (None, ENVIRONMENT.get(registration.player_role))
    )


_ORDER = tuple(MatchedBy)


def _located(
    position: int, providers: Sequence[Provider], by: Callable[[ServedArea], MatchedBy | None]
) -> q.Located:
    found = []
    for registration, name, area in providers:
        matched = by(area)
        if matched is not None:
            found.append(
                q.Match(
                    registration_id=registration.id,
                    company_name=name,
                    player_role=registration.player_role,
                    by=matched,
                )
            )
    found.sort(key=lambda match: (_ORDER.index(match.by), match.company_name, match.registration_id))
    return q.Located(position=position, matches=tuple(found))


def _summed(located: Iterable[q.Located]) -> tuple[tuple[q.Match, int], ...]:
    first: dict[PartyId, q.Match] = {}
    counts: Counter[PartyId] = Counter()
    for one in located:
        for match in one.matches:
            first.setdefault(match.registration_id, match)
            counts[match.registration_id] += 1
    rows = [(first[key], n) for key, n in counts.items()]
    return tuple(sorted(rows, key=lambda row: (-row[1], row[0].company_name, row[0].registration_id)))


def _findings(query: q.LocateProviders) -> list[Finding]:
    n = len(query.pods) + len(query.places)
    if n > MOST:
        sentence = f"{n} PoDs and places; at most {MOST} are looked for at once."
        return [Finding(code="out_of_range", field="pods", sentence=sentence)]
    if n == 0:
        return [Finding(code="missing", field="pods", sentence="Give PoDs, or places, or both.")]
    found = [finding for k, pod in enumerate(query.pods) for finding in pod_findings(pod, f"pods[{k}]")]
    found += [finding for k, place in enumerate(query.places) for finding in _place_findings(place, k)]
    return found[:20]


def _place_findings(place: Place, k: int) -> list[Finding]:
    field = f"places[{k}]"
    found = []
    if place.country:
        found += country_findings(place.country, f"{field}.country")
    if place.postcode:
        found += postcode_findings(place.postcode, f"{field}.postcode")
        if not place.country:
            sentence = "A postcode needs its country."
            found.append(Finding(code="missing", field=f"{field}.country", sentence=sentence))
    if (place.lon is None) != (place.lat is None):
        sentence = "Give both coordinates, or none."
        found.append(Finding(code="missing", field=f"{field}.lat", sentence=sentence))
    elif place.lon is not None and place.lat is not None:
        found += degree_findings(Corner(lon=place.lon, lat=place.lat), field)
    elif not place.country:
        found.append(Finding(code="missing", field=field, sentence="Give a country, or coordinates."))
    return found
