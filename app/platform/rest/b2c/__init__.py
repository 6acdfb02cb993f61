"""The interface for customers and their programs, under `/b2c/v1`: consents, and OAuth2 for requesters."""

from __future__ import annotations

from app.platform.rest.b2c import consents, oauth, values
from app.rest.description import API_KEY, CONSENT, bearer
from app.rest.interfaces import Interface, Part

PREFIX = "/b2c/v1"
_BY_CONSENT = {
    "type": "oauth2",
    "description": "A requester's program, with what a customer consented to; PKCE (S256) is needed.",
    "flows": {
        "authorizationCode": {
            "authorizationUrl": f"{PREFIX}/authorize",
            "tokenUrl": f"{PREFIX}/token",
            "refreshUrl": f"{PREFIX}/token",
            "scopes": {},
        }
    },
}
B2C = Interface(
    f"{PREFIX}/openapi.json",
    "FlexDesk: B2C interface of a platform",
    "For customers: who asks for what of their data, giving, refusing and revoking consent.",
    (Part(prefix=PREFIX, public=(oauth.public, oauth.tokens, values.router), known=(consents.router,)),),
    signing_in={
        "bearer": bearer("A token of `POST /own/v1/auth/token`."),
        "api_key": API_KEY,
        CONSENT: _BY_CONSENT,
    },
)
