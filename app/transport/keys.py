"""Keys with which systems sign in at each other's, and how they follow each other.

Whoever presents a key makes the next one and shows it with the present one (`/apikey`). The other side takes it
and lets the present one work on for as long as messages are tried, so that a lost answer locks nobody out: the
same key is shown again, and an answer that came late is no matter.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace
from datetime import timedelta

from app.transport.sending import REFRESH_EVERY
from domain.commands import PrepareKey, ReportKey, TakeKey
from domain.errors import refuse
from domain.events import ApiKeyIssued
from domain.parties import ApiKey, Principal
from domain.parties.access import KEY_PREFIX, new_key_secret
from domain.ports import UnitOfWork
from domain.transport import LONGEST_TRYING, Correspondent

OVERLAP = LONGEST_TRYING
"""For how long the key of before works on."""
REFRESH_AGAIN = timedelta(hours=1)
"""When our next key was not taken."""
LEAST_CHARS, MOST_CHARS = 40, 200
_KEY = re.compile(rf"{KEY_PREFIX}[A-Za-z0-9_-]{{{LEAST_CHARS},{MOST_CHARS}}}")


def take_key(uow: UnitOfWork, principal: Principal, command: TakeKey) -> ApiKey:
    """The secret opens what the key opens from now on; the same secret again changes nothing.

    Raises:
        Refused: `malformed` for what cannot be a key, `not_found` for no key of the caller's that lives,
            `duplicate` for a secret that is another key's.
    """
    _check(command.secret)
    found = uow.find(ApiKey, id=command.key_id, party_id=principal.party_id)
    if not found or not found[0].lives(uow.wall):
        raise refuse("not_found", "key_id", "There is no such key of yours.")
    key, sha256 = found[0], hashlib.sha256(command.secret.encode()).hexdigest()
    owner = uow.access.key_of(sha256)
    if owner == key.id:
        return key
    if owner is not None:
        raise refuse("duplicate", "key", "Make another key.")
    uow.sign_ins.let_end(key.id, issued_at=key.issued_at, at=uow.wall + OVERLAP)
    uow.save(replace(key, issued_at=uow.wall, expires_at=uow.wall + (key.expires_at - key.issued_at)))
    changed = uow.get(ApiKey, key.id)
    uow.sign_ins.keep_secret(key.id, sha256, issued_at=changed.issued_at, ends_at=changed.expires_at)
    uow.record(ApiKeyIssued(key_id=key.id, party_id=key.party_id))
    return changed


def _check(secret: str) -> None:
    if _KEY.fullmatch(secret) is None:
        sentence = f"A key is {KEY_PREFIX} and {LEAST_CHARS} to {MOST_CHARS} random letters, digits, - or _."
        raise refuse("malformed", "key", sentence)


def prepare_key(uow: UnitOfWork, _principal: Principal, command: PrepareKey) -> Correspondent:
    """The correspondent with our next key, made unless there is one that may have been shown already."""
    there = uow.get(Correspondent, command.party_id)
    if there.sealed_key and not there.sealed_next:
        following = new_key_secret()
        for same in _at_the_same_door(uow, there):
            uow.save(replace(same, sealed_next=uow.vault.seal(following, same.id)))
    return uow.get(Correspondent, there.id)


def report_key(uow: UnitOfWork, _principal: Principal, command: ReportKey) -> None:
    """The next key becomes the present one, or it is shown again later."""
    there = uow.get(Correspondent, command.party_id)
    if not there.sealed_key:
        uow.save(replace(there, refresh_at=uow.wall + REFRESH_EVERY))
        return
    for same in _at_the_same_door(uow, there):
        if not command.taken:
            uow.save(replace(same, refresh_at=uow.wall + REFRESH_AGAIN))
        elif same.sealed_next:
            sealed = same.sealed_next
            uow.save(replace(same, sealed_key=sealed, sealed_next="", refresh_at=uow.wall + REFRESH_EVERY))


def _at_the_same_door(uow: UnitOfWork, there: Correspondent) -> list[Correspondent]:
    """All registrations of a company may be at one platform, and one key of ours opens there for all of them."""
    present = uow.vault.open(there.sealed_key, there.id)
    others = (same for same in uow.find(Correspondent, url=there.url) if same.sealed_key)
    return [same for same in others if uow.vault.open(same.sealed_key, same.id) == present]
