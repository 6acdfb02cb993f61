"""Sessions, tokens, API keys and accounts."""

from __future__ import annotations

from app.queries import models as q
from domain.errors import refuse
from domain.parties import Account, ApiKey, KeyUse, Login, Principal, Role
from domain.parties.tokens import OAuthClient
from domain.ports import UnitOfWork


def list_logins(uow: UnitOfWork, principal: Principal, _query: q.ListLogins) -> tuple[Login, ...]:
    return uow.access.logins(principal.account)


def list_keys(uow: UnitOfWork, principal: Principal, query: q.ListApiKeys) -> tuple[q.KeyView, ...]:
    """Raises `Refused`: `not_permitted` for the keys of another participant."""
    party_id = query.party_id or principal.party_id
    if party_id != principal.party_id and principal.role is not Role.FMO:
        raise refuse("not_permitted", "party_id", "Only the market operator sees the keys of others.")
    keys = uow.find(ApiKey, party_id=party_id)
    uses = uow.access.uses([key.id for key in keys])
    newest = sorted(keys, key=lambda key: (key.created_at, key.id), reverse=True)
    return tuple(q.KeyView(key=key, use=uses.get(key.id, KeyUse())) for key in newest)


def list_accounts(uow: UnitOfWork, _principal: Principal, query: q.ListAccounts) -> tuple[Account, ...]:
    return uow.access.accounts(query.party_id)


def list_clients(uow: UnitOfWork, _principal: Principal, _query: q.ListClients) -> tuple[OAuthClient, ...]:
    return uow.access.clients()
