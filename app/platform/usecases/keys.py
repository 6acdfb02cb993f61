"""Keys that a platform gives to other systems: the market place and peers. People make their own."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

from domain.events import ApiKeyIssued
from domain.ids import KeyId, PartyId, new_id
from domain.parties import ApiKey, IssuedKey, Party
from domain.parties.access import SCOPES_OF_ROLE, new_key_secret
from domain.ports import UnitOfWork


def issued(uow: UnitOfWork, party_id: PartyId, name: str, life: timedelta) -> IssuedKey:
    """A key of a participant that is a system, with its secret; it opens what its role may do, and no more."""
    key = ApiKey(
        id=KeyId(new_id("AK")),
        party_id=party_id,
        account=party_id,
        name=name,
        scopes=SCOPES_OF_ROLE[uow.get(Party, party_id).role],
        created_at=uow.wall,
        issued_at=uow.wall,
        expires_at=uow.wall + life,
    )
    uow.add(key)
    secret = new_key_secret()
    digest = hashlib.sha256(secret.encode()).hexdigest()
    uow.sign_ins.keep_secret(key.id, digest, issued_at=key.issued_at, ends_at=key.expires_at)
    uow.record(ApiKeyIssued(key_id=key.id, party_id=party_id))
    return IssuedKey(key=key, secret=secret)


def no_password() -> str:
    """In place of a password's hash, for an account that only keys act as: nothing fits it."""
    return f"!{secrets.token_hex(8)}"
