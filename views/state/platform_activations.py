"""Requests to activate services and the agreements made of them, in a page's words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import param

from app.queries.models.platform import ListAgreements, ListServiceActivations, ListSubscriptions, SubscriptionView
from domain.marketplace.words import PlatformRole
from domain.paging import Slice, falling
from domain.platform.activations import AgreementState, DataSelection, ServiceActivation, ServiceAgreement
from views.state.common import MISSING, local, utc
from views.state.door import Door
from views.state.platform_asks import period_words
from views.state.platform_subscriptions import STEP_WORDS
from views.state.spans import plural

SHOWN = 200
WAITING = "requested"


class ActivationsState(param.Parameterized):
    """What the address keeps."""

    activation = param.String(default="")
    agreement = param.String(default="")


@dataclass(frozen=True, kw_only=True)
class ActivationsFacts:
    activations: tuple[ServiceActivation, ...]
    agreements: tuple[ServiceAgreement, ...]
    subscriptions: tuple[SubscriptionView, ...]

    def peer(self, subscription_id: str) -> str:
        found = (view.peer for view in self.subscriptions if view.content.id == subscription_id)
        return next(found, subscription_id)

    def service(self, subscription_id: str, description_id: str) -> str:
        for view in self.subscriptions:
            for each in view.content.descriptions if view.content.id == subscription_id else ():
                if each.id == description_id:
                    return each.short_description
        return description_id


def activations_facts(door: Door) -> ActivationsFacts:
    return ActivationsFacts(
        activations=tuple(door.ask(ListServiceActivations(part=_newest("requested_at")))),
        agreements=tuple(door.ask(ListAgreements(part=_newest("validated_at")))),
        subscriptions=door.ask(ListSubscriptions()),
    )


def _newest(field: str) -> Slice:
    return Slice(order=falling(field, "id"), limit=SHOWN)


def status_of(activation: ServiceActivation) -> str:
    """OK, KO or Partial as the document spells them, before that: requested."""
    return activation.status.value if activation.status else WAITING


def activation_record(activation: ServiceActivation, facts: ActivationsFacts) -> dict[str, Any]:
    return {
        "id": activation.id,
        "status": status_of(activation),
        "peer": facts.peer(activation.subscription_id),
        "service": facts.service(activation.subscription_id, activation.description_id),
        "n_asked": len(activation.pod_ids),
        "n_confirmed": len(activation.confirmed) if activation.status else None,
        "n_refused": len(activation.refused) if activation.status else None,
        "selection": selection_words(activation.selection),
        "asked": local(activation.requested_at, "%d %b %H:%M"),
        "asked_utc": utc(activation.requested_at),
    }


def selection_words(selection: DataSelection) -> str:
    """IND-DAT-SEL or AGG-DAT-SEL in words."""
    level = (
        "each point"
        if selection.individual
        else f"{selection.aggregation_method.value} of a {selection.aggregation_level.value}"
    )
    places = f" in {', '.join(selection.localisation)}" if selection.localisation else ""
    return f"{selection.quantity.value}, {STEP_WORDS[selection.time_step]}, {level}{places}"


def activation_lines(activation: ServiceActivation) -> list[tuple[str, str]]:
    """Request and confirmation as (what, words)."""
    start, end = activation.selection.period_start, activation.selection.period_end
    values = period_words(start, end) if start and end else "as long as the agreement"
    told = [
        ("Request", activation.id),
        ("Under", activation.subscription_id),
        ("Selection", selection_words(activation.selection)),
        ("Values of", values),
        ("Agreement for", period_words(activation.starts_at, activation.ends_at)),
        ("Processing", activation.processing_details or MISSING),
        ("Asked for", plural(len(activation.pod_ids), "point") if activation.pod_ids else "the places selected"),
    ]
    if activation.refreshes:
        told.append(("Refreshes", activation.refreshes))
    if activation.confirmed_at is not None:
        told += [
            ("Answer", f"{status_of(activation)}, {local(activation.confirmed_at, '%d %b %Y %H:%M')}"),
            ("Confirmed", points_words(activation.confirmed)),
        ]
    if activation.reason:
        told.append(("Why", activation.reason))
    return told


def points_words(names: Sequence[str], most: int = 12) -> str:
    more = len(names) - most
    return (", ".join(names[:most]) + (f" and {more:,} more" if more > 0 else "")) or "none"


def refused_records(activation: ServiceActivation) -> list[dict[str, Any]]:
    return [{"pod": each.pod_id, "why": each.sentence, "code": each.code} for each in activation.refused]


def agreement_record(agreement: ServiceAgreement, facts: ActivationsFacts) -> dict[str, Any]:
    ended = agreement.ended_at
    return {
        "id": agreement.id,
        "state": agreement.state.value,
        "peer": facts.peer(agreement.subscription_id),
        "service": facts.service(agreement.subscription_id, agreement.description_id),
        "n_points": len(agreement.pod_names),
        "period": period_words(agreement.starts_at, agreement.ends_at),
        "period_utc": f"{utc(agreement.starts_at)} to {utc(agreement.ends_at)}",
        "ended": local(ended, "%d %b %H:%M") if ended else "–",
        "ended_utc": utc(ended) if ended else "",
    }


def may_decide(activation: ServiceActivation | None) -> bool:
    """A provider's people decide on services that are not values."""
    return activation is not None and activation.side is PlatformRole.PROVIDER and activation.status is None


def may_end(agreement: ServiceAgreement | None) -> bool:
    return agreement is not None and agreement.state is AgreementState.IN_FORCE
