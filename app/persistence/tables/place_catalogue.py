"""Service offers."""

from __future__ import annotations

from app.persistence.columns import enum, instant, key
from app.persistence.columns import text as text_
from app.persistence.registry import entity
from app.persistence.tables.place_enrolment import part, parts
from domain.marketplace.offers import ServiceOffer, ServiceOfferState
from domain.marketplace.services import ServiceDescription, ServiceTerms
from domain.marketplace.words import Environment, ServiceType

entity(
    ServiceOffer,
    "service_offers",
    key(),
    text_("provider_id", references="parties.id"),
    enum("environment", Environment),
    enum("service_type", ServiceType),
    text_("title"),
    text_("text"),
    parts("descriptions", ServiceDescription),
    part("terms", ServiceTerms),
    instant("published_at"),
    instant("changed_at"),
    enum("state", ServiceOfferState),
    index=[["provider_id"], ["state"]],
)
