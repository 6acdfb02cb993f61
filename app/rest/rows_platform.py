"""Who may call what of a platform's interfaces; `app.rest.rows` reads these rows, too."""

from __future__ import annotations

from collections.abc import Mapping

from app.policy_platform import COMMANDS, OWN, QUERIES
from app.queries.models import platform as q
from domain.commands import platform as c
from domain.parties import Role

Roles = frozenset[Role]

ANYBODY: frozenset[str] = frozenset(
    {
        "own_token",
        "own_password",
        "own_trail_keys",
        "b2b_trail_keys",
        "introduce_platform",
        "b2c_authorize",
        "b2c_sign_in",
        "b2c_decide",
        "b2c_token",
        "b2c_authorization",
        "b2c_linked_ask",
    }
)
"""Operations without a caller."""

OPERATIONS: Mapping[str, Roles] = {
    "eu_mp_confirmed": COMMANDS[c.ConfirmService],
    "eu_mp_canceled": COMMANDS[c.CancelService],
    "eu_mp_apikey": frozenset({Role.MARKET_PLACE}),
    "eu_mp_test": frozenset({Role.MARKET_PLACE}),
    "b2b_apikey": frozenset({Role.PEER}),
    "b2b_get_subscription": QUERIES[q.GetCommonSubscription],
    "b2b_values": COMMANDS[c.TakeValues],
    "b2b_acknowledge_values": COMMANDS[c.TakeAcknowledgement],
    "b2b_values_again": COMMANDS[c.TakeAgain],
    "b2b_deliveries": QUERIES[q.ListDeliveries],
    "b2b_delivery": QUERIES[q.GetDelivery],
    "b2b_pull_values": QUERIES[q.PullValues],
    "own_upload_values": COMMANDS[c.StoreValues],
    "own_values": QUERIES[q.ListValues],
    "own_aggregates": QUERIES[q.AggregateValues],
    "own_deliveries": QUERIES[q.ListDeliveries],
    "own_delivery": QUERIES[q.GetDelivery],
    "own_delivery_again": COMMANDS[c.AskAgain],
    "own_delivery_revision": COMMANDS[c.SendAgain],
    "own_received_values": QUERIES[q.ListReceived],
    "b2b_ask_technical_validation": COMMANDS[c.TakeTechnicalRequest],
    "b2b_technical_validations": frozenset({Role.PEER}),
    "b2b_technical_validation": frozenset({Role.PEER}),
    "b2b_answer_technical_validation": COMMANDS[c.TakeTechnicalResponse],
    "own_technical_validations": OWN,
    "own_technical_validation": OWN,
    "own_ask_technical_validation": COMMANDS[c.AskTechnicalValidation],
    "own_trail": QUERIES[q.ListTrail],
    "own_trail_export": QUERIES[q.ExportTrail],
    "b2b_trail": QUERIES[q.ListTrail],
    "b2b_trail_export": QUERIES[q.ExportTrail],
    "own_validation_files": QUERIES[q.GetValidationFiles],
    "own_upload_validation_network": COMMANDS[c.UploadValidationNetwork],
    "own_upload_validation_schedules": COMMANDS[c.UploadValidationSchedules],
    "own_set_coupling_limits": COMMANDS[c.SetCouplingLimits],
    "b2b_ask_for_consents": COMMANDS[c.TakeConsentAsk],
    "b2b_answer_consent_ask": COMMANDS[c.TakeConsentAnswer],
    "b2b_acknowledge_consent": COMMANDS[c.TakeConsentAcknowledgement],
    "b2b_revoke_consent": COMMANDS[c.TakeConsentRevocation],
    "b2b_request_dso": COMMANDS[c.TakeActivationRequest],
    "b2b_request_usp": COMMANDS[c.TakeActivationRequest],
    "b2b_confirm_dso": COMMANDS[c.TakeActivationConfirmation],
    "b2b_confirm_usp": COMMANDS[c.TakeActivationConfirmation],
    "b2b_agree": COMMANDS[c.TakeAgreement],
    "b2b_end_agreement": COMMANDS[c.TakeAgreementEnd],
    "b2b_activations": frozenset({Role.PEER}),
    "b2b_agreements": frozenset({Role.PEER}),
    "own_ask_for_consents": COMMANDS[c.AskForConsents],
    "own_make_consent_links": COMMANDS[c.MakeConsentLinks],
    "own_request_activation": COMMANDS[c.RequestActivation],
    "own_decide_activation": COMMANDS[c.DecideActivation],
    "own_end_agreement": COMMANDS[c.EndAgreement],
    "own_consents": frozenset({Role.PROVIDER}),
    "own_activations": OWN,
    "own_agreements": OWN,
    "b2c_consents": frozenset({Role.CUSTOMER}),
    "b2c_give_consent": COMMANDS[c.GiveConsent],
    "b2c_refuse_consent": COMMANDS[c.RefuseConsent],
    "b2c_revoke_consent": COMMANDS[c.RevokeConsent],
    "own_register_consent_client": COMMANDS[c.RegisterConsentClient],
    "own_end_consent_client": COMMANDS[c.EndConsentClient],
    "own_company": QUERIES[q.GetCompany],
    "own_add_staff": COMMANDS[c.AddStaff],
    "own_add_customer": COMMANDS[c.AddCustomer],
    "own_list_flexibilities": QUERIES[q.ListFlexibilities],
    "own_offer_flexibility": COMMANDS[c.OfferEnergyService],
    "own_withdraw_flexibility": COMMANDS[c.WithdrawEnergyService],
    "own_list_acquisitions": QUERIES[q.ListAcquisitions],
    "own_acquire_flexibility": COMMANDS[c.AcquireFlexibility],
    "own_list_call_ups": QUERIES[q.ListCallUps],
    "own_call_up_flexibility": COMMANDS[c.CallUpFlexibility],
    "own_answer_call_up": COMMANDS[c.AnswerCallUp],
    "b2b_flexibility": COMMANDS[c.TakeFlexibility],
    "b2b_acquisition": COMMANDS[c.AskAcquisition],
    "b2b_acquisition_answer": COMMANDS[c.TakeAcquisitionAnswer],
    "b2b_call_up": COMMANDS[c.AskCallUp],
    "b2b_call_up_answer": COMMANDS[c.TakeCallUpAnswer],
}
