"""Who may call what of the EU Market Place's interfaces; `app.rest.rows` reads these rows, too."""

from __future__ import annotations

from collections.abc import Mapping

from app.policy_place import COMMANDS, QUERIES
from app.queries.models import messages as m
from app.queries.models import place as q
from domain.commands import place as c
from domain.parties import Role

Roles = frozenset[Role]

ANYBODY: frozenset[str] = frozenset({"place_page", "place_enrol", "place_trail_keys"})
"""Operations without a caller."""

_PLAYERS = frozenset({Role.PROVIDER, Role.REQUESTER})
NOTIFICATIONS: Mapping[str, Roles] = {
    "notify_consent": COMMANDS[c.NotifyConsent],
    "notify_activation": COMMANDS[c.NotifyActivation],
    "notify_interim": COMMANDS[c.NotifyInterim],
    "notifications_apikey": _PLAYERS,
    "notifications_test": _PLAYERS,
}
"""What platforms tell the market place."""

OPERATIONS: Mapping[str, Roles] = {
    **NOTIFICATIONS,
    "place_edit_page": COMMANDS[c.EditPlacePage],
    "place_companies": QUERIES[q.ListCompanies],
    "place_company": QUERIES[q.ListCompanies],
    "place_own_company": QUERIES[q.GetOwnCompany],
    "place_change_company": COMMANDS[c.ChangeCompany],
    "place_accept_company": COMMANDS[c.AcceptCompany],
    "place_refuse_company": COMMANDS[c.RefuseCompany],
    "place_registrations": QUERIES[q.ListRegistrations],
    "place_registration": QUERIES[q.ListRegistrations],
    "place_add_registration": COMMANDS[c.AddRegistration],
    "place_add_contact_point": COMMANDS[c.AddContactPoint],
    "place_accept_registration": COMMANDS[c.AcceptRegistration],
    "place_refuse_registration": COMMANDS[c.RefuseRegistration],
    "place_set_address": COMMANDS[c.SetPlatformAddress],
    "place_enter_platform_key": COMMANDS[c.EnterPlatformKey],
    "place_set_area": COMMANDS[c.SetServedArea],
    "place_area": QUERIES[q.GetServedArea],
    "place_test": COMMANDS[c.TestIntegration],
    "place_certify": COMMANDS[c.CertifyRegistration],
    "place_suspend": COMMANDS[c.SuspendRegistration],
    "place_reinstate": COMMANDS[c.ReinstateRegistration],
    "place_quit": COMMANDS[c.QuitMarketPlace],
    "place_locate": QUERIES[q.LocateProviders],
    "place_catalogue": QUERIES[q.SearchServices],
    "place_offer": QUERIES[q.GetServiceOffer],
    "place_compare": QUERIES[q.CompareServices],
    "place_publish_offer": COMMANDS[c.PublishServiceOffer],
    "place_edit_offer": COMMANDS[c.EditServiceOffer],
    "place_withdraw_offer": COMMANDS[c.WithdrawServiceOffer],
    "place_requests": QUERIES[q.ListServiceRequests],
    "place_request": QUERIES[q.GetServiceRequest],
    "place_request_services": COMMANDS[c.RequestServices],
    "place_withdraw_request": COMMANDS[c.WithdrawServiceRequest],
    "place_matches": QUERIES[q.ListMatches],
    "place_proposals": QUERIES[q.ListProposals],
    "place_proposal": QUERIES[q.ListProposals],
    "place_ask_proposal": COMMANDS[c.AskForProposal],
    "place_offer_terms": COMMANDS[c.OfferTerms],
    "place_decline_proposal": COMMANDS[c.DeclineProposal],
    "place_accept_proposal": COMMANDS[c.AcceptProposal],
    "place_agreement": QUERIES[q.GetAgreement],
    "place_agreement_file": QUERIES[q.GetAgreementFile],
    "place_accept_agreement": COMMANDS[c.AcceptGeneralAgreement],
    "place_subscriptions": QUERIES[q.ListSubscriptions],
    "place_subscription": QUERIES[q.ListSubscriptions],
    "place_service_agreement": QUERIES[q.GetAgreement],
    "place_service_agreement_file": QUERIES[q.GetAgreementFile],
    "place_cancel_subscription": COMMANDS[c.CancelSubscription],
    "place_trail": QUERIES[q.ListPlaceTrail],
    "place_trail_export": QUERIES[q.ExportPlaceTrail],
    "place_messages": QUERIES[m.ListMessages],
    "place_replay_message": COMMANDS[c.ReplayMessage],
    "place_drop_message": COMMANDS[c.DropMessage],
    "place_services": QUERIES[q.ListServiceStatus],
    "place_service": QUERIES[q.GetServiceHistory],
    "place_service_alarms": QUERIES[q.ListServiceAlarms],
    "place_service_alarm": QUERIES[q.ListServiceAlarms],
    "place_acknowledge_service_alarm": COMMANDS[c.AcknowledgeServiceAlarm],
    "place_shelve_service_alarm": COMMANDS[c.ShelveServiceAlarm],
    "place_unshelve_service_alarm": COMMANDS[c.UnshelveServiceAlarm],
}
