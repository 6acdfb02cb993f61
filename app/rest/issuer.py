"""Ids that the platform issues (InterFlex D3.5, finding 001): random, and signed for one entity and purpose, so
that nothing is stored until one is used, and nobody can use what was issued to another."""

from __future__ import annotations

import hashlib
import hmac
import secrets

from domain.errors import refuse

_RANDOM_BYTES = 8
_SIGNATURE_CHARS = 16


class Issuer:
    """Issues ids such as `FR-1f9c02ab77de4410-8f1d0c5b7a2e9d34` and knows its own again."""

    def __init__(self, secret: bytes) -> None:
        self._key = hmac.digest(secret, b"interflex ids", "sha256")

    def issue(self, prefix: str, entity_id: str) -> str:
        """A new id for an entity."""
        bare = f"{prefix}-{secrets.token_hex(_RANDOM_BYTES)}"
        return f"{bare}-{self._signature(bare, entity_id)}"

    def check(self, id: str, prefix: str, entity_id: str, field: str) -> None:
        """Raises `Refused`: `unknown_id` for one that was not issued to this entity for this purpose."""
        bare, _, signature = id.rpartition("-")
        known = bare.startswith(f"{prefix}-") and id.isascii()
        if not known or not hmac.compare_digest(signature, self._signature(bare, entity_id)):
            sentence = "The platform did not issue this id to you; ask it for one first."
            raise refuse("unknown_id", field, sentence)

    def _signature(self, bare: str, entity_id: str) -> str:
        made = hmac.new(self._key, f"{entity_id}\0{bare}".encode(), hashlib.sha256)
        return made.hexdigest()[:_SIGNATURE_CHARS]
