"""Passwords, sessions, tokens and API keys of participants (FLEXGRID 004, section 4.2.2)."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import replace
from datetime import timedelta

from domain.commands import (
    ChangePassword,
    CreateApiKey,
    EndClient,
    EndLogin,
    RegisterClient,
    ResetPassword,
    RevokeApiKey,
    RotateApiKey,
    SignOutEverywhere,
)
from domain.errors import Finding, raise_if, refuse
from domain.events import ApiKeyIssued, ApiKeyRevoked, LoginsEnded, PasswordChanged, PasswordReset
from domain.ids import KeyId, PartyId, new_id
from domain.parties import ApiKey, IssuedKey, Party, Principal, Role, account_findings, governs
from domain.parties.access import LONGEST_OVERLAP, MOST_KEYS, SCOPES_OF_ROLE, key_findings, new_key_secret
from domain.parties.tokens import Grant, IssuedClient, OAuthClient
from domain.ports import UnitOfWork

ONE_TIME = timedelta(hours=72)
"""How long a one-time password waits to be used."""


def change_password(uow: UnitOfWork, principal: Principal, command: ChangePassword) -> None:
    """The account's other sessions and tokens end. Raises `Refused`: `wrong_credentials` when the present password
    was changed in the meantime."""
    hashed_or_fail(command.password)
    if not uow.sign_ins.change(principal.account, command.present, command.password):
        raise refuse("wrong_credentials", "present", "The present password does not fit.")
    uow.sign_ins.end_logins_of(principal.account, but=principal.login)
    uow.record(PasswordChanged(party_id=principal.party_id, account=principal.account))


def reset_password(uow: UnitOfWork, principal: Principal, command: ResetPassword) -> None:
    """The account can sign in once within `ONE_TIME`, to choose another password. Its sessions and tokens end; its
    API keys stay.

    Raises:
        Refused: `not_found`, also for accounts of the other market; `not_permitted` for those of market operators,
            who change their own.
    """
    hashed_or_fail(command.password)
    party_id = _governed(uow, principal, command.account)
    if party_id is None:
        raise refuse("not_found", "account", "There is no such account.")
    if uow.get(Party, party_id).role is Role.FMO:
        raise refuse("not_permitted", "account", "A market operator's password is changed by itself only.")
    uow.sign_ins.reset(command.account, command.password, uow.wall + ONE_TIME)
    uow.sign_ins.end_logins_of(command.account)
    uow.record(PasswordReset(party_id=party_id, account=command.account))


def _governed(uow: UnitOfWork, principal: Principal, account: str) -> PartyId | None:
    """Whose account it is; None for none on which the operator decides."""
    party_id = uow.access.party_of(account)
    if party_id is None or not governs(principal.role, uow.get(Party, party_id).role):
        return None
    return party_id


def hashed_or_fail(password: str) -> None:
    """Fails closed: what nobody has hashed on the way here is a fault of the program, and is not stored."""
    if not password.startswith("$argon2"):
        raise RuntimeError("a password came here as it was typed")


def end_login(uow: UnitOfWork, principal: Principal, command: EndLogin) -> None:
    """Raises `Refused`: `not_found`."""
    if not uow.sign_ins.end_login(principal.account, command.login_id):
        raise refuse("not_found", "login_id", "There is no such session or token of yours.")
    uow.record(LoginsEnded(party_id=principal.party_id, account=principal.account))


def sign_out_everywhere(uow: UnitOfWork, principal: Principal, command: SignOutEverywhere) -> None:
    but = principal.login if command.but_this else None
    uow.sign_ins.end_logins_of(principal.account, but=but)
    uow.record(LoginsEnded(party_id=principal.party_id, account=principal.account))


def create_key(uow: UnitOfWork, principal: Principal, command: CreateApiKey) -> IssuedKey:
    """A key that acts as the principal's account, with its secret.

    Raises:
        Refused: all findings on name, scopes, days and limit; `out_of_range` when there are too many keys.
    """
    found = key_findings(
        command.name, command.scopes, SCOPES_OF_ROLE[principal.role], command.days, command.calls_per_minute
    )
    if sum(key.lives(uow.wall) for key in uow.find(ApiKey, party_id=principal.party_id)) >= MOST_KEYS:
        sentence = f"At most {MOST_KEYS} keys at once; revoke one first."
        found.append(Finding(code="out_of_range", field="name", sentence=sentence))
    raise_if(found)
    key = ApiKey(
        id=KeyId(new_id("AK")),
        party_id=principal.party_id,
        account=principal.account,
        name=command.name.strip(),
        scopes=command.scopes,
        created_at=uow.wall,
        issued_at=uow.wall,
        expires_at=uow.wall + timedelta(days=command.days),
        calls_per_minute=command.calls_per_minute,
    )
    uow.add(key)
    return _issued(uow, key)


def rotate_key(uow: UnitOfWork, principal: Principal, command: RotateApiKey) -> IssuedKey:
    """A new secret. The old one works on for the overlap, older ones end now. The key lives as long again.

    Raises:
        Refused: `not_found`, `wrong_state` for a key that has ended, `out_of_range`.
    """
    key = _living(uow, command.key_id, principal.party_id)
    if not 0 <= command.overlap_hours <= LONGEST_OVERLAP // timedelta(hours=1):
        sentence = f"The old secret can work for 0 to {LONGEST_OVERLAP // timedelta(hours=1)} hours more."
        raise refuse("out_of_range", "overlap_hours", sentence)
    uow.sign_ins.let_end(key.id, issued_at=key.issued_at, at=uow.wall + timedelta(hours=command.overlap_hours))
    lifetime = key.expires_at - key.issued_at
    uow.save(replace(key, issued_at=uow.wall, expires_at=uow.wall + lifetime))
    return _issued(uow, uow.get(ApiKey, key.id))


def _issued(uow: UnitOfWork, key: ApiKey) -> IssuedKey:
    secret = new_key_secret()
    uow.sign_ins.keep_secret(
        key.id, hashlib.sha256(secret.encode()).hexdigest(), issued_at=key.issued_at, ends_at=key.expires_at
    )
    uow.record(ApiKeyIssued(key_id=key.id, party_id=key.party_id))
    return IssuedKey(key=key, secret=secret)


def revoke_key(uow: UnitOfWork, principal: Principal, command: RevokeApiKey) -> ApiKey:
    """Raises `Refused`: `not_found`, `wrong_state` for a key that has ended."""
    found = uow.find(ApiKey, id=command.key_id)
    governed = bool(found) and governs(principal.role, uow.get(Party, found[0].party_id).role)
    return _revoked(uow, _living(uow, command.key_id, None if governed else principal.party_id))


def revoke_keys_of(uow: UnitOfWork, party_id: PartyId) -> None:
    """All keys of a participant end now, for whoever is shut out or gets another role."""
    for key in uow.find(ApiKey, party_id=party_id, revoked_at=None):
        _revoked(uow, key)


def _revoked(uow: UnitOfWork, key: ApiKey) -> ApiKey:
    uow.save(replace(key, revoked_at=uow.wall))
    uow.sign_ins.forget_secrets(key.id)
    uow.record(ApiKeyRevoked(key_id=key.id, party_id=key.party_id))
    return uow.get(ApiKey, key.id)


def _living(uow: UnitOfWork, key_id: KeyId, owner: PartyId | None) -> ApiKey:
    """A key that has not ended, of `owner` unless that is None."""
    own = {} if owner is None else {"party_id": owner}
    found = uow.find(ApiKey, id=key_id, **own)
    if not found:
        raise refuse("not_found", "key_id", "There is no such key of yours.")
    if not found[0].lives(uow.wall):
        raise refuse("wrong_state", "key_id", "The key has ended already.")
    return found[0]


def register_client(uow: UnitOfWork, principal: Principal, command: RegisterClient) -> IssuedClient:
    """An OAuth2 client with a random secret.

    Raises:
        Refused: findings on name, grants and account; `duplicate` for a taken name.
    """
    found = [replace(finding, field="client_id") for finding in account_findings(command.client_id)]
    if not command.grants:
        found.append(Finding(code="missing", field="grants", sentence="Choose how it may get tokens."))
    if (Grant.CLIENT in command.grants) != (command.account is not None):
        sentence = "Give an account to a client with client credentials, and to no other."
        found.append(Finding(code="missing", field="account", sentence=sentence))
    elif command.account is not None and _governed(uow, principal, command.account) is None:
        found.append(Finding(code="not_found", field="account", sentence="There is no such account."))
    raise_if(found)
    client = OAuthClient(
        id=command.client_id, grants=tuple(sorted(set(command.grants))), account=command.account, active=True
    )
    secret = secrets.token_urlsafe(32)
    uow.sign_ins.add_client(client, hashlib.sha256(secret.encode()).hexdigest())
    return IssuedClient(client=client, secret=secret)


def end_client(uow: UnitOfWork, _principal: Principal, command: EndClient) -> None:
    """Raises `Refused`: `not_found` for none that is active."""
    if not uow.sign_ins.end_client(command.client_id):
        raise refuse("not_found", "client_id", "There is no such active client.")
