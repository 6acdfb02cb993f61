"""Typed ids. The platform issues them; they carry a prefix that tells people what they name."""

from __future__ import annotations

import secrets
from typing import NewType

PartyId = NewType("PartyId", str)
RegionId = NewType("RegionId", str)
AssetId = NewType("AssetId", str)
BaselineId = NewType("BaselineId", str)
SessionId = NewType("SessionId", str)
GateId = NewType("GateId", str)
RequestId = NewType("RequestId", str)
OfferId = NewType("OfferId", str)
AwardId = NewType("AwardId", str)
ActivationId = NewType("ActivationId", str)
CallId = NewType("CallId", str)
AnswerId = NewType("AnswerId", str)
JobId = NewType("JobId", str)
TryId = NewType("TryId", str)
NotificationId = NewType("NotificationId", str)
LetterId = NewType("LetterId", str)
ApplicationId = NewType("ApplicationId", str)
PodId = NewType("PodId", str)
ContractId = NewType("ContractId", str)
StatementId = NewType("StatementId", str)
InvoiceId = NewType("InvoiceId", str)
AlarmId = NewType("AlarmId", str)
WhatIfId = NewType("WhatIfId", str)
TechnicalValidationId = NewType("TechnicalValidationId", str)
ZoneId = NewType("ZoneId", str)
CongestedRegionId = NewType("CongestedRegionId", str)
KeyId = NewType("KeyId", str)
LoginId = NewType("LoginId", str)
CompanyId = NewType("CompanyId", str)
ServiceDescriptionId = NewType("ServiceDescriptionId", str)
ServiceOfferId = NewType("ServiceOfferId", str)
ServiceRequestId = NewType("ServiceRequestId", str)
ProposalId = NewType("ProposalId", str)
SubscriptionId = NewType("SubscriptionId", str)
ServiceActivationId = NewType("ServiceActivationId", str)
ServiceAgreementId = NewType("ServiceAgreementId", str)
ConsentId = NewType("ConsentId", str)
ConsentAskId = NewType("ConsentAskId", str)
DeliveryId = NewType("DeliveryId", str)
MessageId = NewType("MessageId", str)
FlexibilityId = NewType("FlexibilityId", str)
AcquisitionId = NewType("AcquisitionId", str)
CallUpId = NewType("CallUpId", str)

NO_CALL, NO_ANSWER = CallId(""), AnswerId("")


def new_id(prefix: str) -> str:
    """A new unique id such as `FO-1f9c02ab77de`."""
    return f"{prefix}-{secrets.token_hex(6)}"
