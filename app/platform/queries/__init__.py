"""What can be asked of a platform, and by what it is answered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.platform.queries import (
    activations,
    company,
    consents,
    deliveries,
    energy_service,
    monitoring,
    peers,
    pods,
    shell,
    subscriptions,
    token_values,
    tokens,
    trail,
    validations,
    values,
)
from app.queries import access, everyone, messages
from app.queries import models as q
from app.queries.handlers import Handler
from app.queries.models import platform as p
from app.queries.models.messages import ListSentMessages

HANDLERS: Mapping[type[q.Query[Any]], Handler] = {
    ListSentMessages: messages.list_messages,
    q.GetShell: shell.get_shell,
    q.ListNotifications: everyone.list_notifications,
    q.ListLogins: access.list_logins,
    q.ListApiKeys: access.list_keys,
    p.ListPods: pods.list_pods,
    p.GetPod: pods.get_pod,
    p.ListOwnAlarms: monitoring.list_alarms,
    p.GetCompany: company.get_company,
    p.ListServiceActivations: activations.list_activations,
    p.ListAgreements: activations.list_agreements,
    p.GetAuthorization: tokens.get_authorization,
    p.GetTokenConsent: tokens.get_token_consent,
    p.ListConsentedValues: token_values.list_consented_values,
    p.GetLinkedConsent: tokens.get_linked_consent,
    p.ListConsents: consents.list_consents,
    p.ListConsentAsks: consents.list_asks,
    p.ListToldConsents: consents.list_told,
    p.ListTrail: trail.list_trail,
    p.ExportTrail: trail.export_trail,
    p.ListSubscriptions: subscriptions.list_subscriptions,
    p.GetCommonSubscription: peers.get_common,
    p.ListTechnicalValidations: validations.list_validations,
    p.GetTechnicalValidation: validations.get_validation,
    p.GetValidationFiles: validations.get_files,
    p.ListKnownPods: values.list_known_pods,
    p.ListValues: values.list_values,
    p.AggregateValues: values.aggregate_values,
    p.GetLeastPods: values.get_least_pods,
    p.ListFlexibilities: energy_service.list_flexibilities,
    p.ListAcquisitions: energy_service.list_acquisitions,
    p.ListCallUps: energy_service.list_call_ups,
    p.ListDeliveries: deliveries.list_deliveries,
    p.GetDelivery: deliveries.get_delivery,
    p.PullValues: deliveries.pull_values,
    p.ListReceived: deliveries.list_received,
    p.ExportReceived: deliveries.export_received,
}
