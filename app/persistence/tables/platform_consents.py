"""Consents of customers, on a provider's platform."""

from __future__ import annotations

from app.persistence.columns import count, enum, flag, instant, key, structure
from app.persistence.columns import text as text_
from app.persistence.registry import entity, platform_metadata
from app.persistence.tables.platform_activations import refusals
from domain.marketplace.words import ConsentState
from domain.platform.consents import Consent, ConsentAsk, ConsentedPod, ConsentWay, PseudonymKey, ToldConsent

_OVER = (["state", "ends_at_us"], ["state", "answer_until_us"])

entity(
    Consent,
    "consents",
    key(),
    text_("ask_id"),
    enum("way", ConsentWay),
    text_("subscription_id"),
    text_("description_id"),
    text_("provider_id"),
    text_("requester_id"),
    text_("customer_id"),
    structure("pod_ids", "pod_ids", to_data=list, from_data=tuple),
    text_("data_details"),
    text_("processing_details"),
    instant("starts_at"),
    instant("ends_at"),
    instant("asked_at"),
    instant("answer_until"),
    enum("state", ConsentState),
    instant("given_at", nullable=True),
    instant("acknowledged_at", nullable=True),
    instant("ended_at", nullable=True),
    text_("link_sha256"),
    instant("link_until", nullable=True),
    index=[["customer_id"], ["subscription_id", "state"], ["ask_id"], ["link_sha256"], *_OVER],
    of=platform_metadata,
)

entity(
    ConsentedPod,
    "consented_pods",
    key(),
    text_("consent_id"),
    text_("subscription_id"),
    text_("requester_id"),
    text_("purpose"),
    text_("pod_id"),
    text_("name"),
    instant("starts_at"),
    instant("ends_at"),
    flag("stands"),
    index=[["consent_id"], ["subscription_id", "purpose", "stands"], ["pod_id"], ["name"]],
    of=platform_metadata,
)

entity(
    ConsentAsk,
    "consent_asks",
    key(),
    text_("requester_id"),
    text_("subscription_id"),
    text_("description_id"),
    structure("pod_ids", "pod_ids", to_data=list, from_data=tuple),
    text_("data_details"),
    text_("processing_details"),
    instant("starts_at"),
    instant("ends_at"),
    instant("asked_at"),
    instant("answered_at", nullable=True),
    count("n_asked"),
    refusals("refused"),
    text_("reason"),
    index=[["subscription_id"]],
    of=platform_metadata,
)

entity(
    ToldConsent,
    "told_consents",
    key(),
    text_("subscription_id"),
    text_("description_id"),
    structure("pod_names", "pod_names", to_data=list, from_data=tuple),
    text_("processing_details"),
    instant("starts_at"),
    instant("ends_at"),
    enum("state", ConsentState),
    instant("acknowledged_at"),
    instant("ended_at", nullable=True),
    index=[["subscription_id"]],
    of=platform_metadata,
)

entity(PseudonymKey, "pseudonym_keys", key(), text_("sealed"), of=platform_metadata)
