"""Sign-in: accounts, login sessions, tokens, OAuth2 grants and API keys. See `Auth`."""

from app.auth.grants import Tokens
from app.auth.secret import new_token, sha256
from app.auth.service import Auth, Issued, KeyCaller, Policy
from app.auth.storage import Storage
from app.auth.throttle import Limit, Throttle, Throttled
from domain.parties.tokens import Grant

__all__ = [
    "Auth",
    "Grant",
    "Issued",
    "KeyCaller",
    "Limit",
    "Policy",
    "Storage",
    "Throttle",
    "Throttled",
    "Tokens",
    "new_token",
    "sha256",
]
