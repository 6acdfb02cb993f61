"""Requests to activate a service and the agreements made of them, on both sides' platforms."""

from __future__ import annotations

from typing import Any

from app.codec import from_data, to_data
from app.persistence.columns import Spec, enum, instant, key, structure
from app.persistence.columns import text as text_
from app.persistence.registry import entity, platform_metadata
from domain.marketplace.words import ActivationStatus, Environment, PlatformRole
from domain.platform.activations import (
    AgreementState,
    DataSelection,
    PodRefusal,
    ServiceActivation,
    ServiceAgreement,
)


def _names(field: str) -> Spec:
    return structure(field, field, to_data=list, from_data=tuple)


def refusals(field: str) -> Spec:
    def back(data: list[Any]) -> tuple[PodRefusal, ...]:
        return tuple(from_data(PodRefusal, each) for each in data)

    return structure(field, field, to_data=lambda given: [to_data(one) for one in given], from_data=back)


_selection = structure(
    "selection", "selection", to_data=to_data, from_data=lambda data: from_data(DataSelection, data)
)

entity(
    ServiceActivation,
    "service_activations",
    key(),
    enum("side", PlatformRole),
    enum("environment", Environment),
    text_("subscription_id"),
    text_("description_id"),
    text_("requester_id"),
    _names("pod_ids"),
    _selection,
    text_("processing_details"),
    instant("starts_at"),
    instant("ends_at"),
    instant("requested_at"),
    text_("refreshes", nullable=True),
    enum("status", ActivationStatus, nullable=True),
    instant("confirmed_at", nullable=True),
    _names("confirmed"),
    refusals("refused"),
    text_("reason"),
    text_("agreement_id", nullable=True),
    index=[["subscription_id"]],
    of=platform_metadata,
)

entity(
    ServiceAgreement,
    "service_agreements",
    key(),
    enum("side", PlatformRole),
    text_("activation_id"),
    text_("subscription_id"),
    text_("description_id"),
    _names("pod_ids"),
    _names("pod_names"),
    _selection,
    text_("data_details"),
    text_("processing_details"),
    instant("validated_at"),
    instant("starts_at"),
    instant("ends_at"),
    enum("state", AgreementState),
    instant("ended_at", nullable=True),
    index=[["subscription_id"], ["state"]],
    of=platform_metadata,
)
