"""Authentication against the platform's identity management (InterFlex D3.5, section 3.2.1)."""

from __future__ import annotations

from typing import TypedDict, cast

from app.clients.interflex._addresses import address
from app.clients.interflex._calls import JsonObject, post_form
from app.clients.interflex._errors import InterFlexError


class AuthenticationResponse(TypedDict):
    """The answer of listing 3: `expires_in` is the access token's lifetime, s."""

    access_token: str
    token_type: str
    expires_in: int
    refresh_token: str


def authenticate(
    host: str,
    port: str | int,
    username: str,
    user_secret: str,
    client_id: str,
    client_secret: str,
    version: str = "v1",
) -> AuthenticationResponse:
    """Send an authentication request (listing 1); the server's authentication response.

    Raises:
        InterFlexError: also for wrong credentials (401). ValueError: arguments that make no call; so do all
            functions of this package.
    """
    fields = {
        "grant_type": "password",
        "username": username,
        "password": user_secret,
        "client_id": client_id,
        "client_secret": client_secret,
    }
    return _response(post_form(address(host, port, version, "authentication", "token"), fields))


def refresh(
    host: str, port: str | int, refresh_token: str, client_id: str, client_secret: str, version: str = "v1"
) -> AuthenticationResponse:
    """Refresh an access token by the latest valid refresh token, which is used up by that."""
    fields = {
        "grant_type": "refresh_token",
        "refresh_token": refresh_token,
        "client_id": client_id,
        "client_secret": client_secret,
    }
    return _response(post_form(address(host, port, version, "authentication", "refresh"), fields))


def _response(given: JsonObject) -> AuthenticationResponse:
    kinds = {"access_token": str, "token_type": str, "expires_in": int, "refresh_token": str}
    lacking = [name for name, kind in kinds.items() if not isinstance(given.get(name), kind)]
    if lacking:
        raise InterFlexError(None, "unreadable", f"The answer holds no {', '.join(lacking)}.")
    return cast(AuthenticationResponse, given)
