"""The interface to platforms of other players, under `/b2b/v1`; they call with keys that they got when they were
introduced."""

from __future__ import annotations

from app.platform.rest.b2b import consents, energy_service, introductions, subscriptions, validations, values
from app.platform.rest.trails import routers
from app.rest.description import API_KEY, bearer
from app.rest.interfaces import Interface, Part

PREFIX = "/b2b/v1"
_TRAIL = routers("b2b")
B2B = Interface(
    f"{PREFIX}/openapi.json",
    "FlexDesk: B2B interface of a platform",
    "For platforms of other players: activation of services, data, technical validation.",
    (
        Part(
            prefix=PREFIX,
            public=(
                introductions.public,
                _TRAIL.public,
            ),
            known=(
                subscriptions.router,
                validations.router,
                _TRAIL.known,
                energy_service.router,
                consents.router,
                values.router,
            ),
        ),
    ),
    signing_in={"bearer": bearer("The key that `POST /b2b/v1/introductions` gave."), "api_key": API_KEY},
)
