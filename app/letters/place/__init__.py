"""Who is told of what happens on the EU Market Place. One row per event; some are told to nobody."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from app.letters.names import Letter
from app.letters.place import enrolment, monitoring, requests
from domain.events import Event
from domain.events import place as e

LETTERS: Mapping[type[Event], Callable[..., Iterable[Letter]]] = {
    e.ServiceAlarmChanged: monitoring.changed,
    e.ConsentNotified: enrolment.nobody,
    e.ActivationNotified: enrolment.nobody,
    e.InterimNotified: enrolment.nobody,
    e.CompanyEnrolled: enrolment.enrolled,
    e.CompanyAccepted: enrolment.accepted,
    e.CompanyRefused: enrolment.nobody,
    e.CompanyChanged: enrolment.nobody,
    e.RegistrationAdded: enrolment.added,
    e.ContactPointAdded: enrolment.contact_point,
    e.RegistrationAccepted: enrolment.registration_accepted,
    e.RegistrationRefused: enrolment.registration_refused,
    e.RegistrationMoved: enrolment.moved,
    e.PlatformConnected: enrolment.nobody,
    e.ServedAreaSet: enrolment.nobody,
    e.IntegrationTestAsked: enrolment.nobody,
    e.IntegrationTested: enrolment.tested,
    e.RegistrationCertified: enrolment.certified,
    e.RegistrationSuspended: enrolment.suspended,
    e.RegistrationReinstated: enrolment.reinstated,
    e.RegistrationQuit: enrolment.has_quit,
    e.PlacePageEdited: enrolment.nobody,
    e.ServiceOfferPublished: enrolment.nobody,
    e.ServiceOfferEdited: requests.offer_changed,
    e.ServiceOfferWithdrawn: requests.offer_withdrawn,
    e.ServicesRequested: enrolment.nobody,
    e.ServiceRequestWithdrawn: enrolment.nobody,
    e.ProposalAsked: requests.asked,
    e.TermsOffered: requests.offered,
    e.ProposalDeclined: requests.declined,
    e.GeneralAgreementAccepted: requests.agreed,
    e.ServiceSubscribed: requests.subscribed,
    e.ServiceSubscriptionCanceled: requests.canceled,
}
