"""Requests for services, proposals and subscriptions."""

from __future__ import annotations

from app.persistence.columns import enum, instant, key
from app.persistence.columns import text as text_
from app.persistence.registry import entity
from app.persistence.tables.place_enrolment import part, parts
from domain.marketplace.requests import (
    Proposal,
    ProposalLine,
    ProposalState,
    ServiceRequest,
    ServiceRequestState,
    Subscription,
    SubscriptionState,
)
from domain.marketplace.services import ServiceDescription, ServiceTerms, SubscriptionContent
from domain.marketplace.words import Environment

entity(
    ServiceRequest,
    "service_requests",
    key(),
    text_("requester_id", references="parties.id"),
    enum("environment", Environment),
    text_("title"),
    text_("data_details"),
    text_("processing_details"),
    parts("wishes", ServiceDescription),
    instant("asked_at"),
    enum("state", ServiceRequestState),
    index=[["requester_id"], ["state"]],
)

entity(
    Proposal,
    "proposals",
    key(),
    text_("request_id"),
    text_("requester_id", references="parties.id"),
    text_("provider_id", references="parties.id"),
    parts("lines", ProposalLine),
    part("asked_terms", ServiceTerms),
    part("terms", ServiceTerms),
    instant("starts_at"),
    instant("ends_at", nullable=True),
    instant("asked_at"),
    instant("deadline"),
    enum("state", ProposalState),
    instant("answered_at", nullable=True),
    text_("declined_by", nullable=True),
    text_("reason"),
    text_("subscription_id", nullable=True),
    index=[["request_id"], ["requester_id"], ["provider_id"]],
)

entity(
    Subscription,
    "subscriptions",
    key(),
    text_("proposal_id"),
    text_("requester_id", references="parties.id"),
    text_("provider_id", references="parties.id"),
    part("content", SubscriptionContent),
    text_("agreement_version"),
    enum("state", SubscriptionState),
    instant("canceled_at", nullable=True),
    text_("canceled_by", nullable=True),
    text_("reason"),
    unique=[["proposal_id"]],
    index=[["requester_id"], ["provider_id"], ["state"]],
)
