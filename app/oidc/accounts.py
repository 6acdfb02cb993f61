"""Accounts behind the provider's people: found by issuer and subject, made at the first sign-in."""

from __future__ import annotations

import hashlib
import logging
import secrets
from collections.abc import Callable
from typing import Protocol

from app.auth import Auth, Issued
from app.oidc.errors import NotSignedInError
from app.oidc.identity import Identity
from domain.commands import Command, JoinBySingleSignOn
from domain.errors import Refused
from domain.ids import PartyId
from domain.parties import Principal, Role

_log = logging.getLogger(__name__)


class Seat(Protocol):
    """An account that somebody has joined with. `principal` is None when it may not act now."""

    @property
    def account(self) -> str: ...
    @property
    def principal(self) -> Principal | None: ...


class Subjects(Protocol):
    """The provider's people as they are stored. Every method is a transaction of its own."""

    def seat(self, issuer: str, subject: str) -> Seat | None: ...

    def role_of(self, party_id: PartyId) -> Role | None:
        """The participant's role; None when there is no such participant or it is suspended."""
        ...


class Joining:
    """Thread-safe; `execute` carries a command out as the market itself."""

    def __init__(self, execute: Callable[[Command], object], auth: Auth, subjects: Subjects) -> None:
        self._execute, self._auth, self._subjects = execute, auth, subjects

    def sign_in(self, identity: Identity, remote_ip: str, agent: str) -> Issued:
        """A login session for a person the provider vouches for.

        Raises:
            NotSignedInError: the participant does not exist, has another role, or it or the account is suspended;
                or the account is of another participant or role than the provider says now.
        """
        role = self._subjects.role_of(identity.party_id)
        if role is None or role not in identity.roles:
            raise NotSignedInError(
                "The participant that you act for does not take part here in your role, or is suspended. "
                "Ask the market operator.",
                f"{identity.party_id} is not there, is suspended, or is no {_words(identity.roles)}",
            )
        seat = self._subjects.seat(identity.issuer, identity.subject) or self._join(identity, role)
        who = seat.principal
        if who is None or (who.party_id, who.role) != (identity.party_id, role):
            raise NotSignedInError(
                "Your account here is suspended, or is of another participant or role than your provider says. "
                "Ask the market operator.",
                f"account {seat.account} does not fit {identity.party_id} as {role.value}",
            )
        try:
            return self._auth.open_session(seat.account, remote_ip, agent)
        except Refused as refused:
            raise NotSignedInError(refused.findings[0].sentence, str(refused)) from refused

    def _join(self, identity: Identity, role: Role) -> Seat:
        account = account_name(identity)
        command = JoinBySingleSignOn(
            issuer=identity.issuer,
            subject=identity.subject,
            account=account,
            party_id=identity.party_id,
            role=role,
            secret=self._auth.hashed(secrets.token_urlsafe(32)),
        )
        try:
            self._execute(command)
            _log.info("account %s joined for %s as %s", account, identity.party_id, role.value)
        except Refused as refused:
            _log.warning("account %s could not join: %s", account, refused)
        seat = self._subjects.seat(identity.issuer, identity.subject)  # also of another request that was faster
        if seat is None:
            raise NotSignedInError("You could not be given an account. Ask the market operator.", account)
        return seat


def account_name(identity: Identity) -> str:
    """The name of a new account: of its participant, and the same for the same person. What a person calls itself
    at the provider is not used: it could call itself as somebody else."""
    digest = hashlib.sha256(f"{identity.issuer}\n{identity.subject}".encode()).hexdigest()
    return f"{identity.party_id[:48]}-{digest[:12]}"


def _words(roles: frozenset[Role]) -> str:
    return " or ".join(sorted(role.value for role in roles))
