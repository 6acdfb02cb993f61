"""What can be asked of the EU Market Place, and by what it is answered."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from app.queries import messages
from app.queries.market_place import agreements, catalogue, enrolment, localisation, monitoring, requests, trail
from app.queries.models import place as q
from app.queries.models.base import Query
from app.queries.models.messages import ListMessages

HANDLERS: Mapping[type[Query[Any]], Callable[..., Any]] = {
    ListMessages: messages.list_messages,
    q.GetPlacePage: enrolment.get_page,
    q.ListPlaceTrail: trail.list_trail,
    q.ListServiceStatus: monitoring.list_status,
    q.GetServiceHistory: monitoring.get_history,
    q.ListServiceAlarms: monitoring.list_alarms,
    q.ExportPlaceTrail: trail.export_trail,
    q.ListCompanies: enrolment.list_companies,
    q.GetOwnCompany: enrolment.get_own_company,
    q.ListRegistrations: enrolment.list_registrations,
    q.GetServedArea: enrolment.get_served_area,
    q.LocateProviders: localisation.locate,
    q.SearchServices: catalogue.search,
    q.GetServiceOffer: catalogue.get,
    q.CompareServices: catalogue.compare,
    q.ListServiceRequests: requests.list_requests,
    q.GetServiceRequest: requests.get_request,
    q.ListMatches: requests.list_matches,
    q.ListProposals: requests.list_proposals,
    q.ListSubscriptions: requests.list_subscriptions,
    q.GetAgreement: agreements.get,
    q.GetAgreementFile: agreements.get_file,
}
