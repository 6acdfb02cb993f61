"""DSO localisation (document 001): who serves which PoD or place. A query: nothing of the list is kept."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from app.queries.models import place as q
from domain.errors import Finding, raise_if
from domain.flexibility.zones import Corner, degree_findings
from domain.ids import PartyId
from domain.marketplace.areas import (
    By,
    MatchedBy,
    Place,
    ServedArea,
    match_places,
    match_pods,
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
    texts = [pod_text(pod) for pod in query.pods]
    pods = _located(providers, [match_pods(area, texts) for *_, area in providers], len(texts))
    by_place = [match_places(area, query.places) for *_, area in providers]
    places = _located(providers, by_place, len(query.places))
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


def _located(providers: Sequence[Provider], by: Sequence[By], n: int) -> tuple[q.Located, ...]:
    """by : of each provider, by what it serves each of `n` PoDs or places"""
    found: list[list[q.Match]] = [[] for _ in range(n)]
    for (registration, name, _), matched in zip(providers, by, strict=True):
        for position, how in enumerate(matched):
            if how is not None:
                match = q.Match(
                    registration_id=registration.id,
                    company_name=name,
                    player_role=registration.player_role,
                    by=how,
                )
                found[position].append(match)
    for matches in found:
        matches.sort(key=lambda match: (_ORDER.index(match.by), match.company_name, match.registration_id))
    return tuple(q.Located(position=k, matches=tuple(matches)) for k, matches in enumerate(found))


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
