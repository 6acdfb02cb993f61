"""The general agreement at the market place's level, and the service agreement of a subscription (document 001).

A document is a title and paragraphs with headings; how it is drawn is not decided here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from domain.marketplace.companies import Company
from domain.marketplace.requests import Subscription, SubscriptionState
from domain.marketplace.services import ServiceDescription

GENERAL_VERSION = "1"
"""Whoever accepted another one is asked again before its next subscription."""


@dataclass(frozen=True, kw_only=True)
class Document:
    """`parts`: (heading, text)."""

    name: str
    title: str
    parts: tuple[tuple[str, str], ...]

    @property
    def text(self) -> str:
        """As plain text with line ends."""
        return "\n\n".join([self.title, *(f"{heading}\n{text}" for heading, text in self.parts)]) + "\n"


_GENERAL = (
    (
        "1. Purpose",
        "The market place lets players find each other, agree on services based on metering data, and follow how "
        "these services run. It keeps the catalogue, the subscriptions and notifications of their state.",
    ),
    (
        "2. Data stay with the players",
        "Points of delivery, consents and values are exchanged between the players' platforms alone. The market "
        "place neither asks for them nor keeps them.",
    ),
    (
        "3. Consent",
        "Individual data of a customer are given only while the customer's consent stands where it is mandatory. "
        "A revocation ends the provision at once.",
    ),
    (
        "4. Regulated and unregulated services",
        "Regulated players provide metering data in the regulated environment without discrimination. Services of "
        "the unregulated environment are the parties' own business.",
    ),
    (
        "5. Platforms",
        "Each player runs a platform that answers the market place's interface, passes the integration test, "
        "keeps its keys secret and reports the state of its services.",
    ),
    (
        "6. Ending",
        "A player may cancel a subscription with a reason, and leave the market place. The operator may suspend a "
        "player that breaks this agreement.",
    ),
)


def general_agreement(company: Company | None) -> Document:
    """The text, and that the company accepted it where it did."""
    parts = list(_GENERAL)
    if company is not None and company.agreed_at is not None:
        said = f"{company.name} accepted version {company.agreed_version} on {_time(company.agreed_at)}."
        parts.append(("Acceptance", said))
    return Document(
        name=f"general-agreement-{GENERAL_VERSION}",
        title=f"General agreement of the market place, version {GENERAL_VERSION}",
        parts=tuple(parts),
    )


def service_agreement(subscription: Subscription) -> Document:
    """What provider and requester agreed on (B2B-SRV-SUB); the same subscription gives the same document."""
    return Document(
        name=f"service-agreement-{subscription.id}",
        title=f"Service agreement {subscription.id}",
        parts=tuple(_service_parts(subscription)),
    )


def _service_parts(subscription: Subscription) -> Iterator[tuple[str, str]]:
    content, terms = subscription.content, subscription.content.terms
    provider, requester = content.provider, content.requester
    yield "Provider", f"{provider.name} ({provider.id})"
    yield "Requester", f"{requester.name} ({requester.id})"
    until = "until it is cancelled" if content.ends_at is None else f"to {_time(content.ends_at)}"
    yield "Environment", content.environment.value
    yield "Agreed on", _time(content.validated_at)
    yield "In force", f"from {_time(content.starts_at)} {until}"
    yield "General agreement", f"version {subscription.agreement_version}"
    yield "Data", content.data_details or "-"
    yield "Processing", content.processing_details or "-"
    for number, description in enumerate(content.descriptions, start=1):
        yield f"Service {number}", "\n".join(_described(description))
    yield (
        "Terms",
        f"{terms.price_eur:.2f} EUR a month. Sent at most {terms.max_delay_minutes} minutes after the end of its "
        f"period; {terms.availability_share:%} of all deliveries in time. The provider reports every "
        f"{terms.interim_hours} hours.",
    )
    if terms.conditions:
        yield "Conditions", terms.conditions
    if subscription.state is SubscriptionState.CANCELED and subscription.canceled_at is not None:
        yield "Cancelled", f"on {_time(subscription.canceled_at)}: {subscription.reason}"


def _described(description: ServiceDescription) -> Iterator[str]:
    yield description.short_description
    yield f"{description.service_type.value}; {description.quantity.value}; every {description.time_step.value}"
    yield f"Aggregation: {description.aggregation_level.value}, {description.aggregation_method.value}"
    yield f"Period covered: {_open(description.period_start)} to {_open(description.period_end)}"
    yield f"Delivery: {'near real time, as values come' if description.near_real_time else 'afterwards'}"
    yield f"Places: {', '.join(description.localisation) or 'wherever the provider serves'}"
    yield f"Customers' consent: {'mandatory' if description.consent_mandatory else 'not needed'}"
    if description.usage_details:
        yield description.usage_details


def _open(instant: datetime | None) -> str:
    return "open" if instant is None else _time(instant)


def _time(instant: datetime) -> str:
    return f"{instant:%Y-%m-%d %H:%M} UTC"
