"""Passwords, sessions, tokens and API keys."""

from __future__ import annotations

from dataclasses import dataclass, field

from domain.commands.base import Command
from domain.ids import KeyId, LoginId
from domain.parties.model import Role
from domain.parties.scopes import Scope
from domain.parties.tokens import Grant


@dataclass(frozen=True, kw_only=True)
class ChangePassword(Command):
    """Everyone: another password for the own account; all its other sessions and tokens end.

    Both come as they are typed; before anything is stored the desk has the one checked and the other hashed, so
    that `present` is the stored hash and `password` the new one.
    """

    present: str = field(repr=False)
    password: str = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class ResetPassword(Command):
    """An operator: a one-time password for an account of its market, hashed by the desk; its sessions and tokens
    end."""

    account: str
    password: str = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class EnterOperator(Command):
    """Server, on its machine: a sign-in for who operates one of the two markets, with a one-time password that the
    desk hashes. The participant is made where there is none; a sign-in that is there gets the new password."""

    role: Role
    name: str
    account: str
    password: str = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class EndLogin(Command):
    """Everyone: one own session, or all tokens that descend from one own grant, end."""

    login_id: LoginId


@dataclass(frozen=True, kw_only=True)
class SignOutEverywhere(Command):
    """Everyone: all own sessions and tokens end, but for the one that this comes with if `but_this`."""

    but_this: bool = False


@dataclass(frozen=True, kw_only=True)
class CreateApiKey(Command):
    """Everyone: a key for programs. `days` until it ends; `calls_per_minute` 0 for the server's own limit."""

    name: str
    scopes: tuple[Scope, ...]
    days: int = 90
    calls_per_minute: int = 0


@dataclass(frozen=True, kw_only=True)
class RotateApiKey(Command):
    """Everyone: a new secret for an own key, which lives as long again. The old one works for `overlap_hours`."""

    key_id: KeyId
    overlap_hours: int = 24


@dataclass(frozen=True, kw_only=True)
class RevokeApiKey(Command):
    """Everyone: an own key ends now. The FMO may end everybody's."""

    key_id: KeyId


@dataclass(frozen=True, kw_only=True)
class RegisterClient(Command):
    """FMO: an OAuth2 client. `account`: whom it acts as with client credentials."""

    client_id: str
    grants: tuple[Grant, ...]
    account: str | None = None


@dataclass(frozen=True, kw_only=True)
class EndClient(Command):
    """FMO: an OAuth2 client gets no tokens any more, and those it has end."""

    client_id: str
