"""The catalogue as it is searched and compared."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal

from app.queries.market_place.requests import of_asker
from app.queries.models import place as q
from domain.errors import refuse
from domain.ids import PartyId, ServiceDescriptionId, ServiceOfferId, ServiceRequestId
from domain.marketplace.areas import ServedArea
from domain.marketplace.companies import Company
from domain.marketplace.offers import ServiceOffer, ServiceOfferState, countries_of
from domain.marketplace.registrations import Registration, RegistrationState
from domain.marketplace.requests import Proposal
from domain.marketplace.services import ServiceDescription
from domain.parties import Principal, Role
from domain.ports import UnitOfWork

LONGEST_SEARCH = 200
COMPARED = range(2, 7)


def search(uow: UnitOfWork, principal: Principal, query: q.SearchServices) -> tuple[q.ServiceOfferRow, ...]:
    """Raises `Refused`: `out_of_range` for a text that is too long, `not_finite` for a price that is no number."""
    if query.most_price_eur is not None and not query.most_price_eur.is_finite():
        raise refuse("not_finite", "most_price_eur", "Give a price in EUR.")
    if len(query.text) > LONGEST_SEARCH:
        raise refuse("out_of_range", "text", f"At most {LONGEST_SEARCH} characters are searched for.")
    words = tuple(query.text.casefold().split())
    rows = (row for row in visible(uow, principal, query.own) if _of_kind(row, query) and _has(row, words))
    found = [row for row in (_fitted(row, query) for row in rows) if row.fitting]
    found.sort(key=lambda row: (row.offer.changed_at, row.offer.id), reverse=True)
    return tuple(found)


def get(uow: UnitOfWork, principal: Principal, query: q.GetServiceOffer) -> q.ServiceOfferRow:
    """Raises `Refused`: `not_found`."""
    (row,) = _these(uow, principal, (query.offer_id,))
    return row


def _these(
    uow: UnitOfWork, principal: Principal, offer_ids: Sequence[ServiceOfferId]
) -> tuple[q.ServiceOfferRow, ...]:
    """In their order. Raises `Refused`: `not_found` for one that is not to be seen."""
    found = {row.offer.id: row for row in visible(uow, principal, own=True)}
    if not found.keys() >= set(offer_ids):
        raise refuse("not_found", "offer_id", "There is no such offer, or it is not yours to see.")
    return tuple(_fitted(found[offer_id], q.SearchServices()) for offer_id in offer_ids)


def visible(uow: UnitOfWork, principal: Principal, own: bool) -> Iterable[q.ServiceOfferRow]:
    """What somebody may see of the catalogue; the operator all of it."""
    registrations: Mapping[PartyId, Registration] = {one.id: one for one in uow.find(Registration)}
    names = {company.id: company.name for company in uow.find(Company)}
    areas = {area.id: area for area in uow.find(ServedArea)}
    asked = _asked(uow, principal)
    for offer in uow.find(ServiceOffer):
        provider = registrations[offer.provider_id]
        public = offer.state is ServiceOfferState.PUBLISHED and provider.state is RegistrationState.CERTIFIED
        mine = offer.provider_id == principal.party_id
        if public or (own and mine) or principal.role is Role.PLACE_OPERATOR:
            yield q.ServiceOfferRow(
                offer=offer,
                provider_name=names[provider.company_id],
                player_role=provider.player_role,
                countries=_countries(offer, areas.get(offer.provider_id)),
                own=mine,
                visible=public,
                fitting=(),
                asked_by={one.id: tuple(asked[one.id]) for one in offer.descriptions if one.id in asked},
            )


Asked = dict[ServiceDescriptionId, dict[ServiceRequestId, None]]


def _asked(uow: UnitOfWork, principal: Principal) -> Asked:
    """The requests in the reader's proposals by the descriptions that they ask for, each once, in their order."""
    asked: Asked = {}
    for proposal in sorted(of_asker(uow, principal, Proposal), key=lambda one: (one.asked_at, one.id)):
        for line in proposal.lines:
            asked.setdefault(line.description_id, {})[proposal.request_id] = None
    return asked


def _countries(offer: ServiceOffer, area: ServedArea | None) -> tuple[str, ...]:
    """Those that its descriptions name; where one names none, those that the provider serves, too."""
    named = {country for description in offer.descriptions for country in countries_of(description)}
    if area is not None and any(not description.localisation for description in offer.descriptions):
        named |= set(area.countries)
    return tuple(sorted(named))


def _of_kind(row: q.ServiceOfferRow, query: q.SearchServices) -> bool:
    offer = row.offer
    return (
        query.environment in (None, offer.environment)
        and query.service_type in (None, offer.service_type)
        and query.provider_id in (None, offer.provider_id)
        and (query.most_price_eur is None or offer.terms.price_eur <= query.most_price_eur)
    )


def _has(row: q.ServiceOfferRow, words: tuple[str, ...]) -> bool:
    if not words:
        return True
    offer = row.offer
    said = [row.provider_name, offer.title, offer.text, offer.service_type.value, offer.terms.conditions]
    for description in offer.descriptions:
        said += [description.short_description, description.usage_details, *description.localisation]
    text = "\n".join(said).casefold()
    return all(word in text for word in words)


_FIELDS = (
    "quantity",
    "aggregation_level",
    "aggregation_method",
    "time_step",
    "consent_mandatory",
    "near_real_time",
)


def _fitted(row: q.ServiceOfferRow, query: q.SearchServices) -> q.ServiceOfferRow:
    wanted = {name: getattr(query, name) for name in _FIELDS if getattr(query, name) is not None}
    fitting = tuple(
        description.id
        for description in row.offer.descriptions
        if all(getattr(description, name) == value for name, value in wanted.items())
        and (query.country is None or query.country in (countries_of(description) or row.countries))
    )
    return q.ServiceOfferRow(**vars(row) | {"fitting": fitting})


Say = Callable[[q.ServiceOfferRow], str]


def _each(name: str) -> Say:
    """What the descriptions of an offer say to a field, each different answer once."""

    def say(row: q.ServiceOfferRow) -> str:
        return "; ".join(dict.fromkeys(_word(getattr(one, name)) for one in row.offer.descriptions))

    return say


def _word(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, tuple):
        return ", ".join(map(str, value)) or "everywhere it serves"
    return str(value)


def _period(row: q.ServiceOfferRow) -> str:
    return "; ".join(dict.fromkeys(_period_of(one) for one in row.offer.descriptions))


def _period_of(description: ServiceDescription) -> str:
    start, end = description.period_start, description.period_end
    if start is None and end is None:
        return "open"
    first, last = (f"{at:%Y-%m-%d}" if at is not None else "open" for at in (start, end))
    return f"{first} to {last}"


LINES: Mapping[str, Say] = {
    "Provider": lambda row: row.provider_name,
    "Role": lambda row: row.player_role.value,
    "Environment": lambda row: row.offer.environment.value,
    "Service": lambda row: row.offer.service_type.value,
    "Descriptions": _each("short_description"),
    "Quantity": _each("quantity"),
    "Aggregation level": _each("aggregation_level"),
    "Aggregation method": _each("aggregation_method"),
    "Time step": _each("time_step"),
    "Period": _period,
    "Places": _each("localisation"),
    "Consent needed": _each("consent_mandatory"),
    "Near real time": _each("near_real_time"),
    "Price, EUR a month": lambda row: format(row.offer.terms.price_eur, "f"),
    "Longest delay, minutes": lambda row: str(row.offer.terms.max_delay_minutes),
    "In time, share": lambda row: format(row.offer.terms.availability_share, "f"),
    "Interim message, hours": lambda row: str(row.offer.terms.interim_hours),
    "Conditions": lambda row: row.offer.terms.conditions,
}


def compare(uow: UnitOfWork, principal: Principal, query: q.CompareServices) -> q.ServiceComparison:
    """Raises `Refused`: `out_of_range` for too few or many, `duplicate`, `not_found`."""
    if len(query.offer_ids) not in COMPARED:
        sentence = f"{len(query.offer_ids)} offers; {COMPARED[0]} to {COMPARED[-1]} are compared."
        raise refuse("out_of_range", "offer_ids", sentence)
    if len(set(query.offer_ids)) < len(query.offer_ids):
        raise refuse("duplicate", "offer_ids", "An offer is named twice.")
    rows = _these(uow, principal, query.offer_ids)
    said = ((name, tuple(say(row) for row in rows)) for name, say in LINES.items())
    lines = (q.ComparisonLine(name=name, values=values, differs=len(set(values)) > 1) for name, values in said)
    return q.ServiceComparison(offers=rows, lines=tuple(lines))
