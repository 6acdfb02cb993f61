"""Subscriptions as the market place told them, in a page's words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import param

from app.queries.models.platform import SubscriptionView
from domain.marketplace.services import ServiceDescription
from domain.marketplace.words import AggregationLevel, TimeStep
from domain.platform.subscriptions import SubscriptionStanding
from views.state.common import MISSING, local, number, utc

STEP_WORDS = {
    TimeStep.MINUTES_10: "10 minutes",
    TimeStep.MINUTES_15: "quarter hours",
    TimeStep.MINUTES_30: "half hours",
    TimeStep.HOUR: "hours",
    TimeStep.DAY: "days",
}


class SubscriptionsState(param.Parameterized):
    """What the address keeps."""

    subscription = param.String(default="")


def state_of(view: SubscriptionView) -> str:
    """Whether it counts: active, not begun yet, over, or cancelled."""
    if view.state is SubscriptionStanding.CANCELED:
        return "cancelled"
    return "active" if view.in_force else "not in force"


def record(view: SubscriptionView) -> dict[str, Any]:
    content = view.content
    return {
        "id": content.id,
        "state": state_of(view),
        "peer": view.peer,
        "services": "; ".join(each.short_description for each in content.descriptions),
        "environment": content.environment.value,
        "starts": local(content.starts_at, "%d %b %Y"),
        "starts_utc": utc(content.starts_at),
        "ends": local(content.ends_at, "%d %b %Y") if content.ends_at else "open",
        "ends_utc": utc(content.ends_at) if content.ends_at else "no end",
    }


def chosen(views: Sequence[SubscriptionView], id: str) -> SubscriptionView | None:
    """The one of this id, else the first that is in force, else the first."""
    named = next((view for view in views if view.content.id == id), None)
    return named or next((view for view in views if view.in_force), views[0] if views else None)


def service_record(service: ServiceDescription) -> dict[str, Any]:
    return {
        "id": service.id,
        "type": service.service_type.value,
        "what": service.short_description,
        "quantity": service.quantity.value,
        "step": STEP_WORDS[service.time_step],
        "level": aggregate_words(service),
        "consent": "needed" if service.consent_mandatory else "not needed",
        "where": ", ".join(service.localisation) or MISSING,
    }


def aggregate_words(service: ServiceDescription) -> str:
    """`each point` or such as `sum of a city`."""
    if service.aggregation_level is AggregationLevel.NONE:
        return "each point"
    level = service.aggregation_level.value
    return f"{service.aggregation_method.value} of a {level}"


def facts(view: SubscriptionView) -> list[tuple[str, str]]:
    """What is agreed, as (what, words)."""
    content, terms = view.content, view.content.terms
    lines = [
        ("Subscription", content.id),
        ("Provider", content.provider.name),
        ("Requester", content.requester.name),
        ("Environment", content.environment.value),
        ("Validated", local(content.validated_at, "%d %b %Y %H:%M")),
        ("In force", f"{local(content.starts_at, '%d %b %Y %H:%M')} to {_end(view)}"),
        ("Data", content.data_details or MISSING),
        ("Processing", content.processing_details or MISSING),
        ("Price", f"{number(terms.price_eur)} EUR a month"),
        ("Delivered within", f"{terms.max_delay_minutes:,} minutes of a period's end"),
        ("In time", f"{number(terms.availability_share * 100, 1)} % of deliveries"),
        ("Reports", f"every {terms.interim_hours} hours"),
        ("Conditions", terms.conditions or MISSING),
    ]
    if view.state is SubscriptionStanding.CANCELED:
        at = local(view.canceled_at, "%d %b %Y %H:%M") if view.canceled_at else MISSING
        lines.insert(1, ("Cancelled", f"{at}. {view.reason}".strip()))
    return lines


def _end(view: SubscriptionView) -> str:
    ends = view.content.ends_at
    return local(ends, "%d %b %Y %H:%M") if ends else "an open end"
