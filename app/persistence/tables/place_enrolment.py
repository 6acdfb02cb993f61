"""Companies, registrations, served areas and the market place's own page."""

from __future__ import annotations

from functools import partial
from typing import Any

from app.codec import from_data, to_data
from app.persistence.columns import Spec, enum, instant, key, structure
from app.persistence.columns import text as text_
from app.persistence.registry import entity
from domain.marketplace.areas import Polygon, PostcodeArea, ServedArea
from domain.marketplace.companies import Address, Company, CompanyState, Contact, LegalData
from domain.marketplace.place import PlacePage
from domain.marketplace.registrations import Registration, RegistrationState
from domain.marketplace.words import CompanyType, PlayerRole


def part(field: str, kind: type[Any]) -> Spec:
    """A dataclass within an entity, as JSON."""
    return structure(field, field, to_data=to_data, from_data=partial(from_data, kind))


def parts(field: str, kind: type[Any]) -> Spec:
    """Several of them."""
    return structure(
        field,
        field,
        to_data=lambda values: [to_data(value) for value in values],
        from_data=lambda data: tuple(from_data(kind, value) for value in data),
    )


def texts(field: str) -> Spec:
    return structure(field, field, to_data=list, from_data=tuple)


entity(
    Company,
    "companies",
    key(),
    part("legal", LegalData),
    enum("company_type", CompanyType),
    part("contact", Contact),
    part("address", Address),
    instant("applied_at"),
    enum("state", CompanyState),
    text_("reason"),
    text_("agreed_version"),
    instant("agreed_at", nullable=True),
    text_("agreed_by", nullable=True, references="parties.id"),
    index=[["state"]],
)

entity(
    Registration,
    "registrations",
    key(),
    text_("company_id"),
    enum("player_role", PlayerRole),
    text_("account"),
    text_("platform_url"),
    instant("applied_at"),
    enum("state", RegistrationState),
    instant("accepted_at", nullable=True),
    instant("test_asked_at", nullable=True),
    instant("tested_at", nullable=True),
    instant("certified_at", nullable=True),
    text_("test_detail"),
    text_("reason"),
    index=[["company_id"], ["state"]],
)

entity(
    ServedArea,
    "served_areas",
    key(references="parties.id"),
    texts("countries"),
    parts("postcodes", PostcodeArea),
    parts("polygons", Polygon),
    texts("pod_patterns"),
)

entity(
    PlacePage,
    "place_pages",
    key(),
    text_("purpose"),
    text_("stakeholders"),
    text_("legal_information"),
    text_("usage_condition"),
    text_("contact_details"),
    text_("help"),
    texts("addresses"),
)
