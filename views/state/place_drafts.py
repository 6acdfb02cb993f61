"""Services as they are typed: of an offer's editor and of a request's wish list. Pure; no command is made here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from domain.errors import Finding, Refused
from domain.ids import ServiceDescriptionId, ServiceOfferId
from domain.marketplace.services import ServiceDescription, ServiceTerms
from domain.marketplace.words import AggregationLevel, AggregationMethod, Quantity, ServiceType, TimeStep
from domain.time import MARKET_ZONE
from views.state.dso_drafts import parse_decimal
from views.state.place_words import capital, places_words, words

_INSTANT = timedelta(microseconds=1)
_PERCENT = Decimal(100)


@dataclass(frozen=True, kw_only=True)
class DescriptionDraft:
    """One service as typed. `first_day`, `last_day`: both covered, None where open; `places`: by commas."""

    id: str = ""
    offer_id: str = ""
    service_type: str = ServiceType.INDIVIDUAL_DATA.value
    short_description: str = ""
    usage_details: str = ""
    aggregation_level: str = AggregationLevel.NONE.value
    aggregation_method: str = AggregationMethod.NONE.value
    quantity: str = Quantity.CONSUMPTION.value
    first_day: date | None = None
    last_day: date | None = None
    places: str = ""
    time_step: str = TimeStep.MINUTES_15.value
    consent_mandatory: bool = True
    near_real_time: bool = False


DRAFT_FIELDS = tuple(field.name for field in fields(DescriptionDraft) if not field.name.endswith("id"))
FIELD_OF: Mapping[str, str] = {
    **{name: name for name in DRAFT_FIELDS},
    "period_start": "first_day",
    "period_end": "last_day",
    "localisation": "places",
}
"""A description's field to the form's."""


def draft_of(one: ServiceDescription) -> DescriptionDraft:
    """Inverse of `description_of`."""
    return DescriptionDraft(
        id=one.id,
        offer_id=one.offer_id or "",
        service_type=one.service_type.value,
        short_description=one.short_description,
        usage_details=one.usage_details,
        aggregation_level=one.aggregation_level.value,
        aggregation_method=one.aggregation_method.value,
        quantity=one.quantity.value,
        first_day=None if one.period_start is None else _day(one.period_start),
        last_day=None if one.period_end is None else _day(one.period_end - _INSTANT),
        places=", ".join(one.localisation),
        time_step=one.time_step.value,
        consent_mandatory=one.consent_mandatory,
        near_real_time=one.near_real_time,
    )


def description_of(draft: DescriptionDraft) -> ServiceDescription:
    """What was typed. Days are whole days on the market's clock; a new description has no id yet."""
    after = None if draft.last_day is None else draft.last_day + timedelta(days=1)
    return ServiceDescription(
        id=ServiceDescriptionId(draft.id),
        offer_id=ServiceOfferId(draft.offer_id) if draft.offer_id else None,
        service_type=ServiceType(draft.service_type),
        short_description=draft.short_description.strip(),
        usage_details=draft.usage_details.strip(),
        aggregation_level=AggregationLevel(draft.aggregation_level),
        aggregation_method=AggregationMethod(draft.aggregation_method),
        quantity=Quantity(draft.quantity),
        period_start=midnight(draft.first_day),
        period_end=midnight(after),
        localisation=split(draft.places),
        time_step=TimeStep(draft.time_step),
        consent_mandatory=draft.consent_mandatory,
        near_real_time=draft.near_real_time,
    )


def split(text: str) -> tuple[str, ...]:
    """What stands between commas, semicolons and line ends, without blanks around."""
    parts = text.replace(";", ",").replace("\n", ",").split(",")
    return tuple(part.strip() for part in parts if part.strip())


def draft_record(index: int, draft: DescriptionDraft) -> dict[str, Any]:
    """A draft's row in the editor's book."""
    return {
        "id": str(index),
        "n": str(index + 1),
        "what": draft.short_description or "Not described yet",
        "quantity": capital(draft.quantity),
        "step": words(TimeStep(draft.time_step)),
        "places": places_words(split(draft.places)),
    }


def by_draft(
    findings: Iterable[Finding], rules: Mapping[str, str], within: str = "descriptions"
) -> tuple[dict[int, list[tuple[str, str]]], list[tuple[str, str]]]:
    """Findings of single descriptions, (field of the form, sentence) by index, and those of the rest of the form.

    rules : the rest's fields, as of `views.state.spans.by_field`
    """
    single: dict[int, list[tuple[str, str]]] = {}
    rest: list[tuple[str, str]] = []
    for finding in findings:
        head, _, tail = finding.field.partition("].")
        index = head.removeprefix(f"{within}[")
        if tail and head != index and index.isdigit():
            name = tail.partition("[")[0]
            single.setdefault(int(index), []).append((FIELD_OF.get(name, ""), finding.sentence))
        else:
            named = max((start for start in rules if finding.field.startswith(start)), key=len, default="")
            rest.append((rules.get(named, ""), finding.sentence))
    return single, rest


@dataclass(frozen=True, kw_only=True)
class TermsDraft:
    """A provider's terms as typed. `share_percent` of deliveries in time."""

    price_eur: str = "0"
    max_delay_minutes: str = "1440"
    share_percent: str = "95"
    interim_hours: str = "24"
    conditions: str = ""


TERMS_FIELD_OF: Mapping[str, str] = {
    "price_eur": "price_eur",
    "max_delay_minutes": "max_delay_minutes",
    "availability_share": "share_percent",
    "interim_hours": "interim_hours",
    "conditions": "conditions",
}


def terms_draft(terms: ServiceTerms) -> TermsDraft:
    """Inverse of `terms_of`."""
    return TermsDraft(
        price_eur=f"{terms.price_eur:f}",
        max_delay_minutes=str(terms.max_delay_minutes),
        share_percent=plain(terms.availability_share * _PERCENT),
        interim_hours=str(terms.interim_hours),
        conditions=terms.conditions,
    )


def terms_of(draft: TermsDraft, within: str = "terms") -> ServiceTerms:
    """The terms. Raises `Refused` with every field that cannot be read, each under `within`."""
    findings: list[Finding] = []
    read: dict[str, Decimal] = {}
    for name, typed in (
        ("price_eur", draft.price_eur),
        ("max_delay_minutes", draft.max_delay_minutes),
        ("availability_share", draft.share_percent),
        ("interim_hours", draft.interim_hours),
    ):
        try:
            read[name] = parse_decimal(typed, f"{within}.{name}", "a number")
        except Refused as refused:
            findings += refused.findings
    findings += _not_whole(read, ("max_delay_minutes", "interim_hours"), within)
    if findings:
        raise Refused(findings)
    return ServiceTerms(
        price_eur=read["price_eur"],
        max_delay_minutes=int(read["max_delay_minutes"]),
        availability_share=read["availability_share"] / _PERCENT,
        interim_hours=int(read["interim_hours"]),
        conditions=draft.conditions.strip(),
    )


def plain(value: Decimal) -> str:
    """A number without trailing zeros."""
    written = f"{value:f}"
    return written.rstrip("0").rstrip(".") if "." in written else written


def _not_whole(read: Mapping[str, Decimal], names: Sequence[str], within: str) -> list[Finding]:
    sentence = "Write a whole number."
    return [
        Finding(code="malformed", field=f"{within}.{name}", sentence=sentence)
        for name in names
        if name in read and (read[name] % 1 or abs(read[name]) > 10**9)
    ]


def midnight(day: date | None) -> datetime | None:
    return None if day is None else datetime.combine(day, time.min, MARKET_ZONE).astimezone(UTC)


def _day(instant: datetime) -> date:
    return instant.astimezone(MARKET_ZONE).date()
