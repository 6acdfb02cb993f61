"""What a requester asks providers for: customers' consents, and that services are activated."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import param

from app.queries.models.platform import (
    ListAgreements,
    ListConsentAsks,
    ListSubscriptions,
    ListToldConsents,
    SubscriptionView,
)
from domain.commands.platform import AskForConsents, RequestActivation
from domain.errors import Finding, Refused
from domain.ids import PodId, ServiceAgreementId, SubscriptionId
from domain.marketplace.services import ServiceDescription
from domain.marketplace.words import AggregationLevel, PlatformRole, ServiceType
from domain.paging import Slice, falling
from domain.platform.activations import AgreementState, DataSelection, ServiceAgreement
from domain.platform.consents import ConsentAsk, ToldConsent
from domain.time import MARKET_ZONE
from views.state.common import local, utc
from views.state.consent_words import first_day, last_day, midnight
from views.state.door import Door
from views.state.platform_subscriptions import STEP_WORDS, aggregate_words
from views.state.spans import plural

SHOWN = 200
_SEPARATORS = re.compile(r"[\s,;]+")
_DAY = "%d %b %Y"


class AsksState(param.Parameterized):
    """What the address keeps."""

    subscription = param.String(default="")
    ask = param.String(default="")


@dataclass(frozen=True, kw_only=True)
class AsksFacts:
    """Subscriptions in force as requester; what was asked, consents that it was told of, agreements in force."""

    subscriptions: tuple[SubscriptionView, ...]
    asks: tuple[ConsentAsk, ...]
    told: tuple[ToldConsent, ...]
    agreements: tuple[ServiceAgreement, ...]

    def name(self, subscription_id: str) -> str:
        found = (view.peer for view in self.subscriptions if view.content.id == subscription_id)
        return next(found, subscription_id)

    def service(self, subscription_id: str, description_id: str) -> ServiceDescription | None:
        for view in self.subscriptions:
            if view.content.id == subscription_id:
                return next((each for each in view.content.descriptions if each.id == description_id), None)
        return None

    def refreshable(self, subscription_id: str, description_id: str) -> dict[str, str]:
        """Agreements on a service that a request can replace: words -> id; first of all none."""
        wanted = (subscription_id, description_id)
        return {"a new agreement": ""} | {
            f"these points to {each.id} ({plural(len(each.pod_names), 'point')} until now)": each.id
            for each in self.agreements
            if (each.subscription_id, each.description_id) == wanted
        }

    def offered(self) -> dict[str, tuple[str, str]]:
        """Services that can be asked for: words -> (subscription, description)."""
        return {
            f"{view.peer}: {each.short_description} ({view.content.id}, {each.id})": (view.content.id, each.id)
            for view in self.subscriptions
            if view.in_force
            for each in view.content.descriptions
        }


def asks_facts(door: Door) -> AsksFacts:
    views = tuple(view for view in door.ask(ListSubscriptions()) if view.side is PlatformRole.REQUESTER)
    return AsksFacts(
        subscriptions=views,
        asks=tuple(door.ask(ListConsentAsks(part=Slice(order=falling("asked_at", "id"), limit=SHOWN)))),
        told=tuple(door.ask(ListToldConsents(part=Slice(order=falling("acknowledged_at", "id"), limit=SHOWN)))),
        agreements=tuple(
            door.ask(
                ListAgreements(
                    part=Slice(order=falling("validated_at", "id"), limit=SHOWN), state=AgreementState.IN_FORCE
                )
            )
        ),
    )


def ask_record(ask: ConsentAsk, facts: AsksFacts) -> dict[str, Any]:
    service = facts.service(ask.subscription_id, ask.description_id)
    return {
        "id": ask.id,
        "state": "answered" if ask.answered_at else "asked",
        "peer": facts.name(ask.subscription_id),
        "service": service.short_description if service else ask.description_id,
        "points": len(ask.pod_ids),
        "n_asked": ask.n_asked if ask.answered_at else None,
        "n_refused": len(ask.refused) if ask.answered_at else None,
        "period": period_words(ask.starts_at, ask.ends_at),
        "period_utc": f"{utc(ask.starts_at)} to {utc(ask.ends_at)}",
        "asked": local(ask.asked_at, "%d %b %H:%M"),
        "asked_utc": utc(ask.asked_at),
    }


def ask_words(ask: ConsentAsk) -> str:
    """What became of an ask, in a sentence."""
    if ask.answered_at is None:
        return "The provider has not answered yet."
    if ask.reason:
        return f"The provider asked nobody: {ask.reason}"
    left = f"; {plural(len(ask.refused), 'point')} could not be asked for" if ask.refused else ""
    return f"{plural(ask.n_asked, 'customer')} asked{left}."


def refused_records(ask: ConsentAsk) -> list[dict[str, Any]]:
    return [{"pod": each.pod_id, "why": each.sentence, "code": each.code} for each in ask.refused]


def told_record(told: ToldConsent, facts: AsksFacts) -> dict[str, Any]:
    return {
        "id": told.id,
        "state": told.state.value,
        "peer": facts.name(told.subscription_id),
        "points": ", ".join(told.pod_names) or "none left",
        "period": period_words(told.starts_at, told.ends_at),
        "period_utc": f"{utc(told.starts_at)} to {utc(told.ends_at)}",
        "at": local(told.ended_at or told.acknowledged_at, "%d %b %Y %H:%M"),
        "at_utc": utc(told.ended_at or told.acknowledged_at),
    }


def period_words(start: datetime, end: datetime) -> str:
    return f"{first_day(start):{_DAY}} to {last_day(end):{_DAY}}"


def service_words(service: ServiceDescription) -> str:
    """What is selected with a service: its quantity, step and level are as offered."""
    consent = "customers' consent is needed" if service.consent_mandatory else "no consent is needed"
    return f"{service.quantity.value}, {STEP_WORDS[service.time_step]}, {aggregate_words(service)}; {consent}."


def pods_of(text: str) -> tuple[PodId, ...]:
    """Codes between blanks, commas, semicolons or lines."""
    return tuple(PodId(code) for code in _SEPARATORS.split(text.strip()) if code)


def needs_places(service: ServiceDescription) -> bool:
    """Whether aggregates are asked for by place, and not by points of delivery."""
    return service.aggregation_level not in (AggregationLevel.NONE, AggregationLevel.PORTFOLIO)


@dataclass(frozen=True, kw_only=True)
class AskForm:
    """What somebody filled in; days are the market's, the last one included. `until`: the agreement's last day,
    None for as long as usual."""

    service: ServiceDescription | None
    subscription_id: str
    pods: str
    places: str
    first: date | None
    last: date | None
    data_details: str = ""
    processing_details: str = ""
    refreshes: str = ""
    until: date | None = None


def consent_command(form: AskForm) -> AskForConsents:
    """Raises `Refused`: `missing`."""
    service = _service(form)
    if form.first is None or form.last is None:
        field = "starts_at" if form.first is None else "ends_at"
        raise Refused([Finding(code="missing", field=field, sentence="Choose a day.")])
    return AskForConsents(
        subscription_id=_id(form),
        description_id=service.id,
        pod_ids=pods_of(form.pods),
        starts_at=midnight(form.first),
        ends_at=midnight(form.last + timedelta(days=1)),
        data_details=form.data_details.strip(),
        processing_details=form.processing_details.strip(),
    )


def activation_command(form: AskForm) -> RequestActivation:
    """DSO-REQ or USP-REQ with what the service offers; the days are those of the values. Raises `Refused`."""
    service = _service(form)
    valued = service.service_type is not ServiceType.ENERGY_SERVICE
    selection = DataSelection(
        quantity=service.quantity,
        time_step=service.time_step,
        aggregation_level=service.aggregation_level,
        aggregation_method=service.aggregation_method,
        period_start=midnight(form.first) if form.first and valued else None,
        period_end=midnight(form.last + timedelta(days=1)) if form.last and valued else None,
        localisation=tuple(line.strip() for line in form.places.splitlines() if line.strip()),
    )
    return RequestActivation(
        subscription_id=_id(form),
        description_id=service.id,
        selection=selection,
        pod_ids=pods_of(form.pods),
        processing_details=form.processing_details.strip(),
        ends_at=midnight(form.until + timedelta(days=1)) if form.until else None,
        refreshes=ServiceAgreementId(form.refreshes) if form.refreshes else None,
    )


def usual_days(now: datetime) -> tuple[date, date]:
    """From the first of this month for a year."""
    today = now.astimezone(MARKET_ZONE).date().replace(day=1)
    return today, today.replace(year=today.year + 1) - timedelta(days=1)


def chosen_ask(asks: Sequence[ConsentAsk], id: str) -> ConsentAsk | None:
    return next((ask for ask in asks if ask.id == id), asks[0] if asks else None)


def _service(form: AskForm) -> ServiceDescription:
    if form.service is None:
        raise Refused([Finding(code="missing", field="description_id", sentence="Choose a service.")])
    return form.service


def _id(form: AskForm) -> SubscriptionId:
    return SubscriptionId(form.subscription_id)
