"""Single sign-on by OpenID Connect (authorization code with PKCE). See `SingleSignOn`."""

from app.oidc.accounts import Joining, Seat, Subjects
from app.oidc.configuration import Configuration, configured
from app.oidc.errors import NotSignedInError
from app.oidc.service import Begun, Finished, SingleSignOn

__all__ = [
    "Begun",
    "Configuration",
    "Finished",
    "Joining",
    "NotSignedInError",
    "Seat",
    "SingleSignOn",
    "Subjects",
    "configured",
]
