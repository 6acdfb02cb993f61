"""Random secrets and how they are compared."""

from __future__ import annotations

import hashlib
import secrets


def new_token() -> str:
    """256 random bits as text."""
    return secrets.token_urlsafe(32)


def sha256(token: str) -> str:
    """How tokens are stored: of 256 random bits nobody guesses one by its hash."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
