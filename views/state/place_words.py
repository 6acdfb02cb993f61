"""The market place's services in the words of people: choices of fields, and a service as names and values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any

from domain.marketplace.services import ServiceDescription, ServiceTerms
from domain.marketplace.words import (
    AggregationLevel,
    AggregationMethod,
    CompanyType,
    Environment,
    PlayerRole,
    Quantity,
    ServiceType,
    TimeStep,
)
from views.state.common import MISSING, local, number

STEP_WORDS: Mapping[TimeStep, str] = {
    TimeStep.MINUTES_10: "10 minutes",
    TimeStep.MINUTES_15: "15 minutes",
    TimeStep.MINUTES_30: "30 minutes",
    TimeStep.HOUR: "1 hour",
    TimeStep.DAY: "1 day",
}
LEVEL_WORDS: Mapping[AggregationLevel, str] = {
    AggregationLevel.NONE: "None: each point of delivery",
    AggregationLevel.COUNTRY: "Country",
    AggregationLevel.CITY: "City",
    AggregationLevel.STREET: "Street",
    AggregationLevel.PORTFOLIO: "Portfolio: a list of points of delivery",
}
_WORDS: Mapping[type[StrEnum], Mapping[Any, str]] = {TimeStep: STEP_WORDS, AggregationLevel: LEVEL_WORDS}
"""By kind: a choice is equal to another one of the same value."""
Facts = list[tuple[str, str]]
"""Names and values, in the order shown."""


def words(value: StrEnum) -> str:
    """A choice as shown: its own words, else its value with a capital."""
    return _WORDS.get(type(value), {}).get(value) or capital(value.value)


def capital(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]


def options(values: Iterable[StrEnum], every: str = "") -> dict[str, str]:
    """The choices of a field: label to value; `every` is the label of no choice."""
    return ({every: ""} if every else {}) | {words(value): value.value for value in values}


TYPES = options(ServiceType)
LEVELS = options(AggregationLevel)
METHODS = options(AggregationMethod)
QUANTITIES = options(Quantity)
STEPS = options(TimeStep)
ENVIRONMENTS = options(Environment)
COMPANY_TYPES = options(CompanyType)
PLAYER_ROLES = options(PlayerRole)


def period_words(start: datetime | None, end: datetime | None) -> str:
    """The time covered by data; an open end is said."""
    form = "%d %b %Y"
    if start is None and end is None:
        return "Open"
    since = f"from {local(start, form)}" if start else "open start"
    last = None if end is None else end - timedelta(microseconds=1)
    return f"{since} {f'to {local(last, form)}' if last else 'on'}"


def places_words(localisation: Iterable[str]) -> str:
    return ", ".join(localisation) or "Everywhere"


def short_type(kind: ServiceType) -> str:
    """A service type where there is little room."""
    return capital(kind.value.removesuffix(" provision"))


def consent_words(mandatory: bool) -> str:
    return "Mandatory" if mandatory else "Not needed"


def flow_words(near_real_time: bool) -> str:
    return "Near real time, as values come" if near_real_time else "Historical"


def description_facts(one: ServiceDescription) -> Facts:
    """MKP-SRV-DES in full."""
    return [
        ("Service type", words(one.service_type)),
        ("What it is", one.short_description),
        ("What it needs of its user", one.usage_details or MISSING),
        ("Quantity", f"{words(one.quantity)}, {one.quantity.unit}"),
        ("Time step", words(one.time_step)),
        ("Aggregation level", words(one.aggregation_level)),
        ("Aggregation method", words(one.aggregation_method)),
        ("Period covered", period_words(one.period_start, one.period_end)),
        ("Places", places_words(one.localisation)),
        ("Customer's consent", consent_words(one.consent_mandatory)),
        ("Delivery", flow_words(one.near_real_time)),
    ]


def terms_facts(terms: ServiceTerms) -> Facts:
    """Price and promises."""
    return [
        ("Price", price_words(terms.price_eur)),
        ("Delay, at most", delay_words(terms.max_delay_minutes)),
        ("In time, at least", share_words(terms.availability_share)),
        ("Reports that it runs", every_words(terms.interim_hours)),
        ("Conditions", terms.conditions or MISSING),
    ]


def price_words(price_eur: Decimal) -> str:
    return f"{number(price_eur)} EUR a month" if price_eur else "Free of charge"


def delay_words(minutes: int) -> str:
    """Minutes, or hours and days where they are whole."""
    for size, noun in ((1440, "day"), (60, "hour")):
        if minutes >= size and minutes % size == 0:
            return _plural(minutes // size, noun)
    return _plural(minutes, "minute")


def share_words(share: Decimal) -> str:
    """A share of deliveries in percent without needless decimals."""
    percent = f"{share * 100:f}"
    return f"{percent.rstrip('0').rstrip('.') if '.' in percent else percent} % of deliveries"


def every_words(hours: int) -> str:
    return f"Every {_plural(hours, 'hour')}" if hours != 1 else "Every hour"


def _plural(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"
