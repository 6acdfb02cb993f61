"""Sign-in: accounts, login sessions and bearer tokens. See `Auth`."""

from app.auth.service import Auth, Issued, Policy
from app.auth.storage import Storage
from app.auth.throttle import Limit, Throttle, Throttled

__all__ = ["Auth", "Issued", "Limit", "Policy", "Storage", "Throttle", "Throttled"]
