"""What is picked on the market place's pages, for their permalinks."""

from __future__ import annotations

import param


class PlayersPick(param.Parameterized):
    company_id = param.String(default="")
    registration_id = param.String(default="")


class OfferPick(param.Parameterized):
    offer_id = param.String(default="")


class RequestPick(param.Parameterized):
    """`offer_id`: of the catalogue, to start a request from; `found`: ids of providers that a localisation found,
    with commas between, and `environment`: where it looked."""

    request_id = param.String(default="")
    provider_id = param.String(default="")
    offer_id = param.String(default="")
    found = param.String(default="")
    environment = param.String(default="")


class ProposalPick(param.Parameterized):
    proposal_id = param.String(default="")
    request_id = param.String(default="")


class SubscriptionPick(param.Parameterized):
    subscription_id = param.String(default="")


class CatalogueFilter(param.Parameterized):
    """What is looked for, "" for any; `compared`: ids of offers with commas between."""

    text = param.String(default="")
    service_type = param.String(default="")
    environment = param.String(default="")
    quantity = param.String(default="")
    time_step = param.String(default="")
    aggregation_level = param.String(default="")
    country = param.String(default="")
    consent = param.String(default="")
    flow = param.String(default="")
    most_eur = param.String(default="")
    offer_id = param.String(default="")
    compared = param.String(default="")


class MonitoringPick(param.Parameterized):
    alarm_id = param.String(default="")
    service_id = param.String(default="")
    message_id = param.String(default="")
