"""What each command does on a platform: `(unit of work, principal, command) -> result`, one function each."""

from __future__ import annotations

from collections.abc import Mapping

from app.platform.usecases import (
    company,
    consent_asks,
    consents,
    energy_acquiring,
    energy_service,
    peers,
    pods,
    services,
    technical_validations,
    validation_files,
    values,
)
from app.transport import letters
from app.transport.keys import prepare_key, report_key, take_key
from app.transport.reporting import report_tries
from app.usecases import Handler, access, clock
from domain import commands as c
from domain.commands import platform as pc

HANDLERS: Mapping[type[c.Command], Handler] = {
    pc.ReplaySentMessage: letters.replay_message,
    pc.DropSentMessage: letters.drop_message,
    c.MarkNotificationsRead: clock.mark_read,
    c.ChangePassword: access.change_password,
    c.EndLogin: access.end_login,
    c.SignOutEverywhere: access.sign_out_everywhere,
    c.CreateApiKey: access.create_key,
    c.RotateApiKey: access.rotate_key,
    c.RevokeApiKey: access.revoke_key,
    c.TakeKey: take_key,
    c.PrepareKey: prepare_key,
    c.ReportKey: report_key,
    c.ReportTries: report_tries,
    pc.ConfirmService: services.confirm_service,
    pc.CancelService: services.cancel_service,
    pc.UploadValidationNetwork: validation_files.upload_network,
    pc.UploadValidationSchedules: validation_files.upload_schedules,
    pc.SetCouplingLimits: validation_files.set_coupling_limits,
    pc.AskForConsents: consent_asks.ask_for_consents,
    pc.TakeConsentAnswer: consent_asks.take_answer,
    pc.TakeConsentAcknowledgement: consent_asks.take_acknowledgement,
    pc.TakeConsentRevocation: consent_asks.take_revocation,
    pc.TakeConsentAsk: consents.take_ask,
    pc.MakeConsentLinks: consents.make_links,
    pc.GiveConsent: consents.give_consent,
    pc.RefuseConsent: consents.refuse_consent,
    pc.RevokeConsent: consents.revoke_consent,
    pc.ExpireConsents: consents.expire_consents,
    pc.RegisterPod: pods.register_pod,
    pc.ChangePod: pods.change_pod,
    pc.UploadPods: pods.upload_pods,
    pc.FoundPlatform: company.found_platform,
    pc.AddStaff: company.add_staff,
    pc.AddCustomer: company.add_customer,
    pc.IssueMarketPlaceKey: company.issue_market_place_key,
    pc.EnterMarketPlace: company.enter_market_place,
    pc.AskTechnicalValidation: technical_validations.ask,
    pc.TakeTechnicalRequest: technical_validations.take_request,
    pc.TakeTechnicalResponse: technical_validations.take_response,
    pc.StartTechnicalValidation: technical_validations.start,
    pc.RequeueTechnicalValidation: technical_validations.requeue,
    pc.ApplyTechnicalValidation: technical_validations.apply,
    pc.ExpectPeer: peers.expect_peer,
    pc.BeginIntroduction: peers.begin_introduction,
    pc.FinishIntroduction: peers.finish_introduction,
    pc.DelayIntroduction: peers.delay_introduction,
    pc.AcceptIntroduction: peers.accept_introduction,
    pc.EndPeer: peers.end_peer,
    pc.StoreValues: values.store_values,
    pc.SetLeastPods: values.set_least_pods,
    pc.OfferEnergyService: energy_service.offer,
    pc.WithdrawEnergyService: energy_service.withdraw,
    pc.TellSubscribers: energy_service.tell_subscribers,
    pc.AskAcquisition: energy_service.ask_acquisition,
    pc.AskCallUp: energy_service.ask_call_up,
    pc.AnswerCallUp: energy_service.answer_call_up,
    pc.TakeFlexibility: energy_acquiring.take_flexibility,
    pc.AcquireFlexibility: energy_acquiring.acquire,
    pc.TakeAcquisitionAnswer: energy_acquiring.take_acquisition_answer,
    pc.CallUpFlexibility: energy_acquiring.call_up,
    pc.TakeCallUpAnswer: energy_acquiring.take_call_up_answer,
}
