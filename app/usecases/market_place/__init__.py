"""What each command of the EU Market Place does: `(unit of work, principal, command) -> result`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from app.transport import letters
from app.usecases.market_place import (
    agreeing,
    catalogue,
    enrolment,
    exchange,
    monitoring,
    notifications,
    page,
    registrations,
    requests,
    subscriptions,
)
from domain.commands import Command
from domain.commands import place as c

HANDLERS: Mapping[type[Command], Callable[..., Any]] = {
    c.NotifyConsent: notifications.notify_consent,
    c.NotifyActivation: notifications.notify_activation,
    c.NotifyInterim: notifications.notify_interim,
    c.ReplayMessage: letters.replay_message,
    c.DropMessage: letters.drop_message,
    c.EnrolCompany: enrolment.enrol,
    c.AddRegistration: enrolment.add_registration,
    c.AddContactPoint: enrolment.add_contact_point,
    c.ChangeCompany: enrolment.change_company,
    c.AcceptCompany: enrolment.accept_company,
    c.RefuseCompany: enrolment.refuse_company,
    c.AcceptRegistration: enrolment.accept_registration,
    c.RefuseRegistration: enrolment.refuse_registration,
    c.SetPlatformAddress: registrations.set_platform_address,
    c.EnterPlatformKey: exchange.enter_platform_key,
    c.SetServedArea: registrations.set_served_area,
    c.TestIntegration: registrations.ask_test,
    c.RecordIntegrationTest: registrations.record_test,
    c.CertifyRegistration: registrations.certify,
    c.SuspendRegistration: registrations.suspend,
    c.ReinstateRegistration: registrations.reinstate,
    c.QuitMarketPlace: registrations.quit_place,
    c.EditPlacePage: page.edit_page,
    c.PublishServiceOffer: catalogue.publish,
    c.EditServiceOffer: catalogue.edit,
    c.WithdrawServiceOffer: catalogue.withdraw,
    c.RequestServices: requests.request_services,
    c.WithdrawServiceRequest: requests.withdraw_request,
    c.AskForProposal: requests.ask_for_proposal,
    c.OfferTerms: requests.offer_terms,
    c.DeclineProposal: requests.decline,
    c.AcceptProposal: subscriptions.accept,
    c.AcceptGeneralAgreement: agreeing.accept_general,
    c.CancelSubscription: subscriptions.cancel,
    c.FollowServices: monitoring.follow_services,
    c.AcknowledgeServiceAlarm: monitoring.acknowledge,
    c.ShelveServiceAlarm: monitoring.shelve,
    c.UnshelveServiceAlarm: monitoring.unshelve,
}
