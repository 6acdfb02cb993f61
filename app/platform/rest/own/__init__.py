"""The interface of a company's own programs and people to its platform, under `/own/v1`."""

from __future__ import annotations

from app.platform.rest.own import (
    access,
    company,
    consents,
    energy_service,
    monitoring,
    pods,
    subscriptions,
    validations,
    values,
)
from app.platform.rest.trails import routers
from app.rest import keys, logins, messages
from app.rest.description import API_KEY, bearer
from app.rest.interfaces import Interface, Part

PREFIX = "/own/v1"
SIGNING_IN = {
    "bearer": bearer("A token of `POST /own/v1/auth/token`, or an API key."),
    "api_key": API_KEY,
}
_TRAIL = routers("own")
OWN = Interface(
    f"{PREFIX}/openapi.json",
    "FlexDesk: a platform's own interface",
    "For the company's own programs: its people and customers, subscriptions, deliveries and consents.",
    (
        Part(prefix="/api/v1", public=(access.refusals,)),  # where problem details of every interface lead
        Part(
            prefix=PREFIX,
            public=(
                access.public,
                _TRAIL.public,
            ),
            known=(
                logins.own,
                keys.router,
                company.router,
                subscriptions.router,
                validations.router,
                _TRAIL.known,
                monitoring.router,
                messages.OWN,
                validations.documents,
                energy_service.router,
                consents.router,
                pods.router,
                pods.bulk,
                values.router,
                values.bulk,
            ),
        ),
    ),
    signing_in=SIGNING_IN,
)
